// Owns find and replace inside one transcript: where something stands, what it becomes, and which patterns are refused because looking
// for them could take for ever.

import type { EditOperation } from '../contract/edits.ts';
import type { Segment } from '../contract/transcript.ts';

export interface FindQuery {
  readonly text: string;
  readonly matchCase: boolean;
  readonly wholeWord: boolean;
  readonly regex: boolean;
}

/** Places `[from, to)` in the text of a segment (UTF-16). */
export interface FindHit {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  /** What is put there; only where a replacement was asked for. */
  readonly into: string;
}

export type FindProblem = 'bad-pattern' | 'costly-pattern' | 'too-slow' | 'too-many';

export interface Found {
  readonly hits: readonly FindHit[];
  readonly problem: FindProblem | null;
}

const NOTHING: Found = { hits: [], problem: null };
const MOST_HITS = 10_000;
/** Milliseconds for the whole of a transcript. */
const BUDGET_MS = 400;
const LONGEST_PATTERN = 200;
/** Unbounded repetitions in one pattern: each multiplies the time by the length of a segment. */
const MOST_REPETITIONS = 3;

type Searched = Pick<Segment, 'text'> & { readonly key: string };

/** All places, in order. `clock` gives milliseconds; it ends a search that takes too long. */
export function findIn(
  segments: readonly Searched[],
  query: FindQuery,
  replacement: string,
  clock: () => number,
): Found {
  if (query.text === '') return NOTHING;
  const pattern = patternOf(query);
  if (typeof pattern === 'string') return { hits: [], problem: pattern };
  const hits: FindHit[] = [];
  const until = clock() + BUDGET_MS;
  for (const { key, text } of segments) {
    for (const match of text.matchAll(pattern)) {
      if (match[0] === '') continue;
      const into = query.regex ? expanded(replacement, match) : replacement;
      hits.push({ key, from: match.index, to: match.index + match[0].length, into });
      if (hits.length >= MOST_HITS) return { hits, problem: 'too-many' };
    }
    if (clock() > until) return { hits, problem: 'too-slow' };
  }
  return { hits, problem: null };
}

function patternOf({ text, matchCase, wholeWord, regex }: FindQuery): RegExp | FindProblem {
  if (regex && isCostly(text)) return 'costly-pattern';
  const source = regex ? text : text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  const whole = wholeWord ? `(?<![\\p{L}\\p{N}_])(?:${source})(?![\\p{L}\\p{N}_])` : source;
  try {
    return new RegExp(whole, matchCase ? 'gu' : 'giu');
  } catch {
    return 'bad-pattern';
  }
}

/** Whether a pattern may take for ever: repetitions of what repeats or branches, back references, too many open repetitions. */
export function isCostly(pattern: string): boolean {
  if (pattern.length > LONGEST_PATTERN) return true;
  let open = 0;
  let inClass = false;
  // For each group that is open: whether something in it repeats or branches.
  const groups: boolean[] = [false];
  let closed = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const letter = pattern[at] ?? '';
    const wasClosed = closed;
    closed = false;
    if (letter === '\\') {
      if (/[1-9k]/.test(pattern[at + 1] ?? '')) return true;
      at += 1;
    } else if (inClass) inClass = letter !== ']';
    else if (letter === '[') inClass = true;
    else if (letter === '(') groups.push(false);
    else if (letter === ')') {
      closed = groups.pop() ?? false;
      if (closed && groups.length > 0) groups[groups.length - 1] = true;
    } else if (letter === '|') groups[groups.length - 1] = true;
    else if (letter === '*' || letter === '+' || /^\{\d+,\d*\}/.test(pattern.slice(at))) {
      if (wasClosed) return true;
      open += 1;
      groups[groups.length - 1] = true;
    }
  }
  return open > MOST_REPETITIONS;
}

/** `$1`, `$&` and `$$` as everywhere; a group that is not there is nothing. */
function expanded(replacement: string, match: RegExpExecArray): string {
  return replacement.replace(/\$(\$|&|\d{1,2})/g, (_whole, which: string) =>
    which === '$' ? '$' : which === '&' ? match[0] : (match[Number(which)] ?? ''),
  );
}

/** A segment's text with these hits replaced; they are its own, in order, not overlapping. */
export function replacedText(text: string, hits: readonly FindHit[]): string {
  let done = '';
  let at = 0;
  for (const { from, to, into } of hits) {
    done += text.slice(at, from) + into;
    at = to;
  }
  return done + text.slice(at);
}

/** What replaces all hits as one edit. A segment of which nothing is left is deleted. */
export function replaceAll(segments: readonly Searched[], hits: readonly FindHit[]): readonly EditOperation[] {
  const byKey = new Map<string, FindHit[]>();
  for (const hit of hits) byKey.set(hit.key, [...(byKey.get(hit.key) ?? []), hit]);
  return segments.flatMap(({ key, text }): EditOperation[] => {
    const own = byKey.get(key);
    if (own === undefined) return [];
    const after = replacedText(text, own).trim();
    if (after === text.trim()) return [];
    return [after === '' ? { type: 'delete', segment: key } : { type: 'set-text', segment: key, text: after }];
  });
}
