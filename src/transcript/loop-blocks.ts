// Owns the loops that are set aside from the text: runs of segments that repeat one phrase. Nothing is left out by it; a person decides.

import type { EditedSegment } from '../contract/edits.ts';
import type { Transcript } from '../contract/transcript.ts';
import { type Repeats, repeatsIn } from './repeats.ts';

/** Segments `[from, to)` of a transcript that are one loop. */
export interface LoopBlock extends Repeats {
  readonly from: number;
  readonly to: number;
}

/** As many equal segments in a row are a loop, even where the worker said nothing. */
const LEAST_EQUAL = 4;
/** Longer ones than this many words are seldom said by mistake. */
const LONGEST_EQUAL = 12;
/** So much of a segment has to lie in the stretch that the worker named. */
const LEAST_INSIDE = 0.6;

/** The loops in order, disjoint. What a person has changed or marked as right is in none of them. */
export function loopBlocks(segments: readonly EditedSegment[], warnings: Transcript['warnings']): readonly LoopBlock[] {
  const open = (segment: EditedSegment | undefined) => segment !== undefined && !segment.edited && !segment.checked;
  const found: LoopBlock[] = [];
  const add = (from: number, to: number): void => {
    if (to - from < 1 || !segments.slice(from, to).every(open)) return;
    if (found.some((block) => block.from < to && from < block.to)) return;
    const repeats = repeatsIn(segments.slice(from, to));
    if (repeats !== null) found.push({ from, to, ...repeats });
  };
  for (const { code, start, end } of warnings) {
    if (code !== 'LOOP' || start === undefined || end === undefined) continue;
    const inside = segments.flatMap((segment, index) => (mostlyIn(segment, start, end) ? [index] : []));
    const [first] = inside;
    const last = inside.at(-1);
    if (first !== undefined && last !== undefined) add(first, last + 1);
  }
  for (let from = 0; from < segments.length; ) {
    // As written: a model in a loop writes the very same again, and a long transcript is looked through at every change.
    const text = segments[from]?.text ?? '';
    let to = from + 1;
    while (to < segments.length && segments[to]?.text === text) to += 1;
    if (to - from >= LEAST_EQUAL && text.trim().split(/\s+/u).length <= LONGEST_EQUAL) add(from, to);
    from = to;
  }
  return found.sort((one, other) => one.from - other.from);
}

function mostlyIn({ start, end }: EditedSegment, from: number, to: number): boolean {
  const shared = Math.min(end, to) - Math.max(start, from);
  return shared > 0 && shared >= LEAST_INSIDE * Math.max(0.001, end - start);
}
