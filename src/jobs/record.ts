// Owns the job as the engine keeps it: everything that a transition may read or change. The view in contract/job.ts is made from it.

import type { ErrorReport } from '../contract/errors.ts';
import type { CopiedFrom, JobStage, JobState, WaitingReason } from '../contract/job.ts';
import type { MediaFacts, Sent } from '../contract/media.ts';
import type { JobOptions } from '../contract/options.ts';

/** Milliseconds since 1970 by the app's clock. */
export type Instant = number;

export interface Waiting {
  readonly reason: WaitingReason;
  readonly since: Instant;
  /** When it is tried again by itself; null = when the reason goes away. */
  readonly until: Instant | null;
  readonly message: string;
}

/** What is known of the recording once it was prepared. */
export interface PreparedSource {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly sha256: string;
  readonly contentType: string;
  readonly durationSec: number | null;
  /** Absent in jobs that were prepared by an earlier version. */
  readonly media?: MediaFacts | undefined;
  /** A file of ours that is sent in place of the recording; absent when the recording itself is. */
  readonly copy?: PreparedCopy | undefined;
}

/** A file made of a recording, to be sent in its place. */
export interface PreparedCopy {
  readonly kind: Exclude<Sent['kind'], 'original'>;
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly sha256: string;
  readonly contentType: string;
}

/** The attempt that is open at a worker. While it is there, the job is asked for at that worker and nowhere else. */
export interface OpenAttempt {
  readonly workerId: string;
  /** Null between the intent and the worker's answer. */
  readonly workerJobId: string | null;
  /** The worker's boot at the time of its answer: another one later proves that the attempt was lost. */
  readonly bootId: string | null;
  readonly startedAt: Instant;
}

export interface JobRecord {
  readonly id: string;
  readonly batchId: string;
  readonly position: number;
  /** True where a person put it where it is: its place is not traded for a better use of the workers. */
  readonly moved: boolean;
  readonly name: string;
  readonly sourcePath: string;
  readonly options: JobOptions;
  readonly state: JobState;
  readonly stage: JobStage | null;
  readonly waiting: Waiting | null;
  readonly error: ErrorReport | null;
  /** Fencing number: the present attempt's, or the last one's. Links and deliveries of smaller ones are refused. */
  readonly attempt: number;
  /** How many times the retry table was used since the last success or the person's last retry. */
  readonly retries: number;
  /** Attempts that ended with the worker's process gone. */
  readonly workerDeaths: number;
  readonly source: PreparedSource | null;
  readonly open: OpenAttempt | null;
  /** SHA-256 of the stored transcript; set in the same transaction that stores it. */
  readonly transcriptSha256: string | null;
  /** Where the transcript was taken from, when the same recording had been transcribed with the same options before. */
  readonly copiedFrom: CopiedFrom | null;
  /** The worker of the last attempt, kept for the eyes when no attempt is open. */
  readonly lastWorkerId: string | null;
  readonly createdAt: Instant;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
  readonly updatedAt: Instant;
  /** Rises by one with every change; a write that read an older one is refused by the store. */
  readonly revision: number;
}

/** What is known of a job before anything has happened to it. */
export type AddedJob = Pick<JobRecord, 'id' | 'batchId' | 'position' | 'name' | 'sourcePath' | 'options' | 'createdAt'>;

/** The record of a job that was just added: every life begins here. */
export function addedJob({ id, batchId, position, name, sourcePath, options, createdAt }: AddedJob): JobRecord {
  return {
    id,
    batchId,
    position,
    moved: false,
    name,
    sourcePath,
    options,
    state: 'queued',
    stage: null,
    waiting: null,
    error: null,
    attempt: 0,
    retries: 0,
    workerDeaths: 0,
    source: null,
    open: null,
    transcriptSha256: null,
    copiedFrom: null,
    lastWorkerId: null,
    createdAt,
    startedAt: null,
    finishedAt: null,
    updatedAt: createdAt,
    revision: 0,
  };
}
