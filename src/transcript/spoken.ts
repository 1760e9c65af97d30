// Owns the words of a transcript as every text format reads them: cleaned, in order, with times that never run backwards but where people
// speak at the same time.

import type { Segment, Transcript, Word } from '../contract/transcript.ts';
import { crosstalkIn } from './crosstalk.ts';
import { toMs } from './times.ts';

/** One word as it is shown. Times are integer milliseconds; `startMs` never falls from one word of a speaker to the next. */
export interface SpokenWord {
  /** Without white space around it; never empty, never a line break or another control character in it. */
  readonly text: string;
  readonly startMs: number;
  /** Not before `startMs`. */
  readonly endMs: number;
  /** The speaker's label as diarization gave it (`SPEAKER_00`), or null. */
  readonly speaker: string | null;
  /** False when it continues the word before it ("twenty" and "-five"): nothing may come between the two. */
  readonly detached: boolean;
  /** True when a space is written before it, unless it begins a line. */
  readonly spaced: boolean;
  /** True when it is the first of its segment. */
  readonly first: boolean;
  /** True where another speaker speaks in the time of its segment: then it may begin before the word before it, which is somebody else's. */
  readonly crosstalk: boolean;
}

/** Control characters, line and paragraph separators, and byte-order marks have no place in a line of text. */
const NOT_SHOWN = /[\p{Cc}\u2028\u2029\ufeff]+/gu;

/** `text` in one line: what cannot be shown becomes a space, runs of white space become one, none is left around it. */
export function oneLine(text: string): string {
  return text.toWellFormed().replace(NOT_SHOWN, ' ').replace(/\s+/gu, ' ').trim();
}

/** A letter of a script that is written without spaces: a line may break between any two of their words. */
export const UNSPACED_LETTER =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

const UNSPACED = new RegExp(`^${UNSPACED_LETTER.source}`, 'u');

/** What never begins a line, even there. */
const CLOSING = /^[\p{Pe}\p{Pf}、。，．！？：；…]/u;

/** Every word of the transcript. A segment without words gives those of its text, laid evenly over its time. */
export function spokenWords(transcript: Transcript): readonly SpokenWord[] {
  const spoken: SpokenWord[] = [];
  let earliest = 0;
  /** The last start out of crosstalk: nothing that comes later is before it. */
  let calm = 0;
  /** The last start of each speaker in crosstalk. */
  const own = new Map<string, number>();
  const crossing = crosstalkIn(transcript.segments);
  let open = true;
  for (const [index, segment] of transcript.segments.entries()) {
    const crosstalk = crossing[index] === true;
    const from = toMs(segment.start);
    const to = Math.max(from, toMs(segment.end));
    let first = true;
    for (const word of segment.words.length > 0 ? segment.words : laidOut(segment)) {
      const text = oneLine(word.word);
      const parted: boolean = open || /^\s/u.test(word.word);
      open = /\s$/u.test(word.word);
      if (text === '') {
        // Nothing to show, but what follows it does not continue what came before it.
        open ||= parted;
        continue;
      }
      const unspaced = UNSPACED.test(text) || UNSPACED.test(lastCharacter(spoken.at(-1)?.text ?? ''));
      const speaker = word.speaker ?? segment.speaker ?? null;
      // In crosstalk a word follows those of its own speaker; what was said before the crosstalk lies before all of it.
      const floor = crosstalk && speaker !== null ? Math.max(own.get(speaker) ?? 0, calm) : earliest;
      const startMs = Math.max(floor, within(toMs(word.start), from, to));
      const endMs = Math.max(startMs, within(toMs(word.end), from, to));
      spoken.push({
        text,
        startMs,
        endMs,
        speaker,
        detached: parted || first || (unspaced && !CLOSING.test(text)),
        spaced: parted || (first && !unspaced),
        first,
        crosstalk,
      });
      earliest = Math.max(earliest, startMs);
      if (crosstalk && speaker !== null) own.set(speaker, startMs);
      else calm = earliest;
      first = false;
    }
  }
  return spoken;
}

function within(value: number, from: number, to: number): number {
  return Math.min(to, Math.max(from, value));
}

function lastCharacter(text: string): string {
  return Array.from(text.slice(-2)).at(-1) ?? '';
}

/** The words of a segment's text, each with a share of the segment's time by its length. */
export function laidOut(segment: Segment): readonly Pick<Word, 'word' | 'start' | 'end' | 'speaker'>[] {
  const words = oneLine(segment.text).split(' ');
  const whole = words.reduce((sum, word) => sum + word.length, 0);
  const perCharacter = whole === 0 ? 0 : (segment.end - segment.start) / whole;
  let before = 0;
  return words.map((word) => {
    const start = segment.start + before * perCharacter;
    before += word.length;
    return { word: ` ${word}`, start, end: segment.start + before * perCharacter };
  });
}
