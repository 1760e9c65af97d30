// Owns what in a transcript a person should listen to: words that the model was not sure of, and what the worker remarked. What was
// edited or marked as right is doubted no more.

import type { EditedSegment, EditedTranscript } from '../contract/edits.ts';

export const DOUBT_KINDS = ['word', 'speaker', 'loop', 'gap', 'silence', 'fast', 'damaged', 'other'] as const;
export type DoubtKind = (typeof DOUBT_KINDS)[number];

/** A place to listen to. Seconds. */
export interface Doubt {
  readonly kind: DoubtKind;
  /** The segment that stands there; for a gap the one after it, or the last. */
  readonly key: string;
  /** Index of the word in the segment; null where the doubt is about more than one. */
  readonly word: number | null;
  readonly start: number;
  readonly end: number;
  /** The word, or what the worker said. */
  readonly text: string;
}

/** A word is doubted below this probability. */
export const DOUBTED_BELOW = 0.5;

const KIND_OF: Readonly<Record<string, DoubtKind>> = {
  LOOP: 'loop',
  GAP: 'gap',
  TEXT_OVER_SILENCE: 'silence',
  TOO_FAST: 'fast',
  DAMAGED_AUDIO: 'damaged',
  AUDIO_GAP: 'damaged',
  AUDIO_MISSING: 'damaged',
};

/** Every doubt, in order of time. */
export function doubtsIn({ segments, warnings }: Pick<EditedTranscript, 'segments' | 'warnings'>): readonly Doubt[] {
  const doubts: Doubt[] = [];
  for (const segment of segments) {
    if (segment.checked) continue;
    if (segment.speakerUncertain === true && !segment.edited) {
      const { key, start, end, text } = segment;
      doubts.push({ kind: 'speaker', key, word: null, start, end, text: text.trim() });
    }
    for (const [word, { word: text, probability, start, end }] of segment.words.entries()) {
      if (probability < DOUBTED_BELOW && /[\p{L}\p{N}]/u.test(text)) {
        doubts.push({ kind: 'word', key: segment.key, word, start, end, text: text.trim() });
      }
    }
  }
  for (const { code, message, start, end } of warnings) {
    if (start === undefined) continue;
    const segment = at(segments, start, end ?? start);
    if (segment === null || segment.checked || segment.edited) continue;
    const kind = KIND_OF[code] ?? 'other';
    doubts.push({ kind, key: segment.key, word: null, start, end: end ?? start, text: message });
  }
  return doubts.sort((one, other) => one.start - other.start || Number(one.word ?? -1) - Number(other.word ?? -1));
}

/** The segment that covers the most of the stretch, else the next one after it. */
function at(segments: readonly EditedSegment[], start: number, end: number): EditedSegment | null {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segments[middle]?.end ?? 0) <= start) low = middle + 1;
    else high = middle;
  }
  let best: EditedSegment | null = null;
  let most = 0;
  for (let index = low; index < segments.length; index += 1) {
    const segment = segments[index];
    if (segment === undefined || segment.start >= end) break;
    const shared = Math.min(end, segment.end) - Math.max(start, segment.start);
    if (shared > most) [best, most] = [segment, shared];
  }
  return best ?? segments[low] ?? segments.at(-1) ?? null;
}

/** The next doubt after a place (or before it), around the end; null when there is none. */
export function doubtFrom(
  doubts: readonly Doubt[],
  place: { readonly start: number; readonly word: number | null },
  step: 1 | -1,
): Doubt | null {
  const after = (doubt: Doubt): boolean =>
    doubt.start > place.start || (doubt.start === place.start && Number(doubt.word ?? -1) > Number(place.word ?? -1));
  const same = (doubt: Doubt): boolean => doubt.start === place.start && doubt.word === place.word;
  if (step === 1) return doubts.find(after) ?? doubts[0] ?? null;
  return doubts.findLast((doubt) => !after(doubt) && !same(doubt)) ?? doubts.at(-1) ?? null;
}
