// Owns nothing but the door: one object on the window, made of the port to the engine and the few things that only a desktop can do.

import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { DesktopBridge } from '../../src/contract/desktop-bridge.ts';
import type {
  DesktopAnswers,
  DesktopArguments,
  DesktopChannel,
  EnginePortChannel,
  PageChannel,
} from '../../src/contract/desktop-ipc.ts';
import { createEngineLink } from './engine-link.ts';

const enginePort: EnginePortChannel = 'engine:port';
const pageTold: PageChannel = 'page:told';
const link = createEngineLink();

function ask<Channel extends DesktopChannel>(
  channel: Channel,
  ...args: DesktopArguments<Channel>
): Promise<DesktopAnswers[Channel]> {
  return ipcRenderer.invoke(channel, ...args);
}

function pathForFile(file: unknown): string {
  try {
    return webUtils.getPathForFile(file as File);
  } catch {
    // Electron itself looks whether it is a file; what is none has no path.
    return '';
  }
}

const bridge: DesktopBridge = {
  call: (name, params) => link.call(name, params),
  subscribe: (listener) => link.subscribe(listener),
  pathForFile,
  openFiles: () => ask('dialog:open-files'),
  openFolder: () => ask('dialog:open-folder'),
  reveal: (path) => {
    // A path that main refuses shows nothing; the page has no use for the reason.
    ask('file:reveal', path).catch(() => undefined);
  },
  secretsKept: () => ask('secrets:kept'),
  onTold(listener) {
    const hear = (_event: unknown, told: unknown): void => listener(told);
    ipcRenderer.on(pageTold, hear);
    return () => {
      ipcRenderer.off(pageTold, hear);
    };
  },
  platform: process.platform,
};

ipcRenderer.on(enginePort, ({ ports: [port] }) => {
  if (port !== undefined) link.attach(port);
});
contextBridge.exposeInMainWorld('bulkTranscribe', bridge);
// Main refuses only foreign frames, and those get no engine.
ask('engine:connect').catch(() => undefined);
