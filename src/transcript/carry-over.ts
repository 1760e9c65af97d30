// Owns taking a person's corrections from an earlier transcript of a recording to a new one. The new transcript has other segments and other words, so
// what is carried over is what the corrections come to: words in place of words that were heard at that time, what was deleted, who speaks, what
// the speakers are called. What the new transcript says already needs nothing; what has no place in it is given back, to be shown.
//
// Not carried over, because it says nothing of the new text: where segments were split and joined, and what was checked but not corrected.

import type { NotCarried } from '../contract/carried.ts';
import type { Edit, EditedSegment, EditOperation } from '../contract/edits.ts';
import type { Transcript } from '../contract/transcript.ts';
import { carriedSpeakers } from './carried-speakers.ts';
import { applyEdits } from './edit.ts';
import { type TimedToken, timedTokens, tokensOf } from './timed-tokens.ts';
import { commonWords } from './word-diff.ts';

export interface CarriedOver {
  /** To be made on the new transcript as one edit; all apply. Empty where nothing is to be done. */
  readonly operations: readonly EditOperation[];
  /** Corrections that have their place in the new transcript, or that it needs no more. */
  readonly placed: number;
  /** By time. */
  readonly left: readonly NotCarried[];
}

/** Seconds by which the same word may lie elsewhere in another transcript; and where none of its neighbours is the same. */
const NEAR_SEC = 1;
const ALONE_SEC = 0.3;

/** Words of the earlier machine, and what a person made of them. */
interface Change {
  readonly old: readonly TimedToken[];
  readonly fresh: readonly string[];
  /** The tokens on both sides, null at the transcript's ends. */
  readonly before: TimedToken | null;
  readonly after: TimedToken | null;
  /** Nothing of the segment stood before it. */
  readonly atStart: boolean;
}

interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly text: readonly string[];
}

/** @param edits those in force in the earlier transcript */
export function carryOver(earlier: Transcript, edits: readonly Edit[], machine: Transcript): CarriedOver {
  const view = applyEdits(earlier, edits);
  const old = timedTokens(earlier.segments);
  const now = timedTokens(machine.segments);
  const places = new Map<number, Replacement[]>();
  const left: NotCarried[] = [];
  let placed = 0;

  const changed = view.segments.filter(({ edited }) => edited).map((segment) => ({ segment, gone: false }));
  for (const { segment, gone } of [...changed, ...view.deleted.map((each) => ({ segment: each, gone: true }))]) {
    for (const change of changesIn(segment, gone, old)) {
      const outcome = place(change, now, places);
      if (outcome === 'left') left.push(notCarried(segment, gone, change));
      else placed += 1;
    }
  }
  const operations = [...places].flatMap(([index, replacements]) => operationOf(machine, index, replacements));
  const speakers = carriedSpeakers(earlier, view, machine);
  const all = [...operations, ...speakers.operations.filter((operation) => staysPut(operation, operations))];
  return {
    operations: all,
    placed: placed + speakers.placed,
    left: [...left, ...speakers.left].sort((one, other) => one.start - other.start),
  };
}

/** A segment that is deleted has no speaker to be set. */
function staysPut(operation: EditOperation, others: readonly EditOperation[]): boolean {
  if (operation.type !== 'set-speaker') return true;
  return !others.some((other) => other.type === 'delete' && other.segment === operation.segment);
}

/** What a person changed in one segment, as rows of words for rows of words. */
function changesIn(segment: EditedSegment, gone: boolean, old: readonly TimedToken[]): readonly Change[] {
  const original = tokensOf(segment.original ?? segment.text);
  const written = gone ? [] : tokensOf(segment.text);
  const first = whereIs(original, segment.start, old);
  // The words of the machine that it came from; where its parts lie apart, it has no place of its own.
  const there =
    first === null ? original.map((text) => loose(text, segment)) : old.slice(first, first + original.length);
  const kept = commonWords(original, written);
  const changes: Change[] = [];
  let [was, is] = [0, 0];
  for (const [nextWas, nextIs] of [...kept, [original.length, written.length] as const]) {
    if (nextWas > was || nextIs > is) {
      const at = first === null ? null : first + was;
      changes.push({
        old: there.slice(was, nextWas),
        fresh: written.slice(is, nextIs),
        atStart: was === 0,
        before: at === null ? (there[was - 1] ?? null) : (old[at - 1] ?? null),
        after: at === null ? (there[nextWas] ?? null) : (old[at + nextWas - was] ?? null),
      });
    }
    [was, is] = [nextWas + 1, nextIs + 1];
  }
  return changes;
}

function loose(text: string, { start, end }: EditedSegment): TimedToken {
  return { text, heard: text, start, end, segment: -1, at: 0 };
}

/** Where these words stand, the nearest to a time. */
function whereIs(words: readonly string[], start: number, tokens: readonly TimedToken[]): number | null {
  let best: number | null = null;
  let distance = Number.POSITIVE_INFINITY;
  for (let at = firstNear(tokens, start); at + words.length <= tokens.length && words.length > 0; at += 1) {
    const away = Math.abs((tokens[at]?.start ?? 0) - start);
    if ((tokens[at]?.start ?? 0) > start + NEAR_SEC) break;
    if (away < distance && words.every((word, index) => tokens[at + index]?.text === word)) {
      best = at;
      distance = away;
    }
  }
  return best;
}

