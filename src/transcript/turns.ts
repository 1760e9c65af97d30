// Owns who speaks when: the turns of a diarization, asked for the speaker of a stretch of time.

import type { DiarizationTurn } from '../contract/deployed-wire.ts';

/** Disjoint stretches of one speaker, in order, and what is spoken before each. Seconds. */
interface Voice {
  readonly label: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Seconds spoken in all stretches before this one. */
  readonly before: readonly number[];
}

export class Turns {
  readonly #voices: readonly Voice[];

  /** Turns that end before they begin, or whose times are no numbers, say nothing. */
  constructor(turns: readonly DiarizationTurn[]) {
    const bySpeaker = new Map<string, DiarizationTurn[]>();
    for (const turn of turns) {
      if (!(turn.end > turn.start)) continue;
      const known = bySpeaker.get(turn.speaker);
      if (known === undefined) bySpeaker.set(turn.speaker, [turn]);
      else known.push(turn);
    }
    this.#voices = [...bySpeaker].map(([label, own]) => voiceOf(label, own));
  }

  get speakers(): number {
    return this.#voices.length;
  }

  /** Who speaks longest between the two times; the one who was heard of first when two are even; null when nobody does. */
  speakerOf(start: number, end: number): string | null {
    let best: { readonly label: string; readonly seconds: number } | null = null;
    for (const voice of this.#voices) {
      const seconds = spokenUntil(voice, end) - spokenUntil(voice, start);
      if (seconds > (best?.seconds ?? 0)) best = { label: voice.label, seconds };
    }
    return best?.label ?? null;
  }
}

function voiceOf(label: string, turns: DiarizationTurn[]): Voice {
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { start, end } of turns.sort((a, b) => a.start - b.start)) {
    const last = ends.at(-1);
    if (last !== undefined && start <= last) ends[ends.length - 1] = Math.max(last, end);
    else {
      starts.push(start);
      ends.push(end);
    }
  }
  let sum = 0;
  const before = starts.map((start, index) => {
    const seconds = sum;
    sum += (ends[index] ?? start) - start;
    return seconds;
  });
  return { label, starts, ends, before };
}

/** Seconds that the voice has spoken up to `time`. */
function spokenUntil({ starts, ends, before }: Voice, time: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  const start = starts[low - 1];
  if (start === undefined) return 0;
  return (before[low - 1] ?? 0) + Math.min(time, ends[low - 1] ?? start) - start;
}
