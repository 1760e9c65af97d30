// Owns the one window: how it is locked down, when it is shown, that it comes back where it was, what main tells its page, and that a page
// whose process died is drawn again.

import type { BrowserWindow, BrowserWindowConstructorOptions, Rectangle } from 'electron';
import { PAGE_CHANNEL, PAGE_ORIGIN, type PageTold } from '../../src/contract/desktop-ipc.ts';
import type { Clock } from './clock.ts';
import { MIN_SIZE, readBounds, saveBounds, type WindowBounds } from './window-bounds.ts';

export interface WindowParts {
  readonly BrowserWindow: new (options: BrowserWindowConstructorOptions) => BrowserWindow;
  /** Work areas of all screens, pixels. */
  readonly screens: () => readonly Rectangle[];
  readonly preloadPath: string;
  /** The file that remembers the window's place. */
  readonly boundsPath: string;
  /** A packaged app has no developer tools. */
  readonly packaged: boolean;
  readonly clock: Pick<Clock, 'now'>;
  /** The page died again and again: drawing it once more without a word would go on for ever. */
  readonly onFailing: () => void;
}

export interface MainWindow {
  /** Shows the window, made anew when it was closed. */
  show(): void;
  /** The window, while there is one. */
  current(): BrowserWindow | null;
  /** Tells the page, as soon as it is there; shows the window where there is none. */
  tell(told: PageTold): void;
  /** Draws the page anew after it failed. */
  drawAgain(): void;
}

/** So many deaths of the page within this time, milliseconds, and it is not drawn again by itself. */
export const FAILING = { deaths: 3, within: 60_000 } as const;

export function setupWindow(parts: WindowParts): MainWindow {
  let window: BrowserWindow | null = null;
  let loaded = false;
  let waiting: PageTold[] = [];
  let deaths: number[] = [];

  const flush = (): void => {
    if (window === null || !loaded) return;
    const told = waiting;
    waiting = [];
    for (const each of told) window.webContents.send(PAGE_CHANNEL, each);
  };
  const tell = (told: PageTold): void => {
    waiting.push(told);
    flush();
  };
  const died = (opened: BrowserWindow): void => {
    loaded = false;
    const now = parts.clock.now();
    deaths = [...deaths.filter((at) => now - at < FAILING.within), now];
    if (deaths.length >= FAILING.deaths) {
      deaths = [];
      parts.onFailing();
      return;
    }
    // The queue lives in the engine; the page only has to draw it again.
    tell('page-restarted');
    opened.webContents.reload();
  };
  const open = (): BrowserWindow => {
    const opened = openWindow(parts);
    loaded = false;
    opened.on('closed', () => {
      window = null;
      loaded = false;
    });
    opened.webContents.on('did-finish-load', () => {
      loaded = true;
      flush();
    });
    opened.webContents.on('render-process-gone', (_event, { reason }) => {
      if (reason !== 'clean-exit') died(opened);
    });
    return opened;
  };
  const show = (): void => {
    if (window === null) {
      window = open();
      return;
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  };
  return {
    show,
    current: () => window,
    tell(told) {
      if (window === null) show();
      tell(told);
    },
    drawAgain() {
      tell('page-restarted');
      if (window === null) show();
      else window.webContents.reload();
    },
  };
}

function openWindow(parts: WindowParts): BrowserWindow {
  const { maximized, ...bounds } = readBounds(parts.boundsPath, parts.screens());
  const window = new parts.BrowserWindow(windowOptions(parts, bounds));
  // Shown with its first picture, not white.
  window.once('ready-to-show', () => {
    if (maximized) window.maximize();
    window.show();
  });
  window.on('close', () =>
    saveBounds(parts.boundsPath, { ...window.getNormalBounds(), maximized: window.isMaximized() }),
  );
  window.loadURL(`${PAGE_ORIGIN}/`).catch(() => {
    // Electron shows its own page about the failure; nothing else is running in the window.
  });
  return window;
}

/** All that keeps the page in its place, said outright also where it is Electron's default. */
export function windowOptions(
  { preloadPath, packaged }: Pick<WindowParts, 'preloadPath' | 'packaged'>,
  bounds: Omit<WindowBounds, 'maximized'>,
): BrowserWindowConstructorOptions {
  return {
    ...bounds,
    minWidth: MIN_SIZE.width,
    minHeight: MIN_SIZE.height,
    show: false,
    title: 'Bulk Transcribe',
    webPreferences: {
      preload: preloadPath,
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
      // The spell checker would fetch dictionaries from outside.
      spellcheck: false,
      devTools: !packaged,
    },
  };
}
