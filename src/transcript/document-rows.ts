// Owns the rows in which a transcript is read: one a segment, loops set aside as one, what was deleted at its place.

import type { EditedSegment, EditedTranscript } from '../contract/edits.ts';
import { type LoopBlock, loopBlocks } from './loop-blocks.ts';

export type DocumentRow =
  | {
      readonly kind: 'segment';
      readonly key: string;
      readonly segment: EditedSegment;
      /** Another one speaks than in the row before. */
      readonly turn: boolean;
    }
  | {
      readonly kind: 'loop';
      readonly key: string;
      readonly segments: readonly EditedSegment[];
      readonly block: LoopBlock;
    }
  | { readonly kind: 'deleted'; readonly key: string; readonly segment: EditedSegment };

export interface RowsWanted {
  /** Keys of loops (their first segment's) that are shown as text all the same. */
  readonly openLoops: ReadonlySet<string>;
  readonly showDeleted: boolean;
}

/** The rows in the order of the recording. */
export function documentRows(
  { segments, deleted, warnings }: Pick<EditedTranscript, 'segments' | 'deleted' | 'warnings'>,
  { openLoops, showDeleted }: RowsWanted,
): readonly DocumentRow[] {
  const rows: DocumentRow[] = [];
  const blocks = loopBlocks(segments, warnings).filter(({ from }) => !openLoops.has(segments[from]?.key ?? ''));
  const gone = showDeleted ? deleted : [];
  let block = 0;
  let passed = 0;
  let speaker: string | undefined;
  for (let index = 0; index < segments.length; index += 1) {
    const segment = segments[index];
    if (segment === undefined) break;
    for (let next = gone[passed]; next !== undefined && next.start <= segment.start; next = gone[passed]) {
      rows.push({ kind: 'deleted', key: next.key, segment: next });
      passed += 1;
    }
    const loop = blocks[block];
    if (loop !== undefined && loop.from === index) {
      rows.push({
        kind: 'loop',
        key: `loop-${segment.key}`,
        segments: segments.slice(loop.from, loop.to),
        block: loop,
      });
      index = loop.to - 1;
      block += 1;
      speaker = undefined;
      continue;
    }
    const turn = segment.speaker !== undefined && (rows.at(-1)?.kind !== 'segment' || segment.speaker !== speaker);
    rows.push({ kind: 'segment', key: segment.key, segment, turn });
    speaker = segment.speaker;
  }
  for (const segment of gone.slice(passed)) rows.push({ kind: 'deleted', key: segment.key, segment });
  return rows;
}

/** Index of the row in which a segment is read, by its key; -1 where it is in none. */
export function rowIndexes(rows: readonly DocumentRow[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [index, row] of rows.entries()) {
    if (row.kind === 'loop') for (const { key } of row.segments) places.set(key, index);
    else places.set(row.key, index);
  }
  return places;
}
