// Owns keeping the computer awake while work is being done, and only then. The screen may sleep.

import type { PowerSaveBlocker } from 'electron';

/** Takes the number of jobs at work, whenever it changes. */
export function setupPower({
  powerSaveBlocker,
}: {
  readonly powerSaveBlocker: Pick<PowerSaveBlocker, 'start' | 'stop'>;
}): (active: number) => void {
  let blocker: number | null = null;
  return (active) => {
    if (active > 0 && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension');
    if (active === 0 && blocker !== null) {
      powerSaveBlocker.stop(blocker);
      blocker = null;
    }
  };
}
