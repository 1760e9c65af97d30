// Owns waiting: for a time, for a condition, for whichever comes first, always with a signal that ends it.

import type { Clock } from './ports.ts';

/** Resolves after `ms`, or at once when the signal aborts (check the signal afterwards). */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const finish = (): void => {
      cancel();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(ms, finish);
    signal.addEventListener('abort', finish, { once: true });
  });
}

/** A bell that many may wait for; ringing wakes all who wait now, and the next one who comes if nobody did. */
export class Bell {
  readonly #waiters = new Set<() => void>();
  #rung = false;

  ring(): void {
    this.#rung = this.#waiters.size === 0;
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  /** Resolves when the bell rings, after `ms`, or when the signal aborts. */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#rung) {
      this.#rung = false;
      return;
    }
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    this.#waiters.add(wake);
    await pause(clock, ms, AbortSignal.any([signal, woken.signal]));
    this.#waiters.delete(wake);
  }
}
