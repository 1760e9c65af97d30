// Owns which segments of a transcript the search over all of them knows, and what an edit changes there.

import type { EditedTranscript } from '../contract/edits.ts';
import type { SearchChange, SearchRow } from './transcript-ports.ts';

/** What the index holds of a transcript. */
export function searchRows({ segments }: Pick<EditedTranscript, 'segments'>): readonly SearchRow[] {
  return segments.map(({ key, start, text }) => ({ key, start, text }));
}

/** What is different in the index after an edit. */
export function searchChange(before: EditedTranscript, after: EditedTranscript): SearchChange {
  const left = new Map(searchRows(before).map((row) => [row.key, row]));
  const put: SearchRow[] = [];
  for (const row of searchRows(after)) {
    const was = left.get(row.key);
    left.delete(row.key);
    if (was === undefined || was.text !== row.text || was.start !== row.start) put.push(row);
  }
  return { gone: [...left.keys()], put };
}
