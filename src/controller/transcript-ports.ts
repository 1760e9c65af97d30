// Owns what the engine needs of storage for what belongs to a transcript: edits laid over it, the index that it is searched by, the file that it is
// kept in beside the database, the waveform of its recording.

import type { Carried } from '../contract/carried.ts';
import type { Edit, EditEntry } from '../contract/edits.ts';
import type { Peaks } from '../contract/playback.ts';
import type { SearchResult } from '../contract/search.ts';

/** What a person changed in transcripts, a log for each job. */
export interface EditStore {
  /** Oldest first. */
  edits(jobId: string): readonly EditEntry[];
  /** Adds a row, in one transaction. @returns false when the log has such a row already or has not come so far, or the job is gone. */
  appendEdit(jobId: string, entry: EditEntry, search: SearchChange): boolean;
  /** What became of the corrections of an earlier transcript; null where none were carried over. */
  carried(jobId: string): Carried | null;
  /** Begins the log with what was carried over (`seq` from 1), and keeps what became of all, in one transaction. @returns false when there is a log or such a note already, or the job is gone. */
  carry(jobId: string, edits: readonly Edit[], search: SearchChange, carried: Carried): boolean;
}

/** A segment as it is searched; `start` in seconds. */
export interface SearchRow {
  readonly key: string;
  readonly start: number;
  readonly text: string;
}

/** What an edit changes in the index; written in the same transaction. A transcript that is not in yet is taken in with its edits. */
export interface SearchChange {
  /** Keys of segments that are no more. */
  readonly gone: readonly string[];
  readonly put: readonly SearchRow[];
}

export interface SearchQuery {
  readonly query: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * What the index is to hold of a transcript, of which it holds the first `taken` rows already; null when that cannot be read now. The rows are the
 * same as before where `taken` is not 0.
 */
export type RowsOf = (jobId: string, taken: number) => readonly SearchRow[] | null;

/**
 * Full-text search over all transcripts as they are with their edits. Whatever stores a transcript notes that it is to be taken in, edits change what is
 * in, and what is removed is gone: each in its own transaction.
 */
export interface SearchStore {
  /** Never throws for what was typed. */
  search(query: SearchQuery): Omit<SearchResult, 'pending'>;
  /** Number of transcripts that are not in the index with all of their text. */
  pending(): number;
  /**
   * Takes in the next of what is pending, at most `segments`, the oldest transcript first, in one transaction.
   * @param passed jobs that are passed over; one without rows is added
   * @returns whether there is more
   */
  takeIn(segments: number, passed: Set<string>, rowsOf: RowsOf): boolean;
}

/** The machine's transcripts as files beside the database: what is left of the work where that is lost. */
export interface KeptTranscripts {
  /** Resolves when the text is on disk for good, to the byte. The same again changes nothing. AppError DISK_FULL, INTERNAL. */
  put(jobId: string, json: string): Promise<void>;
  /** None there is no error. */
  drop(jobId: string): void;
  /** Ids of the jobs of which there is one. Takes away what a crash left half done. */
  jobs(): readonly string[];
}

/** Waveforms that a page has drawn once. They go with their job. */
export interface PeaksStore {
  /** Null where there is none of the recording with this digest. */
  peaks(jobId: string, sha256: string): Peaks | null;
  /** @returns false when the job is gone */
  savePeaks(jobId: string, sha256: string, peaks: Peaks): boolean;
}
