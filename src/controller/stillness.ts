// Owns how long nothing has moved in an attempt, over all the conversations about it: links are renewed and lines are cut far more often than the
// time runs out after which a job that stands still is given up.

/** Milliseconds that may lie between two answers of a worker that is asked all the time: the longest poll, and a call's own limit. */
const LONGEST_LOOK_MS = 120_000;

/** What shows that a job moves. What is not known of it is left out. */
export interface Movement {
  readonly status: string;
  readonly stage: string;
  readonly processedSec?: number | null | undefined;
  readonly percent?: number | null | undefined;
  readonly chunkIndex?: number | null | undefined;
  readonly modelBytes?: number | null | undefined;
  /** Bytes of the recording that were sent: a transfer moves too. */
  readonly sentBytes: number | null;
}

export class Stillness {
  /** The last that was heard of each thing: an event says less than an answer does, and that is no movement. */
  readonly #heard = new Map<string, unknown>();
  #ms = 0;
  #lookedAt: number;

  constructor(now: number) {
    this.#lookedAt = now;
  }

  /** Milliseconds that were watched without anything moving. What the computer slept through, and what nobody watched, does not count. */
  get ms(): number {
    return this.#ms;
  }

  /** A conversation begins: what was before it was not watched. */
  begin(now: number): void {
    this.#lookedAt = now;
  }

  /** Takes what is seen now. */
  see(seen: Movement, now: number): void {
    let moved = false;
    for (const [what, value] of Object.entries(seen)) {
      if (value === null || value === undefined || this.#heard.get(what) === value) continue;
      this.#heard.set(what, value);
      moved = true;
    }
    if (!moved) return;
    this.#ms = 0;
    this.#lookedAt = now;
  }

  /** Counts the time since the last look, but no more than a look may take: a longer one means that the computer slept, or its clock was set. */
  watched(now: number): void {
    this.#ms += Math.min(Math.max(0, now - this.#lookedAt), LONGEST_LOOK_MS);
    this.#lookedAt = now;
  }
}
