// Owns the layout of subtitles: which words share a cue, how its lines break, and when it is shown. A word is never cut, a cue never
// holds two speakers, and cues never overlap; they end preferably where a sentence, a phrase or a breath does.

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
  /** After `startMs`, never after the next cue's start. */
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
  for (const run of runsOf(unitsOf(spokenWords(transcript), limits), limits)) {
    const now = run[0]?.speaker ?? null;
    const label = now !== null && (always || now !== speaker) ? introduce(now) : null;
    speaker = now;
    const labels = label === null ? [] : [{ text: label, width: widthOf(label), spaced: true }];
    groups.push(...(limits.everySegment === true ? whole(run, labels) : divide(run, labels, limits, always)));
  }
  return timed(groups, toMs(transcript.duration), limits);
}

/** Words that stay together. */
interface Unit extends Chunk {
  readonly startMs: number;
  readonly endMs: number;
  readonly speaker: string | null;
  /** The last one of its segment: the model heard an end there. */
  readonly last: boolean;
}

interface Group {
  readonly label: readonly Chunk[];
  readonly units: readonly [Unit, ...Unit[]];
  readonly lines: readonly string[];
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
      const { text, startMs, endMs, speaker, spaced } = word;
      units.push({ text, width, startMs, endMs, speaker, spaced, last });
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
function whole(run: readonly Unit[], label: readonly Chunk[]): readonly Group[] {
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
function divide(run: readonly Unit[], label: readonly Chunk[], limits: CueLimits, always: boolean): readonly Group[] {
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
  const groups: Group[] = [];
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

function timed(groups: readonly Group[], durationMs: number, limits: CueLimits): readonly Cue[] {
  // No two cues begin together: where the words' times leave no room, each is shown a millisecond after the one before it.
  const starts: number[] = [];
  for (const { units } of groups) starts.push(Math.max(units[0].startMs, (starts.at(-1) ?? -1) + 1));
  return groups.map(({ units, lines }, index) => {
    const startMs = starts[index] ?? units[0].startMs;
    const spokenMs = Math.max(...units.map((unit) => unit.endMs)) - startMs;
    const readMs = Math.ceil((Array.from(lines.join(' ')).length * 1_000) / limits.charactersPerSecond);
    const wishedMs = Math.min(Math.max(spokenMs, readMs, limits.shortestMs), limits.longestMs);
    const nextMs = starts[index + 1];
    const roomMs = nextMs === undefined ? Math.max(durationMs - startMs, spokenMs, 1) : nextMs - startMs;
    const gapMs = nextMs === undefined || roomMs <= limits.gapMs ? 0 : limits.gapMs;
    return { startMs, endMs: startMs + Math.min(wishedMs, roomMs - gapMs), speaker: units[0].speaker, lines };
  });
}
