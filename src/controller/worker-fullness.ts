// Owns how long a worker that said it is full is left alone. What keeps it busy may be somebody else's and last for hours: asked at the pace that it
// names, every recording that lies ready would be offered and given back thousands of times a night.

import type { Clock } from './ports.ts';

/** Milliseconds after the first refusal in a row, doubled with each further one, and the most. */
const FIRST_MS = 2_000;
const MOST_MS = 30_000;

export class WorkerFullness {
  readonly #clock: Clock;
  /** Refusals in a row. */
  #times = 0;
  #since = 0;
  #until = 0;
  /** It was offered one to see. */
  #trying = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** False for a while after a refusal, longer with each in a row; then it is offered one, to see. */
  get mayBeOffered(): boolean {
    if (this.#times === 0) return true;
    const now = this.#clock.now();
    // A clock that was put back makes no wait longer than it was meant to be.
    return now >= this.#until || now < this.#since;
  }

  /** It is offered a recording now. Where it refused the last one, nothing more until it has said something to this one. */
  offered(): void {
    if (this.#times === 0) return;
    this.#trying = true;
    this.#since = this.#clock.now();
    this.#until = this.#since + MOST_MS;
  }

  /** It refused a recording. @returns milliseconds for which it is left alone now; not less than it named */
  refused(retryAfterMs: number | null): number {
    this.#since = this.#clock.now();
    const delayMs = Math.max(retryAfterMs ?? 0, Math.min(MOST_MS, FIRST_MS * 2 ** this.#times));
    // Several offers that were under way at once are one refusal.
    if (this.#times === 0 || this.#trying) this.#times += 1;
    this.#trying = false;
    this.#until = this.#since + delayMs;
    return delayMs;
  }

  /** It took a recording, or is done with one. */
  hasRoom(): void {
    this.#times = 0;
    this.#trying = false;
  }
}
