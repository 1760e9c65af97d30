// Owns how a hit is shown: the text around the first match, and which places of it match.

import { PARTING } from './search-query.ts';

/** What the index puts around a match; control characters never stand in the text itself. */
export const MARK_START = '\u0001';
export const MARK_END = '\u0002';

/** Characters before the first match, and in all. */
const BEFORE = 60;
const LENGTH = 240;
const CUT = '…';

/** @param marked the segment's text with {@link MARK_START} and {@link MARK_END} in it */
export function snippetOf(marked: string): { readonly snippet: string; readonly marks: [number, number][] } {
  const { text, marks } = unmarked(marked);
  const first = marks[0]?.[0] ?? 0;
  const from = text.length <= LENGTH ? 0 : atSpace(text, Math.max(0, first - BEFORE));
  const to = Math.min(text.length, atPair(text, from + LENGTH));
  const head = from > 0 ? CUT : '';
  const shift = head.length - from;
  return {
    snippet: head + text.slice(from, to) + (to < text.length ? CUT : ''),
    marks: marks
      .filter(([start]) => start >= from && start < to)
      .map(([start, end]): [number, number] => [start + shift, Math.min(end, to) + shift]),
  };
}

function unmarked(marked: string): { readonly text: string; readonly marks: [number, number][] } {
  let text = '';
  let open = 0;
  const marks: [number, number][] = [];
  for (const letter of marked) {
    if (letter === MARK_START) open = text.length;
    else if (letter === MARK_END) {
      const last = marks.at(-1);
      // Letters of scripts without spaces are marked one by one.
      if (last?.[1] === open) last[1] = text.length;
      else marks.push([open, text.length]);
    } else if (letter !== PARTING) text += letter;
  }
  return { text, marks };
}

/** The next place after a space, if there is one near; between two characters in any case. */
function atSpace(text: string, from: number): number {
  if (from === 0) return 0;
  const space = text.indexOf(' ', from);
  return space >= 0 && space - from < BEFORE / 2 ? space + 1 : atPair(text, from);
}

/** Not within a pair of surrogates. */
function atPair(text: string, at: number): number {
  return /[\udc00-\udfff]/.test(text[at] ?? '') ? at - 1 : at;
}
