import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { setupWindow, windowOptions } from './window.ts';
import { readBounds, saveBounds } from './window-bounds.ts';

const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }];
let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'window-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('the window', () => {
  it('is locked down, each point said outright', () => {
    const options = windowOptions({ preloadPath: '/preload.cjs', packaged: true }, { width: 1, height: 1 });
    expect(options.show).toBe(false);
    expect(options.webPreferences).toEqual({
      preload: '/preload.cjs',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: false,
    });
    expect(
      windowOptions({ preloadPath: '/p', packaged: false }, { width: 1, height: 1 }).webPreferences?.devTools,
    ).toBe(true);
  });

  it('loads the private scheme, is shown with its first picture, comes back where it was, and draws again after a crash', () => {
    const made: FakeWindow[] = [];
    const onFailing = vi.fn();
    let now = 0;
    class FakeWindow extends EventEmitter {
      readonly webContents = Object.assign(new EventEmitter(), { reload: vi.fn(), send: vi.fn() });
      readonly loadURL = vi.fn(async () => undefined);
      readonly show = vi.fn();
      readonly focus = vi.fn();
      readonly restore = vi.fn();
      readonly maximize = vi.fn();
      readonly isMinimized = () => true;
      readonly isMaximized = () => true;
      readonly getNormalBounds = () => ({ x: 10, y: 20, width: 900, height: 700 });
      readonly options: BrowserWindowConstructorOptions;
      constructor(options: BrowserWindowConstructorOptions) {
        super();
        this.options = options;
        made.push(this);
      }
    }
    const boundsPath = join(dir, 'kept/window.json');
    const window = setupWindow({
      BrowserWindow: FakeWindow as unknown as new (options: BrowserWindowConstructorOptions) => BrowserWindow,
      screens: () => screens,
      preloadPath: '/p',
      boundsPath,
      packaged: true,
      clock: { now: () => now },
      onFailing,
    });
    expect(window.current()).toBeNull();
    window.tell('add-files');
    const [first] = made;
    expect(first?.webContents.send).not.toHaveBeenCalled();
    first?.webContents.emit('did-finish-load');
    expect(first?.webContents.send.mock.calls).toEqual([['page:told', 'add-files']]);
    expect(first?.loadURL).toHaveBeenCalledWith('app://bulk-transcribe/');
    expect(first?.show).not.toHaveBeenCalled();
    first?.emit('ready-to-show');
    expect(first?.show).toHaveBeenCalledOnce();
    first?.webContents.emit('render-process-gone', {}, { reason: 'clean-exit' });
    expect(first?.webContents.reload).not.toHaveBeenCalled();
    first?.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(first?.webContents.reload).toHaveBeenCalledOnce();
    window.tell('show-queue');
    expect(first?.webContents.send).toHaveBeenCalledOnce();
    first?.webContents.emit('did-finish-load');
    expect(first?.webContents.send.mock.calls.slice(1)).toEqual([
      ['page:told', 'page-restarted'],
      ['page:told', 'show-queue'],
    ]);
    window.show();
    expect(made).toHaveLength(1);
    expect(first?.restore).toHaveBeenCalledOnce();
    first?.emit('close');
    first?.emit('closed');
    expect(window.current()).toBeNull();
    window.show();
    expect(made[1]?.options).toMatchObject({ x: 10, y: 20, width: 900, height: 700 });
    made[1]?.emit('ready-to-show');
    expect(made[1]?.maximize).toHaveBeenCalledOnce();

    // A page that dies again and again is not drawn for ever; one that dies once an hour is.
    const contents = made[1]?.webContents;
    for (now of [3_600_000, 7_200_000, 10_800_000]) contents?.emit('render-process-gone', {}, { reason: 'oom' });
    expect(contents?.reload).toHaveBeenCalledTimes(3);
    for (now of [10_801_000, 10_802_000]) contents?.emit('render-process-gone', {}, { reason: 'oom' });
    expect([contents?.reload.mock.calls.length, onFailing.mock.calls.length]).toEqual([4, 1]);
    window.drawAgain();
    expect(contents?.reload).toHaveBeenCalledTimes(5);
  });
});

describe('where the window was', () => {
  const path = () => join(dir, 'bounds.json');
  const fallback = { width: 1180, height: 780, maximized: false };

  it.each([
    ['nothing', null, fallback],
    ['no JSON', '{', fallback],
    ['another shape', '[1,2,3,4]', fallback],
    ['numbers that are none', '{"x":"0","y":0,"width":900,"height":700}', fallback],
    ['beyond all screens', '{"x":0,"y":0,"width":1e300,"height":700}', fallback],
    [
      'a screen that is gone',
      '{"x":5000,"y":0,"width":900,"height":700}',
      { width: 900, height: 700, maximized: false },
    ],
    [
      'a title bar above the screen',
      '{"x":0,"y":-300,"width":900,"height":700}',
      { width: 900, height: 700, maximized: false },
    ],
    [
      'a window too small',
      '{"x":1,"y":2,"width":10,"height":10}',
      { x: 1, y: 2, width: 720, height: 480, maximized: false },
    ],
    [
      'a good place',
      '{"x":1,"y":2,"width":900,"height":700,"maximized":true}',
      { x: 1, y: 2, width: 900, height: 700, maximized: true },
    ],
  ])('%s', (_what, text, bounds) => {
    rmSync(path(), { force: true });
    if (text !== null) writeFileSync(path(), text);
    expect(readBounds(path(), screens)).toEqual(bounds);
  });

  it('is kept, and what cannot be kept troubles nobody', () => {
    const bounds = { x: 1, y: 2, width: 900, height: 700, maximized: true };
    expect(saveBounds(path(), bounds)).toBe(true);
    expect(JSON.parse(readFileSync(path(), 'utf8'))).toEqual(bounds);
    expect(saveBounds(join(path(), 'below-a-file'), bounds)).toBe(false);
  });
});
