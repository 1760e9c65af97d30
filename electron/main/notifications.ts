// Owns telling a person that a batch is through: once, in one sentence, when they are not looking at the window.

import type { Notification, NotificationConstructorOptions } from 'electron';
import type { BatchOutcome } from './job-activity.ts';
import { words } from './words.ts';

export interface NotificationParts {
  readonly Notification: { new (options: NotificationConstructorOptions): Notification; isSupported(): boolean };
  /** Whether the person sees the window now. */
  readonly looking: () => boolean;
  readonly show: () => void;
}

export function setupNotifications({
  Notification,
  looking,
  show,
}: NotificationParts): (outcome: BatchOutcome) => void {
  /** A notification that nothing holds is collected, and its click with it. */
  const shown = new Set<Notification>();
  return (outcome) => {
    const body = sentence(outcome);
    if (body === null || looking() || !Notification.isSupported()) return;
    const notification = new Notification({ title: words.app, body });
    shown.add(notification);
    notification.on('click', show);
    notification.on('close', () => shown.delete(notification));
    notification.show();
  };
}

/** What is said of a batch; null where the person did all of it themselves. No names: others may see the screen. */
export function sentence({ complete, failed }: BatchOutcome): string | null {
  if (complete + failed === 0) return null;
  if (failed === 0) return words.batch.done(complete);
  return complete === 0 ? words.batch.failed(failed) : words.batch.both(complete, failed);
}
