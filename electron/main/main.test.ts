import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';

const userData = mkdtempSync(join(tmpdir(), 'user-data-'));
afterAll(() => rmSync(userData, { recursive: true }));

/** Electron's API at the edge of main.ts, writing down what it is asked for, in order. */
function standInElectron({ first = true } = {}) {
  const asked: string[] = [];
  const note = <Result>(what: string, result?: Result) =>
    vi.fn((..._args: unknown[]) => {
      asked.push(what);
      return result;
    });
  const becomesReady = Promise.withResolvers<void>();
  const handlers = new Map<string, (event: unknown, ...args: unknown[]) => Promise<unknown>>();

  class Child extends EventEmitter {
    readonly postMessage = vi.fn();
    readonly kill = vi.fn(() => true);
  }
  const children: Child[] = [];
  const windows: Window[] = [];
  class Window extends EventEmitter {
    readonly webContents = Object.assign(new EventEmitter(), { reload: vi.fn(), send: vi.fn() });
    readonly setProgressBar = vi.fn();
    readonly isMaximized = () => false;
    readonly loadURL = note('load page', Promise.resolve());
    readonly show = vi.fn();
    readonly focus = vi.fn();
    readonly isMinimized = () => false;
    readonly isFocused = () => false;
    readonly getNormalBounds = () => ({ x: 0, y: 0, width: 900, height: 700 });
    constructor() {
      super();
      windows.push(this);
    }
  }
  class Port extends EventEmitter {
    readonly postMessage = vi.fn();
    readonly start = vi.fn();
    readonly close = vi.fn();
  }
  const app = Object.assign(new EventEmitter(), {
    isPackaged: true,
    getPath: () => userData,
    enableSandbox: note('sandbox'),
    requestSingleInstanceLock: note('lock', first),
    setAsDefaultProtocolClient: vi.fn(),
    addRecentDocument: vi.fn(),
    setBadgeCount: vi.fn(),
    whenReady: () => becomesReady.promise,
    quit: note('quit'),
  });
  const electron = {
    app,
    BrowserWindow: Window,
    dialog: {
      showErrorBox: vi.fn(),
      showOpenDialog: vi.fn(async () => ({ filePaths: ['/a'] })),
      showMessageBox: vi.fn(async () => ({ response: 0 })),
    },
    ipcMain: {
      handle: (channel: string, handler: (event: unknown) => Promise<unknown>) => void handlers.set(channel, handler),
    },
    Menu: { buildFromTemplate: vi.fn(), setApplicationMenu: note('menu') },
    MessageChannelMain: class {
      readonly port1 = new Port();
      readonly port2 = new Port();
    },
    Notification: class {},
    nativeImage: { createFromPath: vi.fn() },
    Tray: class extends EventEmitter {
      readonly setToolTip = vi.fn();
      readonly setContextMenu = vi.fn();
    },
    powerSaveBlocker: { start: vi.fn(() => 1), stop: vi.fn() },
    protocol: { registerSchemesAsPrivileged: note('scheme'), handle: note('protocol') },
    safeStorage: { isAsyncEncryptionAvailable: async () => false, getSelectedStorageBackend: () => 'basic_text' },
    screen: { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] },
    session: {
      defaultSession: {
        setPermissionRequestHandler: note('permissions'),
        setPermissionCheckHandler: vi.fn(),
        setDevicePermissionHandler: vi.fn(),
        setDisplayMediaRequestHandler: vi.fn(),
      },
    },
    shell: { openExternal: vi.fn(), showItemInFolder: vi.fn() },
    utilityProcess: {
      fork: vi.fn((..._args: unknown[]) => {
        asked.push('engine');
        const child = new Child();
        children.push(child);
        return child;
      }),
    },
  };
  return { electron, app, asked, windows, children, handlers, becomesReady };
}

async function start({ first = true, args = [] }: { first?: boolean; args?: string[] } = {}) {
  const standIn = standInElectron({ first });
  vi.doMock('electron', () => standIn.electron);
  // The packaged app has it; Node has not.
  Object.defineProperty(process, 'resourcesPath', { value: '/app/resources', configurable: true });
  process.argv = ['/app/bulk-transcribe', ...args];
  await import('./main.ts');
  const getReady = async (): Promise<void> => {
    standIn.becomesReady.resolve();
    await vi.waitFor(() => expect(standIn.windows).toHaveLength(1));
  };
  return { ...standIn, getReady };
}

const { argv } = process;
afterAll(() => {
  process.argv = argv;
});
beforeEach(() => vi.resetModules());

const frame = () => ({ origin: 'app://bulk-transcribe', parent: null, detached: false, postMessage: vi.fn() });

