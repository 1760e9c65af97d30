// Owns the layout of subtitles: which words share a cue, how its lines break, and when it is shown. A word is never cut, a cue never
// holds two speakers; they end preferably where a sentence, a phrase or a breath does. Two cues are shown together only where two people
// speak together: each at its true time, one above the other, as WebVTT has it and players do with SRT. To move one of them would show words
// under the sound of others, and to join them would break the limits that both keep.

import type { Transcript } from '../contract/transcript.ts';
import type { Chunk } from './line-break.ts';
import { breakLines, linesNeeded, widthOf } from './line-break.ts';
import type { SpokenWord } from './spoken.ts';
import { spokenWords } from './spoken.ts';
import { toMs } from './times.ts';

/** What a cue may be. A single word that is longer by itself is the only exception to the widths. */
export interface CueLimits {
  readonly lines: number;
  /** Columns; a wide character (Chinese, emoji) takes two. */
  readonly lineWidth: number;
  /** Characters a second that a person can read: a cue stays longer for it where there is room. */
  readonly charactersPerSecond: number;
  readonly shortestMs: number;
  readonly longestMs: number;
  /** Dark time between two cues that follow each other closely. */
  readonly gapMs: number;
  /** A silence as long as this ends a cue. */
  readonly pauseMs: number;
  /** Every sentence ends a cue, however short. */
  readonly everySentence?: boolean;
  /** Every segment is one cue, in one line and whole, whatever the other numbers say. */
  readonly everySegment?: boolean;
}

export const DEFAULT_CUE_LIMITS: CueLimits = {
  lines: 2,
  lineWidth: 42,
  charactersPerSecond: 20,
  shortestMs: 1_000,
  longestMs: 7_000,
  gapMs: 24,
  pauseMs: 1_000,
};

export interface Cue {
  /** Integer milliseconds, the start of its first word. */
  readonly startMs: number;
  /** After `startMs`; never after the start of the next cue of its speaker, nor, but in crosstalk, of any. */
  readonly endMs: number;
  readonly speaker: string | null;
  /** Without line breaks or control characters; never empty. */
  readonly lines: readonly string[];
}

/**
 * The cues of a transcript.
 * @param introduce the text that is put before the first words of another speaker (`Anna:`), or null for none
 * @param always whether it is put into every cue, and not only where the speaker changes
 */
export function layOutCues(
  transcript: Transcript,
  limits: CueLimits = DEFAULT_CUE_LIMITS,
  introduce: (speaker: string) => string | null = () => null,
  always = false,
): readonly Cue[] {
  const groups: Group[] = [];
  let speaker: string | null = null;
  let wasCrosstalk = false;
  for (const run of runsOf(unitsOf(spokenWords(transcript), limits), limits)) {
    const now = run[0]?.speaker ?? null;
    const crosstalk = run.some((unit) => unit.crosstalk);
    // Whose cue is shown before is known when all have their times; until then there is room for the name.
    const doubtful = crosstalk || wasCrosstalk;
    const label = now !== null && (always || doubtful || now !== speaker) ? introduce(now) : null;
    speaker = now;
    wasCrosstalk = crosstalk;
    const labels = label === null ? [] : [{ text: label, width: widthOf(label), spaced: true }];
    const every = always || crosstalk;
    const made = limits.everySegment === true ? whole(run, labels) : divide(run, labels, limits, every);
    for (const part of made) groups.push({ ...part, crosstalk: part.units.some((unit) => unit.crosstalk), doubtful });
  }
  return timed(groups, toMs(transcript.duration), limits, always);
}

/** Words that stay together. */
interface Unit extends Chunk {
  readonly startMs: number;
  readonly endMs: number;
  readonly speaker: string | null;
  /** The last one of its segment: the model heard an end there. */
  readonly last: boolean;
  readonly crosstalk: boolean;
}

interface Division {
  readonly label: readonly Chunk[];
  readonly units: readonly [Unit, ...Unit[]];
  readonly lines: readonly string[];
}

interface Group extends Division {
  readonly crosstalk: boolean;
  /** Whether the cue that is shown before may be that of another speaker than the words before say. */
  readonly doubtful: boolean;
}

