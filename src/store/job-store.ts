// Owns the queue on disk: batches, jobs and what was written for them. Every method is one transaction.

import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import { AppError } from '../contract/errors.ts';
import type { OutputFile } from '../contract/job.ts';
import { instantSchema, outputFileSchema } from '../contract/job.ts';
import type { Transcript } from '../contract/transcript.ts';
import type { JobQuery, JobStore, NewJob, StoredBatch } from '../controller/ports.ts';
import { addedJob, type JobRecord } from '../jobs/record.ts';
import type { JobEvent } from '../jobs/transition.ts';
import { appendEvent, recordAttempt } from './job-history.ts';
import { INSERT_JOB, jobParameters, parseJob, SELECT_JOB, UPDATE_JOB } from './job-row.ts';
import { parseRow } from './row.ts';
import { indexDelivered } from './search-rows.ts';
import { sqlite } from './sqlite-errors.ts';
import { insertTranscript, readTranscript } from './transcript-rows.ts';

/** Where a page of the list ended: the batch's number and the job's position. */
const cursorSchema = z
  .string()
  .regex(/^\d{1,15}\.\d{1,15}$/)
  .transform((text) => {
    const [batch = 0, position = 0] = text.split('.').map(Number);
    return { batch, position };
  });

const batchRow = z.object({ id: z.string(), name: z.string(), createdAt: instantSchema });

const placed = z.looseObject({ batch: z.number().int(), position: z.number().int() });

