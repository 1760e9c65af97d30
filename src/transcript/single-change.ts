// Owns the question after a correction: was it one word in place of another, and where else does the old one stand?

import type { FindHit } from './find.ts';
import { commonWords } from './word-diff.ts';

/** One word (or a few in a row) written in place of another, without the punctuation around them. */
export interface SingleChange {
  readonly from: string;
  readonly to: string;
}

const MOST_WORDS = 3;

/** What was changed between two texts, when it is one place of at most three words; else null. */
export function singleChange(before: string, after: string): SingleChange | null {
  const old = before.trim().split(/\s+/u);
  const fresh = after.trim().split(/\s+/u);
  const kept = commonWords(old, fresh);
  let head = 0;
  while (kept[head]?.[0] === head && kept[head]?.[1] === head) head += 1;
  const tail = kept.length - head;
  // What is kept after the change has to be the end of both, without a second change in it.
  const straight = kept
    .slice(head)
    .every(([was, is], at) => was === old.length - tail + at && is === fresh.length - tail + at);
  if (!straight) return null;
  const was = old.slice(head, old.length - tail);
  const is = fresh.slice(head, fresh.length - tail);
  if (was.length === 0 || is.length === 0 || was.length > MOST_WORDS || is.length > MOST_WORDS) return null;
  const change = { from: peeled(was.join(' ')), to: peeled(is.join(' ')) };
  return change.from === '' || change.to === '' || change.from === change.to ? null : change;
}

function peeled(text: string): string {
  return text.replace(/^[\p{P}\p{S}]+|(?<![\p{P}\p{S}])[\p{P}\p{S}]+$/gu, '');
}

/** How many of the hits lie in other segments than the one that was just corrected. */
export function elsewhere(hits: readonly FindHit[], key: string): readonly FindHit[] {
  return hits.filter((hit) => hit.key !== key);
}