function unitsOf(words: readonly SpokenWord[], limits: CueLimits): readonly Unit[] {
  const units: Unit[] = [];
  for (const [index, word] of words.entries()) {
    const last = words[index + 1]?.first ?? true;
    const width = widthOf(word.text);
    const before = units.at(-1);
    const joins =
      before !== undefined &&
      !word.detached &&
      before.speaker === word.speaker &&
      before.width + width <= limits.lineWidth &&
      word.endMs - before.startMs <= limits.longestMs;
    if (joins) {
      const endMs = Math.max(before.endMs, word.endMs);
      units[units.length - 1] = { ...before, text: before.text + word.text, width: before.width + width, endMs, last };
    } else {
      const { text, startMs, endMs, speaker, spaced, crosstalk } = word;
      units.push({ text, width, startMs, endMs, speaker, spaced, last, crosstalk });
    }
  }
  return units;
}

/** Parts at whose ends a cue has to end: another speaker, a long silence, and where it is asked for, a sentence or a segment. */
function runsOf(units: readonly Unit[], limits: CueLimits): readonly (readonly Unit[])[] {
  const runs: Unit[][] = [];
  for (const unit of units) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    const ended =
      (limits.everySentence === true && SENTENCE_END.test(before?.text ?? '')) ||
      (limits.everySegment === true && before?.last === true);
    if (before?.speaker === unit.speaker && unit.startMs - before.endMs < limits.pauseMs && !ended) run?.push(unit);
    else runs.push([unit]);
  }
  return runs;
}

/** A run as one cue of one line. */
function whole(run: readonly Unit[], label: readonly Chunk[]): readonly Division[] {
  const [first, ...others] = run;
  if (first === undefined) return [];
  const text = [...label, ...run].map((chunk, at) => (at > 0 && chunk.spaced ? ' ' : '') + chunk.text).join('');
  return [{ label, units: [first, ...others], lines: [text] }];
}

