// Owns where in the text a moment of the recording is: which segment and which word is being said. Looked up many times a second, so
// nothing is built for it: segments lie in order of their starts, and so do the words of each.

import type { Segment, Word } from '../contract/transcript.ts';
import { wordsOf } from './piece.ts';

/** A place in the text. `word` is null between two words, and where a segment is silent. */
export interface SpokenPlace {
  readonly segment: number;
  readonly word: number | null;
}

/** A word stays lit over a pause as short as this, seconds: speech would flicker otherwise. */
const HELD = 0.25;

/** What is being said at `time` (seconds); null before the first segment and long after one has ended. */
export function placeAt(segments: readonly Segment[], time: number): SpokenPlace | null {
  const segment = lastNotAfter(segments, time);
  const here = segments[segment];
  if (here === undefined) return null;
  const words = wordsOf(here);
  const word = lastNotAfter(words, time);
  const said = words[word];
  const until = Math.max(
    said?.end ?? here.end,
    Math.min((said?.end ?? here.end) + HELD, words[word + 1]?.start ?? Infinity),
  );
  if (said !== undefined && time < until) return { segment, word };
  return time <= here.end ? { segment, word: null } : null;
}

/** The segment that is being said at `time`, or the one said last before it; the first one before anything is said; -1 without any. */
export function segmentNear(segments: readonly Segment[], time: number): number {
  return segments.length === 0 ? -1 : Math.max(0, lastNotAfter(segments, time));
}

/** Index of the last part that has begun at `time`; -1 when none has. */
function lastNotAfter(parts: readonly Pick<Word, 'start'>[], time: number): number {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((parts[middle]?.start ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
