// Owns what the search over all transcripts knows of: which segments an edit changes, and transcripts that are not in the index yet.

import type { EditedTranscript } from '../contract/edits.ts';
import { toAppError } from '../contract/errors.ts';
import type { EditedTranscripts } from './edited-transcripts.ts';
import type { Clock, Log, SearchChange, SearchRow, SearchStore } from './ports.ts';

/** What the index holds of a transcript. */
function searchRows({ segments }: Pick<EditedTranscript, 'segments'>): readonly SearchRow[] {
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

/** Milliseconds between two transcripts that are taken in, so that nobody waits for an index. */
const PAUSE_MS = 20;

/** Takes transcripts into the index that came before there was one. */
export class SearchCatchUp {
  readonly #search: SearchStore;
  readonly #transcripts: EditedTranscripts;
  readonly #clock: Clock;
  readonly #log: Log;
  #cancel: (() => void) | null = null;

  constructor(search: SearchStore, transcripts: EditedTranscripts, clock: Clock, log: Log) {
    this.#search = search;
    this.#transcripts = transcripts;
    this.#clock = clock;
    this.#log = log;
  }

  start(): void {
    this.#cancel = this.#clock.after(PAUSE_MS, () => this.#step());
  }

  close(): void {
    this.#cancel?.();
  }

  #step(): void {
    try {
      const [jobId] = this.#search.unindexed(1);
      if (jobId === undefined) return;
      const transcript = this.#transcripts.edited(jobId);
      this.#transcripts.forget(jobId);
      this.#search.index(jobId, transcript === null ? [] : searchRows(transcript));
      this.start();
    } catch (thrown) {
      // Search does without the rest; nothing else does.
      this.#log.error('index_failed', { code: toAppError(thrown).code });
    }
  }
}
