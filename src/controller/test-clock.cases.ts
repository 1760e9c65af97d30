// Owns a clock for this room's tests: it moves when told, and promises settle between.

import type { Clock } from './ports.ts';

/** Moves only when told; runs what falls due in order, and lets promises settle between. */
export class TestClock implements Clock {
  #now = 1_800_000_000_000;
  readonly #alarms = new Set<{ readonly at: number; readonly run: () => void }>();

  now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): () => void {
    const alarm = { at: this.#now + delayMs, run };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (;;) {
      const [next] = [...this.#alarms].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#alarms.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await settle();
    }
    this.#now = until;
    await settle();
  }
}

/** Lets every promise that can go on go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => queueMicrotask(resolve));
}
