// Owns the menu: the system's own roles for each platform.

import type { MenuItemConstructorOptions } from 'electron';

export interface MenuParts {
  readonly platform: string;
  /** A packaged app has no developer tools. */
  readonly packaged: boolean;
}

export function menuTemplate({ platform, packaged }: MenuParts): MenuItemConstructorOptions[] {
  const mac = platform === 'darwin';
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
  ];
  return [
    ...(mac ? [{ role: 'appMenu' } as const] : []),
    { role: 'fileMenu' },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: packaged ? view : [{ role: 'reload' }, { role: 'toggleDevTools' }, { type: 'separator' }, ...view],
    },
    { role: 'windowMenu' },
  ];
}
