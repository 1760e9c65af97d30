// Owns that there is one app a user: a second start shows the first one's window and ends.

import type { App } from 'electron';

/** @returns false when another instance runs; this one must then do nothing more and quit. */
export function setupSingleInstance({
  app,
  show,
}: {
  readonly app: Pick<App, 'requestSingleInstanceLock' | 'on' | 'whenReady'>;
  readonly show: () => void;
}): boolean {
  if (!app.requestSingleInstanceLock()) return false;
  // Before the app is ready no window can be made.
  app.on('second-instance', () => void app.whenReady().then(show));
  return true;
}
