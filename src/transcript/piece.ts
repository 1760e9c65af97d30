// Owns the pieces that an edited transcript is made of: a segment as it is now, and the machine's words that it came from. Cutting one
// and joining its two parts again gives the very piece that was cut.

import type { Segment, Transcript, Word } from '../contract/transcript.ts';
import { laidOut, oneLine } from './spoken.ts';

/** Words `[from, to)` of the machine's segment at `index`; of its text, where the machine gave no words. */
export interface Origin {
  readonly index: number;
  readonly from: number;
  readonly to: number;
}

export interface Piece {
  readonly key: string;
  readonly segment: Segment;
  readonly origins: readonly Origin[];
  /** It was cut off where no white space was, so nothing comes between when it is joined again. */
  readonly glued: boolean;
}

/** The machine's segment at `index` as a piece. */
export function pieceOf(segment: Segment, index: number): Piece {
  return { key: String(index), segment, origins: [{ index, from: 0, to: wordsOf(segment).length }], glued: false };
}

/** The words of a segment, laid out evenly where the machine gave only text. */
export function wordsOf(segment: Segment): readonly Pick<Word, 'word' | 'start' | 'end'>[] {
  if (segment.words.length > 0) return segment.words;
  if (oneLine(segment.text) === '') return [];
  const rounded = (seconds: number) => within(Math.round(seconds * 1000) / 1000, segment);
  return laidOut(segment).map(({ word, start, end }) => ({ word, start: rounded(start), end: rounded(end) }));
}

/**
 * Cuts a piece in front of a word.
 * @param word index of the first word of the second part, greater than 0 and less than the number of words
 * @param latest seconds; where the piece after this one starts: the second part does not start later
 */
export function cut(
  piece: Piece,
  word: number,
  second: { readonly key: string; readonly id: number },
  latest: number,
): readonly [Piece, Piece] {
  const { segment } = piece;
  const words = wordsOf(segment);
  const offset = offsetOf(segment.text, words, word);
  const start = Math.min(latest, within(words[word]?.start ?? segment.start, segment));
  const end = within(Math.max(...words.slice(0, word).map((each) => each.end)), segment);
  const [before, after] = cutOrigins(piece.origins, words.length, word);
  const head = segment.text.slice(0, offset);
  const tail = segment.text.slice(offset);
  return [
    {
      ...piece,
      origins: before,
      segment: { ...segment, text: head, end: Math.max(segment.start, end), words: segment.words.slice(0, word) },
    },
    {
      key: second.key,
      origins: after,
      glued: !/\s$/u.test(head) && !/^\s/u.test(tail),
      segment: {
        ...segment,
        id: second.id,
        text: tail,
        start: Math.max(segment.start, start),
        words: segment.words.slice(word),
      },
    },
  ];
}

/** Both as one, under the first one's key, speaker and id. */
export function join(first: Piece, second: Piece): Piece {
  const [one, other] = [first.segment, second.segment];
  const space = second.glued ? '' : spaceBetween(one.text, other.text);
  const words = joinWords(one, other, space);
  const laid = (one.words.length === 0) !== (other.words.length === 0);
  return {
    ...first,
    origins: joinOrigins(first.origins, second.origins),
    segment: {
      ...one,
      end: Math.max(one.end, other.end),
      // Words that are laid out for the joining are written with plain spaces.
      text: laid ? words.map(({ word }) => word).join('') : one.text + space + other.text,
      avg_logprob: Math.min(one.avg_logprob, other.avg_logprob),
      no_speech_prob: Math.max(one.no_speech_prob, other.no_speech_prob),
      compression_ratio: Math.max(one.compression_ratio, other.compression_ratio),
      temperature: Math.max(one.temperature, other.temperature),
      words,
    },
  };
}

/** What the machine wrote where this piece is. */
export function originalText(machine: Transcript, piece: Piece): string {
  return piece.origins.reduce((before, { index, from, to }) => {
    const segment = machine.segments[index];
    if (segment === undefined) return before;
    const words = wordsOf(segment);
    const start = from === 0 ? 0 : offsetOf(segment.text, words, from);
    const end = to >= words.length ? segment.text.length : offsetOf(segment.text, words, to);
    const text = segment.text.slice(start, end);
    // Where the machine's segments begin with no space of their own, joining them puts one between.
    return before + (from === 0 ? spaceBetween(before, text) : '') + text;
  }, '');
}

/** What stands between two texts that follow each other: a space, unless one of them brings it. */
export function spaceBetween(one: string, other: string): string {
  return one === '' || other === '' || /\s/u.test(one.at(-1) ?? '') || /^\s/u.test(other) ? '' : ' ';
}

/** Whether nothing was changed: what a piece holds is just what the machine gave. */
export function sameSegment(one: Segment, other: Segment): boolean {
  return (
    one === other ||
    (one.start === other.start &&
      one.end === other.end &&
      one.text === other.text &&
      one.speaker === other.speaker &&
      one.words.length === other.words.length &&
      one.words.every((word, index) => sameWord(word, other.words[index])))
  );
}

function sameWord(one: Word, other: Word | undefined): boolean {
  return (
    one === other ||
    (one.word === other?.word && one.start === other.start && one.end === other.end && one.speaker === other.speaker)
  );
}

/** Words of their own stay; where only one of both has words, the other's are laid out, so that no text is left without. */
function joinWords(one: Segment, other: Segment, space: string): Word[] {
  if (one.words.length === 0 && other.words.length === 0) return [];
  const [first, ...others] = timedWords(other);
  if (first === undefined) return timedWords(one);
  return [...timedWords(one), { ...first, word: /^\s/u.test(first.word) ? first.word : space + first.word }, ...others];
}

function timedWords(segment: Segment): Word[] {
  if (segment.words.length > 0) return segment.words;
  return wordsOf(segment).map(({ word, start, end }, at): Word => {
    const text = at === 0 && !/^\s/u.test(segment.text) ? word.trimStart() : word;
    return { word: text, start, end, probability: 1, interpolated: true };
  });
}

/** Where word number `word` begins in the text, with the white space in front of it; found by what is not white space. */
function offsetOf(text: string, words: readonly Pick<Word, 'word'>[], word: number): number {
  const passed = words.slice(0, word).reduce((sum, each) => sum + each.word.replace(/\s+/gu, '').length, 0);
  let offset = 0;
  for (let seen = 0; offset < text.length && seen < passed; offset += 1) if (!/\s/u.test(text[offset] ?? '')) seen += 1;
  return offset;
}

function within(value: number, { start, end }: Segment): number {
  return Math.min(end, Math.max(start, value));
}

/** The origins of the words before and from `word` on: exact where no word was added or taken away, else in proportion. */
function cutOrigins(
  origins: readonly Origin[],
  words: number,
  word: number,
): readonly [readonly Origin[], readonly Origin[]] {
  const whole = origins.reduce((sum, { from, to }) => sum + to - from, 0);
  let left = Math.round((whole * word) / words);
  const before: Origin[] = [];
  const after: Origin[] = [];
  for (const { index, from, to } of origins) {
    const at = Math.min(to, from + left);
    left -= at - from;
    if (at > from) before.push({ index, from, to: at });
    if (to > at) after.push({ index, from: at, to });
  }
  return [before, after];
}

function joinOrigins(first: readonly Origin[], second: readonly Origin[]): readonly Origin[] {
  const last = first.at(-1);
  const [next, ...others] = second;
  if (last === undefined || next === undefined || last.index !== next.index || last.to !== next.from)
    return [...first, ...second];
  return [...first.slice(0, -1), { ...last, to: next.to }, ...others];
}