describe('the app', () => {
  it('does what must come before it is ready first, then the rest, the page last', async () => {
    const { asked, getReady, handlers, electron } = await start();
    expect(asked).toEqual(['scheme', 'sandbox', 'lock']);
    await getReady();
    expect(asked.slice(3)).toEqual(['permissions', 'protocol', 'engine', 'load page', 'menu']);
    expect([...handlers.keys()].toSorted()).toEqual([
      'dialog:open-files',
      'dialog:open-folder',
      'engine:connect',
      'file:reveal',
      'secrets:kept',
    ]);
    const [template] = electron.Menu.buildFromTemplate.mock.calls.at(-1) ?? [];
    expect(JSON.stringify(template)).not.toContain('toggleDevTools');
  });

  it('gives the page a port to the engine, and a fresh one when the engine was started anew', async () => {
    const { getReady, handlers, children, electron } = await start();
    await getReady();
    const page = frame();
    expect(await handlers.get('engine:connect')?.({ senderFrame: page })).toBeUndefined();
    expect(page.postMessage).not.toHaveBeenCalled();
    await vi.waitFor(() =>
      expect(children[0]?.postMessage).toHaveBeenCalledWith({
        type: 'start',
        resourcesDir: '/app/resources',
        secrets: {},
      }),
    );
    children[0]?.emit('message', { type: 'started', port: 8476, logDir: '/logs' });
    expect(page.postMessage).toHaveBeenCalledExactlyOnceWith('engine:port', null, [expect.anything()]);
    // One for the page, one for main itself.
    expect(children[0]?.postMessage.mock.calls.filter(([message]) => message.type === 'connect')).toHaveLength(2);

    const reloaded = frame();
    await handlers.get('engine:connect')?.({ senderFrame: reloaded });
    expect(reloaded.postMessage).toHaveBeenCalledOnce();
    vi.useFakeTimers();
    try {
      children[0]?.emit('exit', 1);
      vi.advanceTimersByTime(1_000);
    } finally {
      vi.useRealTimers();
    }
    expect(electron.utilityProcess.fork).toHaveBeenCalledTimes(2);
    children[1]?.emit('message', { type: 'started', port: 8476, logDir: '/logs' });
    expect([page.postMessage.mock.calls.length, reloaded.postMessage.mock.calls.length]).toEqual([1, 2]);
  });

  it('whose page is gone closes the port that nobody takes', async () => {
    const { getReady, handlers, children } = await start();
    await getReady();
    const gone = frame();
    let port: { close: ReturnType<typeof vi.fn> } | undefined;
    gone.postMessage.mockImplementation((_channel, _message, [given]) => {
      port = given;
      throw new Error('Render frame was disposed');
    });
    await handlers.get('engine:connect')?.({ senderFrame: gone });
    children[0]?.emit('message', { type: 'started', port: 8476, logDir: '/logs' });
    expect(port?.close).toHaveBeenCalledOnce();
  });

  it('quits after the engine has stopped, and not before', async () => {
    const { app, asked, getReady, children } = await start();
    await getReady();
    const event = { preventDefault: vi.fn() };
    app.emit('before-quit', event);
    app.emit('before-quit', event);
    expect(event.preventDefault).toHaveBeenCalledTimes(2);
    expect(children[0]?.postMessage.mock.calls.filter(([message]) => message.type === 'close')).toHaveLength(1);
    expect(asked).not.toContain('quit');
    children[0]?.emit('exit', 0);
    await vi.waitFor(() => expect(asked).toContain('quit'));
    app.emit('before-quit', event);
    expect(event.preventDefault).toHaveBeenCalledTimes(2);
  });

  it('says why the engine cannot start, and ends', async () => {
    const { asked, electron, getReady, children } = await start();
    await getReady();
    children[0]?.emit('message', { type: 'failed', error: { code: 'ENGINE_RUNNING', message: '' } });
    expect(electron.dialog.showErrorBox).toHaveBeenCalledWith(
      'Bulk Transcribe cannot start',
      expect.stringContaining('choose another data directory'),
    );
    children[0]?.emit('exit', 1);
    await vi.waitFor(() => expect(asked).toContain('quit'));
  });

  it('that is already running is shown, and the second one ends', async () => {
    const second = await start({ first: false });
    expect(second.asked).toEqual(['scheme', 'sandbox', 'lock', 'quit']);
    vi.resetModules();
    const { app, windows, getReady } = await start();
    app.emit('second-instance', {}, [], '/', { argv: [], cwd: '/' });
    expect(windows).toEqual([]);
    await getReady();
    app.emit('second-instance', {}, [], '/', { argv: [], cwd: '/' });
    await vi.waitFor(() => expect(windows[0]?.focus).toHaveBeenCalled());
    expect(windows).toHaveLength(1);
  });

  it('without windows lives on where that is the custom', async () => {
    const { app, asked, getReady } = await start();
    await getReady();
    app.emit('window-all-closed');
    expect(asked.includes('quit')).toBe(process.platform !== 'darwin');
  });
});
