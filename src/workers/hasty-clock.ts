// Owns real time for tests, with every delay first put through a function that may shorten it.

import type { Clock } from '../controller/ports.ts';

export interface HastyClock extends Clock {
  readonly pending: ReadonlySet<NodeJS.Timeout>;
  /** Every delay that was asked for, before it was shortened. */
  readonly asked: readonly number[];
}

export function hastyClock(hurry: (delayMs: number) => number = (delayMs) => delayMs): HastyClock {
  const pending = new Set<NodeJS.Timeout>();
  const asked: number[] = [];
  return {
    pending,
    asked,
    now: () => Date.now(),
    after(delayMs, run) {
      asked.push(delayMs);
      const timer = setTimeout(() => {
        pending.delete(timer);
        run();
      }, hurry(delayMs));
      pending.add(timer);
      return () => {
        clearTimeout(timer);
        pending.delete(timer);
      };
    },
  };
}