/** {@link JobStore} in SQLite. Every method may throw AppError DATABASE_DAMAGED and, where it writes, DISK_FULL. */
export class SqliteJobStore implements JobStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  addBatch(batch: StoredBatch, jobs: readonly NewJob[], now: number): readonly JobRecord[] {
    return this.#write(() => {
      const seq = this.#db
        .prepare('insert into batches (id, name, created_at) values (?, ?, ?)')
        .run(batch.id, batch.name, batch.createdAt).lastInsertRowid;
      const last = z.number().parse(this.#db.prepare('select coalesce(max(position), 0) from jobs').pluck().get());
      const insert = this.#db.prepare(INSERT_JOB);
      return jobs.map((job, index) => {
        const record = addedJob({ ...job, batchId: batch.id, position: last + 1 + index, createdAt: now });
        insert.run({ ...jobParameters(record), batch: seq });
        appendEvent(this.#db, record, { type: 'added' }, now);
        return record;
      });
    });
  }

  get(id: string): JobRecord | null {
    return sqlite(() => {
      const row = this.#db.prepare(`${SELECT_JOB} where jobs.id = ?`).get(id);
      return row === undefined ? null : parseJob(row);
    });
  }

  /** @throws AppError BAD_REQUEST for a cursor that this store did not give */
  list(query: JobQuery): { readonly jobs: readonly JobRecord[]; readonly nextCursor: string | null } {
    const conditions: string[] = [];
    if (query.state !== undefined) conditions.push('state = @state');
    // The first half lets the index begin where the page does.
    if (query.cursor !== undefined) conditions.push('batch <= @batch and (batch < @batch or position > @position)');
    const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
    const after = query.cursor === undefined ? {} : parseCursor(query.cursor);
    return sqlite(() => {
      const rows = this.#db
        .prepare(`${SELECT_JOB} ${where} order by jobs.batch desc, position limit @limit`)
        .all({ ...(query.state === undefined ? {} : { state: query.state }), ...after, limit: query.limit + 1 });
      const page = rows.slice(0, query.limit);
      const end = page.at(-1);
      const more = rows.length > query.limit && end !== undefined;
      return { jobs: page.map(parseJob), nextCursor: more ? cursorOf(end) : null };
    });
  }

  /** Newest first. */
  batches(): readonly StoredBatch[] {
    return sqlite(() =>
      this.#db
        .prepare('select id, name, created_at as createdAt from batches order by seq desc')
        .all()
        .map((row) => parseRow('batches', batchRow, row)),
    );
  }

  unfinished(): readonly JobRecord[] {
    return sqlite(() =>
      this.#db
        .prepare(`${SELECT_JOB} where state not in ('complete', 'failed', 'canceled') order by position`)
        .all()
        .map(parseJob),
    );
  }

  save(next: JobRecord, event: JobEvent, now: number): boolean {
    return this.#write(() => this.#change(next, event, now));
  }

  /** @throws AppError INTERNAL when the digest is not that of the text, CONFLICT when the job already has another transcript */
  saveDelivered(
    next: JobRecord,
    event: JobEvent,
    transcript: { readonly json: string; readonly sha256: string },
    now: number,
  ): boolean {
    return this.#write(() => {
      if (!this.#change(next, event, now)) return false;
      insertTranscript(this.#db, { jobId: next.id, attempt: next.attempt, ...transcript, now });
      indexDelivered(this.#db, next.id, transcript.json);
      return true;
    });
  }

  saveOutputs(next: JobRecord, event: JobEvent, outputs: readonly OutputFile[], now: number): boolean {
    return this.#write(() => {
      if (!this.#change(next, event, now)) return false;
      this.#writeOutputs(next.id, outputs);
      return true;
    });
  }

  replaceOutputs(jobId: string, outputs: readonly OutputFile[]): boolean {
    return this.#write(() => {
      const complete = this.#db.prepare(`select 1 from jobs where id = ? and state = 'complete'`).get(jobId);
      if (complete === undefined) return false;
      this.#writeOutputs(jobId, outputs);
      return true;
    });
  }

  outputs(jobId: string): readonly OutputFile[] {
    return sqlite(() =>
      this.#db
        .prepare('select format, path from outputs where job_id = ? order by ordinal')
        .all(jobId)
        .map((row) => parseRow('outputs', outputFileSchema, row)),
    );
  }

  transcript(jobId: string): Transcript | null {
    return sqlite(() => readTranscript(this.#db, jobId));
  }

  /** A batch goes with its last job. */
  remove(id: string): boolean {
    return this.#write(() => {
      const batch = this.#db
        .prepare(`delete from jobs where id = ? and state in ('complete', 'failed', 'canceled') returning batch`)
        .pluck()
        .get(id);
      if (batch === undefined) return false;
      this.#db
        .prepare('delete from batches where seq = ? and not exists (select 1 from jobs where jobs.batch = batches.seq)')
        .run(batch);
      return true;
    });
  }

  #writeOutputs(jobId: string, outputs: readonly OutputFile[]): void {
    this.#db.prepare('delete from outputs where job_id = ?').run(jobId);
    const insert = this.#db.prepare('insert into outputs (job_id, ordinal, format, path) values (?, ?, ?, ?)');
    for (const [ordinal, output] of outputs.entries()) insert.run(jobId, ordinal, output.format, output.path);
  }

  /** The write that every transition ends in: compare, change, remember. */
  #change(next: JobRecord, event: JobEvent, now: number): boolean {
    if (this.#db.prepare(UPDATE_JOB).run(jobParameters(next)).changes !== 1) return false;
    recordAttempt(this.#db, next, event, now);
    appendEvent(this.#db, next, event, now);
    return true;
  }

  #write<Result>(statements: () => Result): Result {
    return sqlite(() => this.#db.transaction(statements).immediate());
  }
}

function cursorOf(row: unknown): string {
  const { batch, position } = parseRow('jobs', placed, row);
  return `${batch}.${position}`;
}

function parseCursor(cursor: string): { readonly batch: number; readonly position: number } {
  const parsed = cursorSchema.safeParse(cursor);
  if (!parsed.success) {
    throw new AppError('BAD_REQUEST', 'The cursor is not one that this app gave.', { cause: parsed.error });
  }
  return parsed.data;
}
