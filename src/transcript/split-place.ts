// Owns the translation between a caret in a line that is being written and the words that the line is timed by.

import type { Segment } from '../contract/transcript.ts';
import { wordsOf } from './piece.ts';
import { realign } from './realign.ts';
import { oneLine } from './spoken.ts';

/**
 * The word in front of which a caret cuts the line, after `text` was written into the segment; within a word the cut comes before it.
 * Null where one of the two parts would be empty.
 */
export function splitPlace(segment: Segment, text: string, caret: number): number | null {
  const shown = oneLine(text);
  const whole = (/^\s/u.test(segment.text) ? ' ' : '') + shown;
  const same = shown === oneLine(segment.text);
  const words =
    same || segment.words.length === 0
      ? wordsOf(same ? segment : { ...segment, text: whole })
      : realign(whole, segment.words, segment);
  const before = solid(text.slice(0, caret));
  let passed = 0;
  for (const [index, { word }] of words.entries()) {
    const next = passed + solid(word);
    if (next > before) return index === 0 ? null : index;
    passed = next;
  }
  return null;
}

/** Where a word begins in the line as it is written. */
export function caretOf(segment: Segment, word: number): number {
  const text = oneLine(segment.text);
  const passed = wordsOf(segment)
    .slice(0, word)
    .reduce((sum, each) => sum + solid(each.word), 0);
  let seen = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (/\s/u.test(text[at] ?? '')) continue;
    if (seen >= passed) return at;
    seen += 1;
  }
  return text.length;
}

/** How many characters are not white space. */
function solid(text: string): number {
  return text.replace(/\s+/gu, '').length;
}
