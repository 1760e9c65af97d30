// Owns a clock for this room's tests: it moves when told, and promises settle between.

import type { Clock } from './ports.ts';

/** Moves only when told; runs what falls due in order, and lets promises settle between. */
export class TestClock implements Clock {
  /** What timers go by: it never jumps. */
  #steady = 1_800_000_000_000;
  #jumped = 0;
  readonly #alarms = new Set<{ readonly at: number; readonly run: () => void }>();

  now(): number {
    return this.#steady + this.#jumped;
  }

  /** Puts the wall clock forward or back, as waking up or setting the time does; timers do not notice. */
  jump(ms: number): void {
    this.#jumped += ms;
  }

  after(delayMs: number, run: () => void): () => void {
    const alarm = { at: this.#steady + delayMs, run };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** Number of times at which something is to happen yet. */
  get pending(): number {
    return this.#alarms.size;
  }

  async advance(ms: number): Promise<void> {
    const until = this.#steady + ms;
    await settle();
    for (;;) {
      const [next] = [...this.#alarms].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#alarms.delete(next);
      this.#steady = Math.max(this.#steady, next.at);
      next.run();
      await settle();
    }
    this.#steady = until;
    await settle();
  }
}

/** Lets every promise that can go on go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => queueMicrotask(resolve));
}
