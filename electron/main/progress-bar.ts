// Owns the progress that the taskbar or the dock shows: how far everything is that was added since the queue was last empty.

import type { App, BrowserWindow } from 'electron';
import type { Activity } from './job-activity.ts';

export interface ProgressBarParts {
  readonly app: Pick<App, 'setBadgeCount'>;
  readonly window: () => Pick<BrowserWindow, 'setProgressBar'> | null;
}

/** No bar. Electron's own value for it. */
const NONE = -1;

/** @returns what takes the queue's state, whenever it changes. */
export function setupProgressBar({ app, window }: ProgressBarParts): (activity: Activity) => void {
  return ({ share, atWork, left }) => {
    // Waiting is no trouble, but nothing moves either.
    window()?.setProgressBar(share ?? NONE, { mode: share === null ? 'none' : atWork > 0 ? 'normal' : 'paused' });
    app.setBadgeCount(left);
  };
}
