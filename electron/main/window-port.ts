// Owns that the page has the engine's port: the frame that asked last gets one now and a fresh one after every restart.

import type { MessagePortMain, WebFrameMain } from 'electron';
import { ENGINE_PORT_CHANNEL } from '../../src/contract/desktop-ipc.ts';
import type { EngineProcess } from './engine-process.ts';

/** @returns what answers `engine:connect`. A page that was loaded anew takes the place of the one before it. */
export function setupWindowPort(engine: Pick<EngineProcess, 'connect'>): (frame: WebFrameMain) => void {
  let forget: () => void = () => undefined;
  return (frame) => {
    forget();
    forget = engine.connect((port) => send(frame, port));
  };
}

function send(frame: WebFrameMain, port: MessagePortMain): void {
  try {
    frame.postMessage(ENGINE_PORT_CHANNEL, null, [port]);
  } catch {
    // The page is gone, and Electron throws for frames that were disposed of. The engine sees its port close.
    port.close();
  }
}
