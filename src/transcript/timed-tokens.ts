// Owns a transcript as a row of written words, each with the time at which it is said and its place: what two transcripts of the same recording
// are compared by. A written word is what stands between white space; the machine's words may be smaller.

import type { Segment } from '../contract/transcript.ts';
import { wordsOf } from './piece.ts';

export interface TimedToken {
  /** As it is written, without white space. */
  readonly text: string;
  /** Without case and without marks at its ends: two machines differ in these where they heard the same. */
  readonly heard: string;
  /** Seconds. */
  readonly start: number;
  readonly end: number;
  /** The segment's place in its list, and the token's in the segment. */
  readonly segment: number;
  readonly at: number;
}

/** The written words of a text. */
export function tokensOf(text: string): readonly string[] {
  return text.match(/\S+/gu) ?? [];
}

export function heardAs(token: string): string {
  const plain = token
    .normalize('NFC')
    .toLowerCase()
    .replace(/^[^\p{L}\p{N}]+|(?<=[\p{L}\p{N}])[^\p{L}\p{N}]+$/gu, '');
  return plain === '' ? token : plain;
}

/** All tokens of the segments, in order. */
export function timedTokens(segments: readonly Segment[]): readonly TimedToken[] {
  return segments.flatMap((segment, index) => tokensOfSegment(segment, index));
}

function tokensOfSegment(segment: Segment, index: number): TimedToken[] {
  const words = wordsOf(segment);
  // Which word each written character belongs to.
  const owner: number[] = [];
  for (const [place, { word }] of words.entries())
    for (let left = word.replace(/\s+/gu, '').length; left > 0; left -= 1) owner.push(place);
  let passed = 0;
  return tokensOf(segment.text).map((text, at) => {
    const first = words[owner[passed] ?? words.length - 1];
    passed += text.length;
    const last = words[owner[passed - 1] ?? words.length - 1];
    const start = first?.start ?? segment.start;
    return { text, heard: heardAs(text), start, end: Math.max(start, last?.end ?? segment.end), segment: index, at };
  });
}
