// Owns waiting by the engine's clock.

import type { Clock } from '../controller/ports.ts';

/** Resolves after `delayMs`, or as soon as `signal` is aborted; the caller looks which it was. */
export function wait(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal.addEventListener('abort', done, { once: true });
  });
}