function place(change: Change, now: readonly TimedToken[], places: Map<number, Replacement[]>): 'placed' | 'left' {
  const { old, fresh } = change;
  const found = old.length === 0 ? gapFor(change, now) : rowFor(change, now);
  if (found !== null) {
    const inside = now.slice(found.from, found.to);
    const anchor = inside[0] ?? found.beside;
    if (anchor !== undefined && inside.every(({ segment }) => segment === anchor.segment)) {
      const from = inside[0]?.at ?? anchor.at + found.offset;
      const replacement = { from, to: from + inside.length, text: fresh };
      const there = places.get(anchor.segment) ?? [];
      if (!there.some((other) => overlap(other, replacement))) {
        places.set(anchor.segment, [...there, replacement]);
        return 'placed';
      }
    }
  }
  return saysItself(change, now) ? 'placed' : 'left';
}

function overlap(one: Replacement, other: Replacement): boolean {
  return one.from < other.to && other.from < one.to;
}

interface Found {
  readonly from: number;
  readonly to: number;
  /** Of a gap: the token beside it, and whether the gap is before it (0) or after it (1). */
  readonly beside?: TimedToken;
  readonly offset: number;
}

/** The same words at the same time in the new transcript. */
function rowFor({ old, before, after }: Change, now: readonly TimedToken[]): Found | null {
  const time = old[0]?.start ?? 0;
  let best: Found | null = null;
  let distance = Number.POSITIVE_INFINITY;
  for (let at = firstNear(now, time); at + old.length <= now.length; at += 1) {
    const here = now[at];
    if (here === undefined || here.start > time + NEAR_SEC) break;
    if (!old.every(({ heard }, index) => now[at + index]?.heard === heard)) continue;
    const away = Math.abs(here.start - time);
    const beside = same(before, now[at - 1]) || same(after, now[at + old.length]);
    if (away > NEAR_SEC || away >= distance || (away > ALONE_SEC && !beside)) continue;
    best = { from: at, to: at + old.length, offset: 0 };
    distance = away;
  }
  return best;
}

/** The place between the same two words, the nearest; at the ends of a transcript one of them is enough. */
function gapFor({ before, after, atStart }: Change, now: readonly TimedToken[]): Found | null {
  const time = before?.start ?? after?.start ?? 0;
  let best: Found | null = null;
  let distance = Number.POSITIVE_INFINITY;
  for (let at = firstNear(now, time - NEAR_SEC); at <= now.length; at += 1) {
    const [ahead, behind] = [now[at - 1], now[at]];
    if ((ahead?.start ?? 0) > time + 2 * NEAR_SEC) break;
    if ((before !== null && !same(before, ahead)) || (after !== null && !same(after, behind))) continue;
    const away = apart(before, ahead) + apart(after, behind);
    // Words at the beginning of what somebody says belong to what follows.
    const beside = atStart ? (behind ?? ahead) : (ahead ?? behind);
    if (beside === undefined || away >= distance) continue;
    best = { from: at, to: at, beside, offset: beside === behind ? 0 : 1 };
    distance = away;
  }
  return best;
}

function apart(one: TimedToken | null, other: TimedToken | undefined): number {
  return one === null || other === undefined ? 0 : Math.abs(one.start - other.start);
}

/** Whether the new transcript has at that time what the person wrote, or nothing where the person deleted. */
function saysItself({ old, fresh, before, after }: Change, now: readonly TimedToken[]): boolean {
  const start = old[0]?.start ?? before?.end ?? after?.start ?? 0;
  const end = old.at(-1)?.end ?? start;
  if (fresh.length === 0) return !now.some((token) => token.start < end && token.end > start);
  for (let at = firstNear(now, start); at + fresh.length <= now.length; at += 1) {
    if ((now[at]?.start ?? 0) > end + NEAR_SEC) return false;
    if (fresh.every((word, index) => now[at + index]?.text === word)) return true;
  }
  return false;
}

function same(one: TimedToken | null, other: TimedToken | undefined): boolean {
  return (
    one !== null && other !== undefined && one.heard === other.heard && Math.abs(one.start - other.start) <= NEAR_SEC
  );
}

/** Index of the first token that starts at most {@link NEAR_SEC} before `time`. Tokens rise in time, as far as machines keep to that. */
function firstNear(tokens: readonly TimedToken[], time: number): number {
  let [low, high] = [0, tokens.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.start ?? 0) < time - NEAR_SEC) low = middle + 1;
    else high = middle;
  }
  return low;
}

function operationOf(machine: Transcript, index: number, replacements: readonly Replacement[]): EditOperation[] {
  const segment = machine.segments[index];
  if (segment === undefined) return [];
  const words = [...tokensOf(segment.text)];
  // From the end, so that places before stay what they are.
  for (const { from, to, text } of [...replacements].sort((one, other) => other.from - one.from))
    words.splice(from, to - from, ...text);
  const key = String(index);
  if (words.length === 0) return [{ type: 'delete', segment: key }];
  return [{ type: 'set-text', segment: key, text: words.join(' ') }];
}

function notCarried(segment: EditedSegment, gone: boolean, { old, fresh, before, after }: Change): NotCarried {
  const start = old[0]?.start ?? before?.end ?? after?.start ?? segment.start;
  return {
    what: gone ? 'deleted' : 'text',
    start,
    end: Math.max(start, old.at(-1)?.end ?? start),
    text: fresh.join(' '),
    original: old.map(({ text }) => text).join(' '),
  };
}
