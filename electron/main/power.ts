// Owns keeping the computer awake while work is being done, and only then. The screen may sleep.

import type { PowerSaveBlocker } from 'electron';
import type { Activity } from './job-activity.ts';

/** @returns what takes the queue's state, whenever it changes. */
export function setupPower({
  powerSaveBlocker,
}: {
  readonly powerSaveBlocker: Pick<PowerSaveBlocker, 'start' | 'stop'>;
}): (activity: Pick<Activity, 'atWork'>) => void {
  let blocker: number | null = null;
  return ({ atWork }) => {
    if (atWork > 0 && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension');
    if (atWork === 0 && blocker !== null) {
      powerSaveBlocker.stop(blocker);
      blocker = null;
    }
  };
}
