// Owns the icon in the system's tray: the queue's state in a few words, and the way back to the window.

import type { Menu, MenuItemConstructorOptions, NativeImage, Tray } from 'electron';
import { type Activity, NO_ACTIVITY } from './job-activity.ts';
import { words } from './words.ts';

export interface TrayParts {
  readonly Tray: new (image: NativeImage) => Tray;
  readonly Menu: { buildFromTemplate(template: MenuItemConstructorOptions[]): Menu };
  readonly image: NativeImage;
  readonly show: () => void;
  readonly quit: () => void;
}

/** @returns what takes the queue's state, whenever it changes. */
export function setupTray({ Tray, Menu, image, show, quit }: TrayParts): (activity: Activity) => void {
  const tray = new Tray(image);
  let said = '';
  const draw = ({ atWork, left }: Activity): void => {
    const state = words.tray.state(atWork, left);
    // A menu that is open would close under the person's hand.
    if (state === said) return;
    said = state;
    tray.setToolTip(`${words.app}: ${state}`);
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: state, enabled: false },
        { type: 'separator' },
        { label: words.tray.show, click: show },
        { label: words.tray.quit, click: quit },
      ]),
    );
  };
  tray.on('click', show);
  draw(NO_ACTIVITY);
  return draw;
}
