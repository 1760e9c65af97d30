// Owns the one window: how it is locked down, when it is shown, and that it comes back where it was.

import type { BrowserWindow, BrowserWindowConstructorOptions, Rectangle } from 'electron';
import { PAGE_ORIGIN } from '../../src/contract/desktop-ipc.ts';
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
}

export interface MainWindow {
  /** Shows the window, made anew when it was closed. */
  show(): void;
  /** The window, while there is one. */
  current(): BrowserWindow | null;
}

export function setupWindow(parts: WindowParts): MainWindow {
  let window: BrowserWindow | null = null;
  const open = (): BrowserWindow => {
    const opened = openWindow(parts);
    opened.on('closed', () => {
      window = null;
    });
    return opened;
  };
  return {
    current: () => window,
    show() {
      if (window === null) {
        window = open();
        return;
      }
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
  };
}

function openWindow(parts: WindowParts): BrowserWindow {
  const window = new parts.BrowserWindow(windowOptions(parts, readBounds(parts.boundsPath, parts.screens())));
  // Shown with its first picture, not white.
  window.once('ready-to-show', () => window.show());
  window.on('close', () => saveBounds(parts.boundsPath, window.getNormalBounds()));
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    // The queue lives in the engine; the page only has to draw it again.
    if (reason !== 'clean-exit') window.webContents.reload();
  });
  window.loadURL(`${PAGE_ORIGIN}/`).catch(() => {
    // Electron shows its own page about the failure; nothing else is running in the window.
  });
  return window;
}

/** All that keeps the page in its place, said outright also where it is Electron's default. */
export function windowOptions(
  { preloadPath, packaged }: Pick<WindowParts, 'preloadPath' | 'packaged'>,
  bounds: WindowBounds,
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
