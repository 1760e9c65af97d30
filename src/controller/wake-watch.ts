// Owns noticing that the computer slept, or that its clock was set: the wall clock went otherwise than time did. Nothing is lost by either;
// but what was planned for later is better looked at now, since workers, tunnels and drives may have changed meanwhile.

import type { Clock, Log } from './ports.ts';

/** Milliseconds between two looks at the clock, and how much it may be off before that means something. */
const LOOK_MS = 5_000;
const OFF_MS = 5_000;

/** Calls `onJump` after each such jump. Returns the undo. */
export function watchClock(clock: Clock, log: Log, onJump: () => void): () => void {
  let last = clock.now();
  let cancel: () => void;
  const look = (): void => {
    const now = clock.now();
    const jumpedMs = now - last - LOOK_MS;
    last = now;
    if (Math.abs(jumpedMs) > OFF_MS) {
      log.info('clock_jumped', { jumpedMs });
      onJump();
    }
    cancel = clock.after(LOOK_MS, look);
  };
  cancel = clock.after(LOOK_MS, look);
  return () => cancel();
}
