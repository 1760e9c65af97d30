// Owns the quick check of an edited transcript's segments, as an engine answers with them. It accepts what editedSegmentSchema accepts.

import type { EditedSegment } from './edits.ts';
import { editedSegmentSchema } from './edits.ts';
import { isSegment, isText, listOf } from './segment-check.ts';

/** Segments of an engine's answer. What is wrong with them is told by the schema itself, for the first one that is. */
export const editedSegmentsSchema = listOf(isEditedSegment, editedSegmentSchema);

/** Whether `value` is what editedSegmentSchema describes. */
export function isEditedSegment(value: unknown): value is EditedSegment {
  if (!isSegment(value)) return false;
  const { key, edited, original, checked }: Partial<EditedSegment> = value;
  return (
    isText(key, 200) &&
    KEY.test(key) &&
    typeof edited === 'boolean' &&
    (original === null || typeof original === 'string') &&
    typeof checked === 'boolean'
  );
}

const KEY = /^\d+(?:\.\d+)*$/;
