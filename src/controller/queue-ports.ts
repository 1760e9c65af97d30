// Owns what the engine needs of storage for the queue: jobs with their events and attempts, their order, batches and sums.

import type { JobState, OutputFile } from '../contract/job.ts';
import type { JobHistory } from '../contract/job-history.ts';
import type { JobOptions } from '../contract/options.ts';
import type { Place } from '../contract/selection.ts';
import type { Transcript } from '../contract/transcript.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { StateSum } from '../jobs/tally.ts';
import type { JobEvent } from '../jobs/transition.ts';
import type { WrittenFile } from './ports.ts';

/** What is moved where: jobs in the order given, or batches with all their jobs. */
export type QueueMove = { readonly place: Place } & (
  | { readonly ids: readonly string[] }
  | { readonly batchIds: readonly string[] }
);

export interface JobPosition {
  readonly id: string;
  readonly position: number;
}

/** A batch as it is stored; its sums are kept apart. */
export interface StoredBatch {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly pausedSince: number | null;
  /** Null in rows of an older version. */
  readonly options: JobOptions | null;
}

/** Batches and the queue as a whole. */
export interface BatchStore {
  /** Those of the ids that are there, newest first. */
  batches(ids: readonly string[]): readonly StoredBatch[];
  /** Newest first. */
  page(
    limit: number,
    cursor?: string,
  ): { readonly batches: readonly StoredBatch[]; readonly nextCursor: string | null };
  /** @returns false when it is not there. */
  rename(id: string, name: string): boolean;
  /** Null resumes it. What is paused already keeps its time. @returns false when it is not there. */
  pause(id: string, since: number | null): boolean;
  /** Ids of paused batches. */
  paused(): readonly string[];
  queuePausedSince(): number | null;
  pauseQueue(since: number | null): void;
  /** Sums over the jobs of a batch, or (null) of all, a row a state. Costs the same however many jobs there are. */
  sums(batchId: string | null): readonly StateSum[];
}

/** A batch that is made now. */
export interface NewBatch {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly options?: JobOptions;
}

export interface NewJob {
  readonly id: string;
  readonly name: string;
  readonly sourcePath: string;
  readonly options: JobOptions;
}

export interface JobQuery {
  readonly states?: readonly JobState[] | undefined;
  readonly batchId?: string | undefined;
  /** Text in the name or the path. */
  readonly search?: string | undefined;
  readonly order?: 'newest' | 'position' | undefined;
  /** Opaque, from `nextCursor`. */
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** A job as it becomes, and by what. */
export interface JobChange {
  readonly next: JobRecord;
  readonly event: JobEvent;
}

/** The queue on disk. Every method is one transaction at `synchronous=FULL` where it writes. */
export interface JobStore {
  /** Stores a batch and its jobs, `queued`, in the order given, behind all others. */
  addBatch(batch: NewBatch, jobs: readonly NewJob[], now: number): readonly JobRecord[];
  get(id: string): JobRecord | null;
  /** Newest batch first, within it by position; or all by position. */
  list(query: JobQuery): { readonly jobs: readonly JobRecord[]; readonly nextCursor: string | null };
  /** Every job that is not final, by position. */
  unfinished(): readonly JobRecord[];
  /** Those of them that are under way, prepared or waiting, but not paused: all but what is only in line. By position. */
  inHand(): readonly JobRecord[];
  /** The first that are in line and not prepared, past paused batches and those that are named. */
  inLine(limit: number, heldBatches: readonly string[]): readonly JobRecord[];
  /** Ids of jobs in these states, of one batch or (null) of all, by position. */
  idsIn(states: readonly JobState[], batchId: string | null): readonly string[];
  /** Puts jobs that are not over elsewhere. @returns those with another position; null when what they go next to is not there. */
  move(move: QueueMove): readonly JobPosition[] | null;
  /** Complete jobs of a recording with this content, the newest first. */
  doneWith(sha256: string): readonly JobRecord[];
  /** Paths of the recordings of which jobs were made at or after `since`, with when the last one was. */
  sourcesSince(since: number): ReadonlyMap<string, number>;
  history(jobId: string): JobHistory;
  /**
   * Writes `next` and one row in `events`, if the stored revision is still `next.revision - 1`.
   * @returns false when another write came first; nothing is changed then.
   */
  save(next: JobRecord, event: JobEvent, now: number): boolean;
  /** As `save`, for many in one transaction. @returns for each whether it was written. */
  saveAll(changes: readonly JobChange[], now: number): readonly boolean[];
  /**
   * Runs `write`, which calls methods of this store and does nothing else, in one transaction with what else comes in this turn of the event
   * loop: they wait for the disk once. One that throws is undone alone, and its promise rejects. It may run a second time when the first was undone.
   * @param committed called with the result when it is on disk, in the order of the calls, before any of their promises resolves
   */
  together<Result>(write: () => Result, committed: (result: Result) => void): Promise<Result>;
  /** As `save`, with the transcript's bytes in the same transaction. Storing the same digest twice is one row. */
  saveDelivered(
    next: JobRecord,
    event: JobEvent,
    transcript: { readonly json: string; readonly sha256: string },
    now: number,
  ): boolean;
  /** As `save`, with the transcript of another job, its edits and all, in the same transaction. CONFLICT when it is not there any more. */
  saveCopied(next: JobRecord, event: JobEvent, fromId: string, now: number): boolean;
  /** As `save`, with the written files in the same transaction. */
  saveOutputs(next: JobRecord, event: JobEvent, outputs: readonly WrittenFile[], now: number): boolean;
  outputs(jobId: string): readonly OutputFile[];
  /** As `outputs`, with what is known of their content. */
  writtenFiles(jobId: string): readonly WrittenFile[];
  /** Remembers, before the output at `path` is replaced, all contents that are the app's own there. A path that is no output changes nothing. */
  replacingOutput(jobId: string, path: string, digests: readonly string[]): void;
  /** Whether the file at `path` was written for a job of another recording than this job's. */
  isOutputOfOthers(path: string, job: Pick<JobRecord, 'id' | 'sourcePath'>): boolean;
  /** Name of a batch; empty when it is not there. */
  batchName(batchId: string): string;
  /** Remembers other files for a job that is complete; that is no transition. @returns false when it is not there or not complete. */
  replaceOutputs(jobId: string, outputs: readonly WrittenFile[]): boolean;
  /** The stored canonical transcript as it was acknowledged, to the byte. */
  transcriptText(jobId: string): string | null;
  /** The stored canonical transcript, parsed. */
  transcript(jobId: string): Transcript | null;
  /** Removes those of the jobs that are over, with all their rows. @returns them, and the batches that went with their last job. */
  remove(ids: readonly string[]): {
    readonly jobs: readonly { readonly id: string; readonly batchId: string; readonly sourcePath: string }[];
    readonly batches: readonly string[];
  };
}
