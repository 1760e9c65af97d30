// Owns what is remembered of a job besides its present row: its attempts and its events, written with every change.

import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import { errorReportSchema } from '../contract/errors.ts';
import { workerIdentitySchema } from '../contract/identity.ts';
import { instantSchema } from '../contract/job.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { JobEvent } from '../jobs/transition.ts';
import { jsonColumn, parseRow } from './row.ts';
import { statement } from './statements.ts';

const attemptRow = z.object({
  attempt: z.number().int().positive(),
  workerId: z.string(),
  workerJobId: z.string().nullable(),
  bootId: z.string().nullable(),
  startedAt: instantSchema,
  endedAt: instantSchema.nullable(),
  endedBy: z.string().nullable(),
  error: jsonColumn(errorReportSchema).nullable(),
  workerName: z.string().nullable(),
  identity: jsonColumn(workerIdentitySchema).nullable(),
});
/** One try at one worker. `endedBy` is the type of the event that ended it; null while it is open. */
export type Attempt = z.infer<typeof attemptRow>;

const eventRow = z.object({
  seq: z.number().int().nonnegative(),
  at: instantSchema,
  type: z.string(),
  event: jsonColumn(z.looseObject({ type: z.string() })),
});
/** One change of a job; `seq` is the revision that it made, 0 its making. */
export type PastEvent = z.infer<typeof eventRow>;

/** Adds the first event of every job of a batch that was just added. Within the caller's transaction. */
export function appendAdded(db: Database, batch: number | bigint, now: number): void {
  const event = { type: 'added' };
  statement(
    db,
    'insert into events (job_id, seq, at, type, event) select id, revision, ?, ?, ? from jobs where batch = ?',
  ).run(now, event.type, JSON.stringify(event), batch);
}

/** Adds the event of `next`'s revision. Within the caller's transaction. */
export function appendEvent(db: Database, next: JobRecord, event: JobEvent, now: number): void {
  statement(db, 'insert into events (job_id, seq, at, type, event) values (?, ?, ?, ?, ?)').run(
    next.id,
    next.revision,
    now,
    event.type,
    JSON.stringify(event),
  );
}

/** Brings the attempt's row in line with `next`. Within the caller's transaction. */
export function recordAttempt(db: Database, next: JobRecord, event: JobEvent, now: number): void {
  if (next.open === null) {
    statement(
      db,
      'update attempts set ended_at = ?, ended_by = ?, error = ? where job_id = ? and ended_at is null',
    ).run(now, event.type, next.error === null ? null : JSON.stringify(next.error), next.id);
    return;
  }
  const worker = event.type === 'attempt_opened' ? event.worker : undefined;
  statement(
    db,
    `insert into attempts (job_id, attempt, worker_id, worker_job_id, boot_id, started_at, worker_name, identity)
     values (?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (job_id, attempt) do update set worker_job_id = excluded.worker_job_id, boot_id = excluded.boot_id
     where worker_job_id is not excluded.worker_job_id or boot_id is not excluded.boot_id`,
  ).run(
    next.id,
    next.attempt,
    next.open.workerId,
    next.open.workerJobId,
    next.open.bootId,
    next.open.startedAt,
    worker?.name ?? null,
    worker?.identity == null ? null : JSON.stringify(worker.identity),
  );
}

/** The attempts of a job, oldest first. */
export function attemptsOf(db: Database, jobId: string): readonly Attempt[] {
  return db
    .prepare(
      `select attempt, worker_id as workerId, worker_job_id as workerJobId, boot_id as bootId, started_at as startedAt,
       ended_at as endedAt, ended_by as endedBy, error,
       worker_name as workerName, identity from attempts where job_id = ? order by attempt`,
    )
    .all(jobId)
    .map((row) => parseRow('attempts', attemptRow, row));
}

/** The events of a job, oldest first. */
export function eventsOf(db: Database, jobId: string): readonly PastEvent[] {
  return db
    .prepare('select seq, at, type, event from events where job_id = ? order by seq')
    .all(jobId)
    .map((row) => parseRow('events', eventRow, row));
}
