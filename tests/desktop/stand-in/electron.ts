// The module `electron` as the app's main process finds it in the stand-in. What has no page or process behind it is written down, so that a
// test can read what the system would have been asked for; what a person would answer is answered by the test.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserWindowConstructorOptions, MenuItemConstructorOptions, WebContents } from 'electron';
import { type Chromium, startChromium } from './browser.ts';
import { lockInstance } from './instance-lock.ts';
import { type InvokeHandler, type SchemeHandler, StandInWindow, type WindowWorld } from './window.ts';

// biome-ignore lint/performance/noBarrelFile: a module with other names in it is what `electron` is
export { utilityProcess } from './engine-process.ts';
export { MessageChannelMain } from './ports.ts';

const userData = process.env['STAND_IN_USER_DATA'] ?? '';
mkdirSync(userData, { recursive: true });

/** What the system was asked for, for the test to read. */
export const seen = {
  boxes: [] as Record<string, unknown>[],
  errors: [] as string[][],
  notifications: [] as { title?: string; body?: string }[],
  recent: [] as string[],
  revealed: [] as string[],
  external: [] as string[],
  badge: 0,
  blockers: 0,
  tray: [] as string[],
  sandboxed: false,
  privileged: [] as string[],
  sessionHandlers: [] as string[],
};

/** What the person will answer: to questions, and to the dialogs for files. Without an answer the first button and nothing. */
export const answers = { boxes: [] as number[], paths: [] as string[][] };

/** The tray's menu and the app's, for the test to choose from. */
export const menus: { app: MenuItemConstructorOptions[]; tray: MenuItemConstructorOptions[] } = { app: [], tray: [] };

const ready = Promise.withResolvers<void>();
// As in Electron, the app is ready only after its main module has run.
setTimeout(ready.resolve, 0);

class App extends EventEmitter {
  readonly isPackaged = false;
  getPath(name: string): string {
    return join(userData, name === 'userData' ? '' : name);
  }
  enableSandbox(): void {
    seen.sandboxed = true;
  }
  requestSingleInstanceLock(data: unknown): boolean {
    return lockInstance(join(userData, 'lock'), data, (sent) =>
      this.emit('second-instance', {}, [], process.cwd(), sent),
    );
  }
  whenReady(): Promise<void> {
    return ready.promise;
  }
  setAsDefaultProtocolClient(): boolean {
    return true;
  }
  addRecentDocument(path: string): void {
    seen.recent.push(path);
  }
  setBadgeCount(count: number): boolean {
    seen.badge = count;
    return true;
  }
  quit(): void {
    let prevented = false;
    this.emit('before-quit', { preventDefault: () => (prevented = true) });
    if (!prevented) void this.#end();
  }
  async #end(): Promise<void> {
    await Promise.all([...world.windows].map((window) => window.close()));
    if (running !== null) await (await running).close();
    process.exit(0);
  }
}
export const app = new App();

let running: Promise<Chromium> | null = null;
const chromium = (): Promise<Chromium> => (running ??= startChromium(userData));
const schemes = new Map<string, SchemeHandler>();
const invokes = new Map<string, InvokeHandler>();
export const world: WindowWorld = {
  chromium,
  schemes,
  invokes,
  created: (contents: WebContents) => app.emit('web-contents-created', {}, contents),
  paths: new Map(),
  windows: new Set(),
};

export class BrowserWindow extends StandInWindow {
  constructor(options: BrowserWindowConstructorOptions) {
    super(world, options);
    this.once('closed', () => {
      if (world.windows.size === 0) app.emit('window-all-closed');
    });
  }
}

export const protocol = {
  registerSchemesAsPrivileged: (all: readonly { scheme: string }[]) =>
    seen.privileged.push(...all.map(({ scheme }) => scheme)),
  handle: (scheme: string, handler: SchemeHandler) => schemes.set(scheme, handler),
};
export const ipcMain = { handle: (channel: string, handler: InvokeHandler) => invokes.set(channel, handler) };

export const dialog = {
  async showMessageBox(...args: unknown[]): Promise<{ response: number }> {
    seen.boxes.push(args.at(-1) as Record<string, unknown>);
    return { response: answers.boxes.shift() ?? 0 };
  },
  showErrorBox: (title: string, content: string) => seen.errors.push([title, content]),
  showOpenDialog: async () => ({ canceled: false, filePaths: answers.paths.shift() ?? [] }),
  showSaveDialog: async () => ({ canceled: false, filePath: answers.paths.shift()?.[0] ?? '' }),
};
export const shell = {
  openExternal: async (address: string) => void seen.external.push(address),
  showItemInFolder: (path: string) => void seen.revealed.push(path),
};
export class Notification extends EventEmitter {
  static isSupported = (): boolean => true;
  readonly #options: { title?: string; body?: string };
  constructor(options: { title?: string; body?: string }) {
    super();
    this.#options = options;
  }
  show(): void {
    seen.notifications.push(this.#options);
  }
}
export const powerSaveBlocker = {
  start: () => ++seen.blockers,
  stop: () => void --seen.blockers,
};
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] };
export const session = {
  defaultSession: new Proxy({}, { get: (_, name) => () => void seen.sessionHandlers.push(String(name)) }),
};
export const nativeImage = {
  createFromPath(path: string) {
    const empty = !existsSync(path);
    return { isEmpty: () => empty };
  },
};
export const Menu = {
  buildFromTemplate: (template: MenuItemConstructorOptions[]) => template,
  setApplicationMenu: (template: MenuItemConstructorOptions[]) => {
    menus.app = template;
  },
};
export class Tray extends EventEmitter {
  constructor(image: { isEmpty(): boolean }) {
    super();
    if (image.isEmpty()) throw new Error('The tray has no picture.');
  }
  setToolTip(text: string): void {
    seen.tray.push(text);
  }
  setContextMenu(template: MenuItemConstructorOptions[]): void {
    menus.tray = template;
  }
}

/** Stands for the system's keyring: a key of its own beside the app's files, encryption that is real. */
const keyPath = join(userData, 'keyring');
if (!existsSync(keyPath)) writeFileSync(keyPath, randomBytes(32), { mode: 0o600 });
const key = readFileSync(keyPath);
export const safeStorage = {
  isAsyncEncryptionAvailable: async () => true,
  getSelectedStorageBackend: () => process.env['STAND_IN_KEYRING'] ?? 'gnome_libsecret',
  async encryptStringAsync(text: string): Promise<Buffer> {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  },
  async decryptStringAsync(bytes: Buffer): Promise<{ result: string; shouldReEncrypt: boolean }> {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(-16));
    const text = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
    return { result: text, shouldReEncrypt: false };
  },
};
