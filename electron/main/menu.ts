// Owns the menu: the system's own roles for each platform, and what the app adds to them. What it asks of the page is one of a closed list.

import type { MenuItemConstructorOptions } from 'electron';
import type { PageTold } from '../../src/contract/desktop-ipc.ts';
import { words } from './words.ts';

export interface MenuParts {
  readonly platform: string;
  /** A packaged app has no developer tools. */
  readonly packaged: boolean;
  readonly tell: (told: PageTold) => void;
  readonly openExternal: (address: string) => void;
  readonly showLog: () => void;
  /** Null in a build that has no feed of releases. */
  readonly checkForUpdates: (() => void) | null;
}

export const GUIDE = 'https://github.com/bulk-transcribe/bulk-transcribe#readme';
export const ISSUES = 'https://github.com/bulk-transcribe/bulk-transcribe/issues';

const line: MenuItemConstructorOptions = { type: 'separator' };
const { menu } = words;

export function menuTemplate(parts: MenuParts): MenuItemConstructorOptions[] {
  const mac = parts.platform === 'darwin';
  return [
    ...(mac ? [appMenu(parts)] : []),
    fileMenu(parts, mac),
    { role: 'editMenu' },
    viewMenu(parts),
    { role: 'windowMenu' },
    helpMenu(parts, mac),
  ];
}

function asks(told: PageTold, label: string, accelerator: string, { tell }: MenuParts): MenuItemConstructorOptions {
  return { label, accelerator, click: () => tell(told) };
}

function settings(parts: MenuParts): MenuItemConstructorOptions {
  return asks('show-settings', menu.settings, 'CmdOrCtrl+,', parts);
}

function appMenu(parts: MenuParts): MenuItemConstructorOptions {
  return {
    role: 'appMenu',
    submenu: [
      { role: 'about' },
      ...updates(parts),
      line,
      settings(parts),
      line,
      { role: 'services' },
      line,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      line,
      { role: 'quit' },
    ],
  };
}

function fileMenu(parts: MenuParts, mac: boolean): MenuItemConstructorOptions {
  return {
    label: menu.file,
    submenu: [
      asks('add-files', menu.addFiles, 'CmdOrCtrl+O', parts),
      asks('add-folder', menu.addFolder, 'CmdOrCtrl+Shift+O', parts),
      // The system keeps the list; only macOS shows it in a menu of the app.
      ...(mac
        ? [
            {
              role: 'recentDocuments',
              label: menu.recent,
              submenu: [{ role: 'clearRecentDocuments' }],
            } satisfies MenuItemConstructorOptions,
          ]
        : []),
      line,
      ...(mac ? [{ role: 'close' } as const] : [settings(parts), line, { role: 'quit' } as const]),
    ],
  };
}

function viewMenu(parts: MenuParts): MenuItemConstructorOptions {
  return {
    label: menu.view,
    submenu: [
      asks('show-queue', menu.queue, 'CmdOrCtrl+1', parts),
      asks('show-search', menu.search, 'CmdOrCtrl+K', parts),
      asks('show-workers', menu.workers, 'CmdOrCtrl+3', parts),
      line,
      ...(parts.packaged ? [] : [{ role: 'reload' } as const, { role: 'toggleDevTools' } as const, line]),
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      line,
      { role: 'togglefullscreen' },
    ],
  };
}

function helpMenu(parts: MenuParts, mac: boolean): MenuItemConstructorOptions {
  return {
    role: 'help',
    label: menu.help,
    submenu: [
      { label: menu.keys, click: () => parts.tell('show-keys') },
      { label: menu.guide, click: () => parts.openExternal(GUIDE) },
      { label: menu.issues, click: () => parts.openExternal(ISSUES) },
      line,
      { label: menu.log, click: parts.showLog },
      { label: menu.report, click: () => parts.tell('show-doctor') },
      ...(mac ? [] : [...updates(parts), line, { role: 'about', label: menu.about } as const]),
    ],
  };
}

function updates({ checkForUpdates }: MenuParts): MenuItemConstructorOptions[] {
  return checkForUpdates === null ? [] : [{ label: menu.updates, click: checkForUpdates }];
}
