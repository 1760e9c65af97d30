// Owns where people speak at the same time, as two sides of a call do: which segments lie beside those of another speaker.

import type { Segment } from '../contract/transcript.ts';

/** Seconds for which somebody goes on after another began. Less is how a recognizer rounds times where one takes over from the other. */
const GOES_ON_SEC = 0.5;

/** The time of somebody, by whom nobody else is meant. */
interface Edge {
  readonly speaker: string;
  readonly at: number;
}

/** For each segment whether another speaker speaks in its time. Segments are in the order of their starts. */
export function crosstalkIn(segments: readonly Segment[]): readonly boolean[] {
  const crossing = segments.map(() => false);
  // Who was heard longest so far, and who of the others; then backwards who begins next.
  const ends = new Outermost((one, other) => one > other);
  for (const [at, { start, end, speaker }] of segments.entries()) {
    if (speaker === undefined) continue;
    const until = ends.of(speaker);
    if (until !== null && until - start >= GOES_ON_SEC) crossing[at] = true;
    ends.see({ speaker, at: end });
  }
  const starts = new Outermost((one, other) => one < other);
  for (let at = segments.length - 1; at >= 0; at -= 1) {
    const segment = segments[at];
    if (segment?.speaker === undefined) continue;
    const next = starts.of(segment.speaker);
    if (next !== null && segment.end - next >= GOES_ON_SEC) crossing[at] = true;
    starts.see({ speaker: segment.speaker, at: segment.start });
  }
  return crossing;
}

/** The outermost edge of anybody, and that of anybody else. */
class Outermost {
  readonly #isOutside: (one: number, other: number) => boolean;
  #first: Edge | null = null;
  #second: Edge | null = null;

  constructor(isOutside: (one: number, other: number) => boolean) {
    this.#isOutside = isOutside;
  }

  /** That of somebody else than `speaker`. */
  of(speaker: string): number | null {
    return (this.#first?.speaker === speaker ? this.#second : this.#first)?.at ?? null;
  }

  see(edge: Edge): void {
    if (this.#first === null || this.#first.speaker === edge.speaker) {
      if (this.#first === null || this.#isOutside(edge.at, this.#first.at)) this.#first = edge;
    } else if (this.#isOutside(edge.at, this.#first.at)) {
      this.#second = this.#first;
      this.#first = edge;
    } else if (this.#second === null || this.#isOutside(edge.at, this.#second.at)) this.#second = edge;
  }
}
