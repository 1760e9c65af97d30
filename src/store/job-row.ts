// Owns how a job lies in its row: the columns, their way in and their way out.

import * as z from 'zod';
import { errorReportSchema } from '../contract/errors.ts';
import {
  copiedFromSchema,
  instantSchema,
  jobStageSchema,
  jobStateSchema,
  waitingReasonSchema,
} from '../contract/job.ts';
import { mediaSchema, SENT_KINDS } from '../contract/media.ts';
import { storedOptionsSchema } from '../contract/options.ts';
import type { JobRecord } from '../jobs/record.ts';
import { jsonColumn, parseRow } from './row.ts';

const waiting = z.object({
  reason: waitingReasonSchema,
  since: instantSchema,
  until: instantSchema.nullable(),
  message: z.string(),
});

const source = z.object({
  sizeBytes: z.number().int().nonnegative(),
  mtimeMs: z.number(),
  sha256: z.string(),
  contentType: z.string(),
  durationSec: z.number().nonnegative().nullable(),
  media: mediaSchema.optional(),
  copy: z
    .object({
      kind: z.enum(SENT_KINDS).exclude(['original']),
      path: z.string(),
      sizeBytes: z.number().int().nonnegative(),
      mtimeMs: z.number(),
      sha256: z.string(),
      contentType: z.string(),
    })
    .optional(),
});

const open = z.object({
  workerId: z.string(),
  workerJobId: z.string().nullable(),
  bootId: z.string().nullable(),
  startedAt: instantSchema,
});

const count = z.number().int().nonnegative();

const jobRow = z.object({
  id: z.string(),
  batchId: z.string(),
  position: z.number().int(),
  name: z.string(),
  sourcePath: z.string(),
  options: jsonColumn(storedOptionsSchema),
  state: jobStateSchema,
  stage: jobStageSchema.nullable(),
  waiting: jsonColumn(waiting).nullable(),
  error: jsonColumn(errorReportSchema).nullable(),
  attempt: count,
  retries: count,
  workerDeaths: count,
  source: jsonColumn(source).nullable(),
  open: jsonColumn(open).nullable(),
  transcriptSha256: z.string().nullable(),
  copiedFrom: jsonColumn(copiedFromSchema).nullable(),
  moved: z.union([z.literal(0), z.literal(1)]).transform((moved) => moved === 1),
  lastWorkerId: z.string().nullable(),
  createdAt: instantSchema,
  startedAt: instantSchema.nullable(),
  finishedAt: instantSchema.nullable(),
  updatedAt: instantSchema,
  revision: count,
});

/** A job as it is selected, under the names of {@link JobRecord}; to be followed by `where`. */
export const SELECT_JOB = `select jobs.id, batches.id as batchId, position, jobs.name, source_path as sourcePath, jobs.options, state, stage,
  waiting, error, attempt, retries, worker_deaths as workerDeaths, source, open, transcript_sha256 as transcriptSha256,
  copied_from as copiedFrom, moved, last_worker_id as lastWorkerId, jobs.created_at as createdAt, started_at as startedAt, finished_at as finishedAt,
  updated_at as updatedAt, revision, jobs.batch as batch
  from jobs join batches on batches.seq = jobs.batch`;

/** The columns that change with most transitions. */
const CHANGING = {
  state: 'state',
  stage: 'stage',
  waiting: 'waiting',
  error: 'error',
  attempt: 'attempt',
  retries: 'retries',
  worker_deaths: 'workerDeaths',
  source: 'source',
  open: 'open',
  transcript_sha256: 'transcriptSha256',
  copied_from: 'copiedFrom',
  last_worker_id: 'lastWorkerId',
  started_at: 'startedAt',
  finished_at: 'finishedAt',
  updated_at: 'updatedAt',
  revision: 'revision',
} as const;

/** Changes nothing unless the row still has the revision before. */
export const UPDATE_JOB = `update jobs set ${Object.entries(CHANGING)
  .map(([column, name]) => `${column} = @${name}`)
  .join(', ')} where id = @id and revision = @revision - 1`;

/** What a person changed about the job itself, and nothing else does: where its recording lies, and its options. */
export const UPDATE_ASKED = 'update jobs set source_path = @sourcePath, options = @options where id = @id';
/** The events that are such a change. */
export const ASKED: ReadonlySet<string> = new Set(['located', 'model_chosen', 'channels_separated']);

/** The columns in which jobs that were added together differ, and where in its row of {@link addedRows} each stands. */
const OWN = { id: 0, position: 1, name: 2, source_path: 3 } as const;

/**
 * Adds all jobs of `@rows`, which have everything else in common: {@link jobParameters} of any of them, with `batch`. One statement for ten
 * thousand rows takes a quarter of the processor's time that one for each takes.
 */
export const INSERT_JOBS = `insert into jobs (${Object.keys(OWN).join(', ')}, batch, options, created_at, ${Object.keys(CHANGING).join(', ')})
  select ${Object.values(OWN)
    .map((at) => `value ->> ${at}`)
    .join(', ')}, @batch, @options, @createdAt, ${Object.values(CHANGING)
    .map((name) => `@${name}`)
    .join(', ')} from json_each(@rows)`;

/** The parameter `rows` of {@link INSERT_JOBS}. */
export function addedRows(jobs: readonly JobRecord[]): string {
  // A file's name may hold half a character, which no text of SQLite does.
  return JSON.stringify(
    jobs.map(({ id, position, name, sourcePath }) => [id, position, name.toWellFormed(), sourcePath.toWellFormed()]),
  );
}

/** The parameters of {@link UPDATE_JOB} and, with `batch` and `rows` added, of {@link INSERT_JOBS}. */
export function jobParameters(job: JobRecord): Record<string, string | number | null> {
  // Whether it was moved is written where it is moved, and nowhere else.
  const { moved: _, ...rest } = job;
  return {
    ...rest,
    options: JSON.stringify(job.options),
    waiting: orNull(job.waiting),
    error: orNull(job.error),
    source: orNull(job.source),
    open: orNull(job.open),
    copiedFrom: orNull(job.copiedFrom),
  };
}

function orNull(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** @throws AppError DATABASE_DAMAGED */
export function parseJob(row: unknown): JobRecord {
  return parseRow('jobs', jobRow, row);
}
