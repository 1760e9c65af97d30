// Owns how much goes out now: bytes a second over the last few seconds, from a few counters.

import type { Clock } from './ports.ts';

const SLOT_MS = 1_000;
const SLOTS = 5;

export class Throughput {
  readonly #clock: Clock;
  /** Bytes of each second, by its number. */
  readonly #slots = new Map<number, number>();
  #total = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Bytes in all. */
  get total(): number {
    return this.#total;
  }

  add(bytes: number): void {
    this.#total += bytes;
    const slot = Math.floor(this.#clock.now() / SLOT_MS);
    this.#slots.set(slot, (this.#slots.get(slot) ?? 0) + bytes);
    // A clock that jumped leaves slots of another time behind; they are let go of as well.
    if (this.#slots.size > 2 * SLOTS)
      for (const old of this.#slots.keys()) if (Math.abs(old - slot) > SLOTS) this.#slots.delete(old);
  }

  /** Bytes a second over the last five whole seconds and the one under way; 0 when nothing was sent in them. */
  perSecond(): number {
    const now = this.#clock.now();
    const slot = Math.floor(now / SLOT_MS);
    let bytes = 0;
    let first = slot;
    for (const [at, count] of this.#slots)
      if (at <= slot && at >= slot - SLOTS) {
        bytes += count;
        first = Math.min(first, at);
      }
    return Math.round((bytes * 1000) / Math.max(SLOT_MS, now - first * SLOT_MS));
  }
}
