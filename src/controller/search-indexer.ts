// Owns when transcripts are taken into the search index: after their delivery is acknowledged, in short turns, while nothing else is delivered.
// What waits is noted on disk with each transcript, so an engine that ends in between takes it in at its next start. A search does not wait for
// that: it first takes in what is left, and says how much it could not.

import { toAppError } from '../contract/errors.ts';
import { type SearchResult, spokenSchema } from '../contract/search.ts';
import type { JobEvent } from '../jobs/transition.ts';
import type { EditedTranscripts } from './edited-transcripts.ts';
import type { Clock, Log } from './ports.ts';
import type { JobStore } from './queue-ports.ts';
import type { RowsOf, SearchQuery, SearchRow, SearchStore } from './transcript-ports.ts';
import { searchRows } from './transcript-search.ts';

/** Segments of one turn, which is one commit: some 15 ms, in which the engine answers nobody. */
const TURN_SEGMENTS = 128;
/** Milliseconds between two turns. */
const PAUSE_MS = 10;
/** Milliseconds after the last transcript that was stored: in a burst, storing the next one comes first. */
const QUIET_MS = 200;
/** Milliseconds that the first one waits at most, however long the burst lasts. */
const MOST_WAIT_MS = 2_000;
/** Milliseconds after which a turn that failed is tried again. */
const RETRY_MS = 10_000;
/** Turns of one search, a second or two: 10,000 segments. */
const SEARCH_TURNS = 80;

/** The events with which a transcript is stored. */
const STORED: ReadonlySet<JobEvent['type']> = new Set(['delivered', 'imported', 'copied']);

export interface SearchIndexerParts {
  readonly search: SearchStore;
  readonly store: Pick<JobStore, 'transcriptText'>;
  readonly transcripts: Pick<EditedTranscripts, 'log' | 'edited'>;
  readonly clock: Clock;
  readonly log: Log;
}

export class SearchIndexer {
  readonly #parts: SearchIndexerParts;
  /** Cannot be read now: tried again at the next start. */
  readonly #passed = new Set<string>();
  /** Of which the turn before took in a part. */
  #begun: { readonly jobId: string; readonly rows: readonly SearchRow[] } | null = null;
  #cancel: () => void = () => undefined;
  #closed = false;
  /** When the first one was stored that is not in yet; null when all are, as far as is known. */
  #behindSince: number | null = null;

  constructor(parts: SearchIndexerParts) {
    this.#parts = parts;
  }

  /** Goes on with what an earlier engine left. */
  start(): void {
    this.#plan(QUIET_MS);
  }

  /** No turn is begun by itself any more, whatever is still delivered while the engine ends. */
  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  /** For every change of a job. */
  changed({ type }: JobEvent): void {
    if (!STORED.has(type)) return;
    const now = this.#parts.clock.now();
    this.#behindSince ??= now;
    const waited = Math.max(0, now - this.#behindSince);
    // From then on nothing puts it off any more until all are in.
    if (waited < MOST_WAIT_MS) this.#plan(Math.min(QUIET_MS, MOST_WAIT_MS - waited));
  }

  /** Takes in first what is not in the index yet, as far as a person can wait for it. */
  async search(query: SearchQuery): Promise<SearchResult> {
    const { search, clock } = this.#parts;
    // A later page is of what the first one was found in.
    for (let turns = query.cursor === undefined ? SEARCH_TURNS : 0; turns > 0 && this.#turn() === 'some'; turns -= 1)
      await new Promise<void>((resolve) => void clock.after(0, resolve));
    return { ...search.search(query), pending: search.pending() };
  }

  #plan(delayMs: number): void {
    this.#cancel();
    if (this.#closed) return;
    this.#cancel = this.#parts.clock.after(delayMs, () => {
      const left = this.#turn();
      if (left === 'none') this.#behindSince = null;
      else this.#plan(left === 'some' ? PAUSE_MS : RETRY_MS);
    });
  }

  /** @returns what is left to be taken in */
  #turn(): 'none' | 'some' | 'failed' {
    try {
      const rowsOf: RowsOf = (jobId, taken) => this.#rowsOf(jobId, taken);
      return this.#parts.search.takeIn(TURN_SEGMENTS, this.#passed, rowsOf) ? 'some' : 'none';
    } catch (thrown) {
      // A disk without room, say: until there is some, search does without the rest, and nothing else does.
      this.#parts.log.error('index_failed', { code: toAppError(thrown).code });
      return 'failed';
    }
  }

  #rowsOf(jobId: string, taken: number): readonly SearchRow[] | null {
    // An edit in between begins it anew.
    if (taken > 0 && this.#begun?.jobId === jobId) return this.#begun.rows;
    try {
      const rows = this.#read(jobId);
      this.#begun = rows.length > TURN_SEGMENTS ? { jobId, rows } : null;
      return rows;
    } catch (thrown) {
      this.#parts.log.error('transcript_not_indexed', { jobId, code: toAppError(thrown).code });
      return null;
    }
  }

  #read(jobId: string): readonly SearchRow[] {
    const { store, transcripts } = this.#parts;
    if (transcripts.log(jobId).done.length > 0) {
      const edited = transcripts.edited(jobId);
      return edited === null ? [] : searchRows(edited);
    }
    const json = store.transcriptText(jobId);
    if (json === null) return [];
    return spokenSchema
      .parse(JSON.parse(json))
      .segments.map(({ start, text }, key) => ({ key: String(key), start, text }));
  }
}
