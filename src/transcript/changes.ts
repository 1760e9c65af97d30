// Owns what a person sees of an edit: which words of a line are new, and which of the machine's words they stand for.

import type { EditedSegment } from '../contract/edits.ts';
import { wordsOf } from './piece.ts';
import { bare } from './repeats.ts';
import { oneLine } from './spoken.ts';
import { commonWords } from './word-diff.ts';

export interface Changes {
  /** Indexes of the words that the machine did not write so. */
  readonly fresh: ReadonlySet<number>;
  /** What the machine wrote in their places, in order. */
  readonly was: readonly string[];
}

const NONE: Changes = { fresh: new Set(), was: [] };

/** The changes of a line; none where only its speaker or its bounds were changed. */
export function changesOf(segment: EditedSegment): Changes {
  if (!segment.edited || segment.original === null) return NONE;
  const now = wordsOf(segment).map(({ word }) => oneLine(word));
  const before = oneLine(segment.original)
    .split(' ')
    .filter((word) => word !== '');
  // Two words written as one ("twenty" and "-five") are one in the machine's text.
  const joined = oneLine(now.join(' ')) === before.join(' ');
  if (joined || oneLine(segment.text) === oneLine(segment.original)) return NONE;
  const kept = commonWords(before, now);
  const stayed = new Set(kept.map(([, is]) => is));
  const fresh = new Set(now.flatMap((word, index) => (stayed.has(index) || word === '' ? [] : [index])));
  const was: string[] = [];
  let from = 0;
  for (const [old] of [...kept, [before.length, now.length] as const]) {
    const gone = before.slice(from, old).join(' ');
    if (bare(gone) !== '' || gone !== '') was.push(gone);
    from = old + 1;
  }
  return { fresh, was: was.filter((text) => text !== '') };
}