/** Costs of a division; only their proportions matter. */
const COST = { cue: 20, fullness: 60, tooShort: 40, withinPhrase: 60, afterPhrase: 20, afterSegment: 10 };
const SENTENCE_END = /[.!?…。！？]["'”’»)\]]*$/u;
const PHRASE_END = /[\p{P}]$/u;
const BREATH_MS = 300;

/** The cheapest division of a run, found from its end: `best[i]` is the cost of everything from unit `i` on. */
function divide(
  run: readonly Unit[],
  label: readonly Chunk[],
  limits: CueLimits,
  always: boolean,
): readonly Division[] {
  const labelAt = (from: number) => (from === 0 || always ? label : []);
  const best = new Array<number>(run.length + 1).fill(0);
  const next = new Array<number>(run.length).fill(0);
  for (let from = run.length - 1; from >= 0; from -= 1) {
    const start = run[from]?.startMs ?? 0;
    const chunks: Chunk[] = [...labelAt(from)];
    let endMs = 0;
    let width = 0;
    let wide = false;
    best[from] = Number.POSITIVE_INFINITY;
    for (let to = from; to < run.length; to += 1) {
      const unit = run[to];
      if (unit === undefined) break;
      chunks.push(unit);
      endMs = Math.max(endMs, unit.endMs);
      width += unit.width + (to > from && unit.spaced ? 1 : 0);
      const fits = endMs - start <= limits.longestMs && linesNeeded(chunks, limits.lineWidth) <= limits.lines;
      // A word too wide for any line is shown alone.
      wide ||= unit.width > limits.lineWidth;
      if (to > from && (wide || !fits)) break;
      const fullness = width / (limits.lines * limits.lineWidth);
      const missing = Math.max(0, 1 - (endMs - start) / limits.shortestMs);
      const cost =
        COST.cue +
        COST.fullness * fullness ** 2 +
        COST.tooShort * missing +
        endCost(unit, run[to + 1]) +
        (best[to + 1] ?? 0);
      if (cost < (best[from] ?? 0)) {
        best[from] = cost;
        next[from] = to + 1;
      }
    }
  }
  const groups: Division[] = [];
  for (let from = 0; from < run.length; from = next[from] ?? run.length) {
    const [first, ...others] = run.slice(from, next[from]);
    if (first === undefined) break;
    const units: readonly [Unit, ...Unit[]] = [first, ...others];
    const before = labelAt(from);
    groups.push({ label: before, units, lines: breakLines([...before, ...units], limits.lineWidth) });
  }
  return groups;
}

function endCost(unit: Unit, next: Unit | undefined): number {
  if (next === undefined || SENTENCE_END.test(unit.text)) return 0;
  if (PHRASE_END.test(unit.text) || next.startMs - unit.endMs >= BREATH_MS) return COST.afterPhrase;
  return unit.last ? COST.afterSegment + COST.afterPhrase : COST.withinPhrase;
}

interface Placed {
  readonly group: Group;
  readonly startMs: number;
  /** When its last word ends. */
  readonly spokenMs: number;
}

function timed(groups: readonly Group[], durationMs: number, limits: CueLimits, always: boolean): readonly Cue[] {
  const placed = placedInTime(groups);
  const starts = placed.map(({ startMs }) => startMs);
  const nextOfSpeaker = new Map<string | null, number>();
  let nextCalm: number | undefined;
  const cues: Cue[] = [];
  for (let index = placed.length - 1; index >= 0; index -= 1) {
    const here = placed[index];
    if (here === undefined) continue;
    const { group, startMs, spokenMs } = here;
    const { units, crosstalk } = group;
    const { speaker } = units[0];
    // In crosstalk what others say meanwhile is no end; who begins when it was said is.
    const nextMs = crosstalk
      ? least(
          nextOfSpeaker.get(speaker),
          nextCalm,
          starts[firstFrom(starts, Math.max(spokenMs, startMs + 1), index + 1)],
        )
      : starts[index + 1];
    nextOfSpeaker.set(speaker, startMs);
    if (!crosstalk) nextCalm = startMs;
    const lines = linesOf(group, placed[index - 1]?.group, limits, always);
    const readMs = Math.ceil((Array.from(lines.join(' ')).length * 1_000) / limits.charactersPerSecond);
    const wishedMs = Math.min(Math.max(spokenMs - startMs, readMs, limits.shortestMs), limits.longestMs);
    const roomMs = nextMs === undefined ? Math.max(durationMs - startMs, spokenMs - startMs, 1) : nextMs - startMs;
    const gapMs = nextMs === undefined || roomMs <= limits.gapMs ? 0 : limits.gapMs;
    cues.push({ startMs, endMs: startMs + Math.min(wishedMs, roomMs - gapMs), speaker, lines });
  }
  return cues.reverse();
}

/**
 * Every group with its start, in the order of these. No two of a speaker begin together, nor, but in crosstalk, any two: where the words' times
 * leave no room, each is shown a millisecond after the one before it.
 */
function placedInTime(groups: readonly Group[]): readonly Placed[] {
  const placed: Placed[] = [];
  let latest = -1;
  let calm = -1;
  const own = new Map<string | null, number>();
  for (const group of groups) {
    const { units, crosstalk } = group;
    const { speaker } = units[0];
    const before = crosstalk ? Math.max(own.get(speaker) ?? -1, calm) : latest;
    const startMs = Math.max(units[0].startMs, before + 1);
    placed.push({ group, startMs, spokenMs: Math.max(...units.map((unit) => unit.endMs)) });
    latest = Math.max(latest, startMs);
    if (crosstalk) own.set(speaker, startMs);
    else calm = latest;
  }
  return placed.sort((one, other) => one.startMs - other.startMs);
}

/** The lines, without the name where the cue before turned out to be of the same speaker. */
function linesOf(group: Group, before: Group | undefined, limits: CueLimits, always: boolean): readonly string[] {
  const { units, label, lines, doubtful } = group;
  if (always || !doubtful || label.length === 0 || before?.units[0].speaker !== units[0].speaker) return lines;
  return limits.everySegment === true
    ? whole(units, []).flatMap((each) => each.lines)
    : breakLines(units, limits.lineWidth);
}

function least(...values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** The first index from `from` on with a start of `ms` or later. */
function firstFrom(starts: readonly number[], ms: number, from: number): number {
  let low = from;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
