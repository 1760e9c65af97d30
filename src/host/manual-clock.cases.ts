// Owns a clock for tests that moves only when told.

import type { Clock } from '../controller/ports.ts';

export interface ManualClock extends Clock {
  /** Moves time on, milliseconds, and runs what has become due, in order. */
  advance(ms: number): void;
  /** Alarms that are set. */
  readonly pending: number;
}

export function manualClock(start = 1_700_000_000_000): ManualClock {
  let now = start;
  const alarms = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    now: () => now,
    after(delayMs, run) {
      const alarm = { at: now + delayMs, run };
      alarms.add(alarm);
      return () => alarms.delete(alarm);
    },
    advance(ms) {
      const until = now + ms;
      for (;;) {
        const [next] = [...alarms].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        alarms.delete(next);
        now = next.at;
        next.run();
      }
      now = until;
    },
    get pending() {
      return alarms.size;
    },
  };
}
