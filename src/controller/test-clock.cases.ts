// Owns a clock for tests: it moves when told, and promises settle between.

import type { Clock } from './ports.ts';

/** Moves only when told; runs what falls due in order, and lets promises settle between. */
export class TestClock implements Clock {
  /** What timers go by: it never jumps. */
  #steady = 1_800_000_000_000;
  #jumped = 0;
  readonly #alarms = new Set<{ readonly at: number; readonly run: () => void }>();
  readonly #settle: () => Promise<void>;

  /** @param turn one turn of whatever is to go on between two moments: promises alone, or what else is real about the test */
  constructor(turn: () => Promise<void> = () => new Promise((resolve) => queueMicrotask(resolve)), turns = 20) {
    this.#settle = async () => {
      for (let left = turns; left > 0; left -= 1) await turn();
    };
  }

  now(): number {
    // Timers may be due between two milliseconds; no wall clock says so.
    return Math.floor(this.#steady + this.#jumped);
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
    await this.#settle();
    for (;;) {
      const [next] = [...this.#alarms].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#alarms.delete(next);
      this.#steady = Math.max(this.#steady, next.at);
      next.run();
      await this.#settle();
    }
    this.#steady = until;
    await this.#settle();
  }
}
