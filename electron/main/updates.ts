// Owns new versions: looked for where the build has a feed, fetched in the background, put in place when a person quits or asks for it, and
// never in the middle of work.

import type { Dialog } from 'electron';
import type { Clock } from './clock.ts';
import type { Activity } from './job-activity.ts';
import { words } from './words.ts';

/** electron-updater's `autoUpdater`, as far as it is used. */
export interface Updater {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  allowDowngrade: boolean;
  checkForUpdates(): Promise<{ readonly isUpdateAvailable: boolean } | null>;
  quitAndInstall(): void;
  on(event: 'update-downloaded', listener: (info: { readonly version: string }) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface UpdateParts {
  readonly updater: Updater;
  readonly dialog: Pick<Dialog, 'showMessageBox'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly activity: () => Activity;
  /** Stops the engine in order before the app is replaced. */
  readonly closeEngine: () => Promise<void>;
}

export interface Updates {
  /** Looks at once, and says also that there is nothing new. */
  check(): Promise<void>;
  /** To be told when the queue's state changes: an offer that came in the middle of work is made when it is through. */
  activityChanged(activity: Activity): void;
}

/** How often it is looked, milliseconds: at the start and every day. */
export const EVERY_MS = 24 * 3600 * 1000;

export function setupUpdates({ updater, dialog, clock, activity, closeEngine }: UpdateParts): Updates {
  updater.autoDownload = true;
  // What was fetched is put in place when the person quits, who is then at no work.
  updater.autoInstallOnAppQuit = true;
  updater.allowDowngrade = false;
  /** The version that is fetched and was not offered yet. */
  let offer: string | null = null;

  const offerNow = async (version: string): Promise<void> => {
    offer = null;
    const { response } = await dialog.showMessageBox({
      type: 'info',
      message: words.update.ready(version),
      detail: words.update.detail,
      buttons: [words.update.later, words.update.restart],
      defaultId: 0,
      cancelId: 0,
    });
    // Work may have begun while the question stood there.
    if (response !== 1 || activity().left > 0) return;
    await closeEngine();
    updater.quitAndInstall();
  };
  const offerWhenIdle = (): void => {
    if (offer !== null && activity().left === 0) void offerNow(offer);
  };
  const look = async (): Promise<boolean | null> => {
    const found = await updater.checkForUpdates().catch(() => null);
    return found === null ? null : found.isUpdateAvailable;
  };
  const lookDaily = (): void => {
    void look();
    clock.after(EVERY_MS, lookDaily);
  };

  updater.on('update-downloaded', ({ version }) => {
    offer = version;
    offerWhenIdle();
  });
  // Told by `check` where a person asked; else nobody waits for it.
  updater.on('error', () => undefined);
  lookDaily();
  return {
    async check() {
      const available = await look();
      if (available === true) return;
      await dialog.showMessageBox({
        type: 'info',
        message: available === null ? words.update.failed : words.update.none,
      });
    },
    activityChanged: offerWhenIdle,
  };
}
