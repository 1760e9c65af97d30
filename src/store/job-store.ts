// Owns the queue on disk: batches, jobs and what was written for them. Every method is one transaction.

import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import type { JobState, OutputFile } from '../contract/job.ts';
import { outputFileSchema } from '../contract/job.ts';
import type { JobHistory } from '../contract/job-history.ts';
import type { Transcript } from '../contract/transcript.ts';
import type { WrittenFile } from '../controller/ports.ts';
import type {
  JobChange,
  JobPosition,
  JobQuery,
  JobStore,
  NewBatch,
  NewJob,
  QueueMove,
} from '../controller/queue-ports.ts';
import { addedJob, type JobRecord } from '../jobs/record.ts';
import type { JobEvent } from '../jobs/transition.ts';
import { CommitGroup } from './commit-group.ts';
import { appendAdded, appendEvent, attemptsOf, eventsOf, recordAttempt } from './job-history.ts';
import { jobIds, listJobs } from './job-list.ts';
import {
  ASKED,
  addedRows,
  INSERT_JOBS,
  jobParameters,
  parseJob,
  SELECT_JOB,
  UPDATE_ASKED,
  UPDATE_JOB,
} from './job-row.ts';
import { lastPosition, moveJobs, POSITION_STEP } from './queue-order.ts';
import { jsonColumn, parseRow } from './row.ts';
import { notePending } from './search-rows.ts';
import { sqlite } from './sqlite-errors.ts';
import { statement } from './statements.ts';
import { copyTranscript } from './transcript-copy.ts';
import { insertTranscript, readTranscript, transcriptJson } from './transcript-rows.ts';

const sourceRow = z.object({ path: z.string(), at: z.number() });
const outputRow = outputFileSchema.extend({ digests: jsonColumn(z.array(z.string())).nullable() });
const removedRow = z.object({ id: z.string(), batchId: z.string(), sourcePath: z.string() });

const NOT_OVER = `state not in ('complete', 'failed', 'canceled')`;

/** {@link JobStore} in SQLite. Every method may throw AppError DATABASE_DAMAGED and, where it writes, DISK_FULL. */
export class SqliteJobStore implements JobStore {
  readonly #db: Database;
  readonly #commits: CommitGroup;

  constructor(db: Database) {
    this.#db = db;
    this.#commits = new CommitGroup(db);
  }

  together<Result>(write: () => Result, committed: (result: Result) => void): Promise<Result> {
    return this.#commits.together(write, committed);
  }

  addBatch(batch: NewBatch, jobs: readonly NewJob[], now: number): readonly JobRecord[] {
    return this.#write(() => {
      const seq = statement(this.#db, 'insert into batches (id, name, created_at, options) values (?, ?, ?, ?)').run(
        batch.id,
        batch.name,
        batch.createdAt,
        batch.options === undefined ? null : JSON.stringify(batch.options),
      ).lastInsertRowid;
      const last = lastPosition(this.#db);
      const records = jobs.map((job, index) =>
        addedJob({ ...job, batchId: batch.id, position: last + (1 + index) * POSITION_STEP, createdAt: now }),
      );
      for (const [first, alike] of byOptions(records))
        statement(this.#db, INSERT_JOBS).run({ ...jobParameters(first), batch: seq, rows: addedRows(alike) });
      appendAdded(this.#db, seq, now);
      return records;
    });
  }

  get(id: string): JobRecord | null {
    return sqlite(() => {
      const row = statement(this.#db, `${SELECT_JOB} where jobs.id = ?`).get(id);
      return row === undefined ? null : parseJob(row);
    });
  }

  /** @throws AppError BAD_REQUEST for a cursor that this store did not give */
  list(query: JobQuery): { readonly jobs: readonly JobRecord[]; readonly nextCursor: string | null } {
    return sqlite(() => listJobs(this.#db, query));
  }

  idsIn(states: readonly JobState[], batchId: string | null): readonly string[] {
    return sqlite(() => jobIds(this.#db, batchId, states));
  }

  unfinished(): readonly JobRecord[] {
    return sqlite(() => statement(this.#db, `${SELECT_JOB} where ${NOT_OVER} order by position`).all().map(parseJob));
  }

  inHand(): readonly JobRecord[] {
    return sqlite(() =>
      statement(
        this.#db,
        `${SELECT_JOB} where ${NOT_OVER} and not (state = 'queued' and source is null)
         and not (state = 'waiting' and json_extract(waiting, '$.reason') = 'paused') order by position`,
      )
        .all()
        .map(parseJob),
    );
  }

  inLine(limit: number, heldBatches: readonly string[]): readonly JobRecord[] {
    return sqlite(() =>
      // First the rows of the index alone: what is held may be long. Named, because there are no statistics by which it would be chosen.
      statement(
        this.#db,
        `${SELECT_JOB} where jobs.rowid in (
           select rowid from jobs indexed by jobs_in_line where state = 'queued' and source is null and batch not in (
             select seq from batches where paused_since is not null or id in (select value from json_each(@held))
           ) order by position limit @limit
         ) order by position`,
      )
        .all({ limit, held: JSON.stringify(heldBatches) })
        .map(parseJob),
    );
  }

  move(move: QueueMove): readonly JobPosition[] | null {
    return this.#write(() => moveJobs(this.#db, move));
  }

  doneWith(sha256: string): readonly JobRecord[] {
    return sqlite(() =>
      statement(
        this.#db,
        `${SELECT_JOB} where state = 'complete' and json_extract(source, '$.sha256') = ? and transcript_sha256 is not null
         order by finished_at desc limit 50`,
      )
        .all(sha256)
        .map(parseJob),
    );
  }

  saveCopied(next: JobRecord, event: JobEvent, fromId: string, now: number): boolean {
    return this.#write(() => {
      if (!this.#change(next, event, now)) return false;
      copyTranscript(this.#db, { fromId, toId: next.id, now });
      return true;
    });
  }

  sourcesSince(since: number): ReadonlyMap<string, number> {
    return sqlite(() => {
      // All jobs are looked at, once for however many files: it is asked after a crash.
      const rows = statement(this.#db, 'select source_path as path, created_at as at from jobs where created_at >= ?')
        .all(since)
        .map((row) => parseRow('jobs', sourceRow, row));
      return new Map(rows.toSorted((a, b) => a.at - b.at).map(({ path, at }) => [path, at]));
    });
  }

  history(jobId: string): JobHistory {
    return sqlite(() => ({
      attempts: attemptsOf(this.#db, jobId).map(({ bootId: _, ...attempt }) => attempt),
      events: eventsOf(this.#db, jobId).map(({ seq, at, type }) => ({ seq, at, type })),
    }));
  }

  save(next: JobRecord, event: JobEvent, now: number): boolean {
    return this.#write(() => this.#change(next, event, now));
  }

  saveAll(changes: readonly JobChange[], now: number): readonly boolean[] {
    return this.#write(() => changes.map(({ next, event }) => this.#change(next, event, now)));
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
      notePending(this.#db, next.id);
      return true;
    });
  }

  saveOutputs(next: JobRecord, event: JobEvent, outputs: readonly WrittenFile[], now: number): boolean {
    return this.#write(() => {
      if (!this.#change(next, event, now)) return false;
      this.#writeOutputs(next.id, outputs);
      return true;
    });
  }

  replaceOutputs(jobId: string, outputs: readonly WrittenFile[]): boolean {
    return this.#write(() => {
      const complete = statement(this.#db, `select 1 from jobs where id = ? and state = 'complete'`).get(jobId);
      if (complete === undefined) return false;
      this.#writeOutputs(jobId, outputs);
      return true;
    });
  }

  replacingOutput(jobId: string, path: string, digests: readonly string[]): void {
    this.#write(() =>
      statement(this.#db, 'update outputs set digests = ? where job_id = ? and path = ?').run(
        JSON.stringify(digests),
        jobId,
        path,
      ),
    );
  }

  isOutputOfOthers(path: string, job: Pick<JobRecord, 'id' | 'sourcePath'>): boolean {
    return sqlite(
      () =>
        statement(
          this.#db,
          `select 1 from outputs join jobs on jobs.id = outputs.job_id
             where outputs.path = ? and jobs.id <> ? and jobs.source_path <> ? limit 1`,
        ).get(path, job.id, job.sourcePath) !== undefined,
    );
  }

  batchName(batchId: string): string {
    return sqlite(() =>
      String(statement(this.#db, 'select name from batches where id = ?').pluck().get(batchId) ?? ''),
    );
  }

  outputs(jobId: string): readonly OutputFile[] {
    return this.writtenFiles(jobId).map(({ format, path }) => ({ format, path }));
  }

  writtenFiles(jobId: string): readonly WrittenFile[] {
    return sqlite(() =>
      statement(this.#db, 'select format, path, digests from outputs where job_id = ? order by ordinal')
        .all(jobId)
        .map((row) => parseRow('outputs', outputRow, row))
        .map(({ digests, ...file }) => ({ ...file, digests: digests ?? [] })),
    );
  }

  transcriptText(jobId: string): string | null {
    return sqlite(() => transcriptJson(this.#db, jobId));
  }

  transcript(jobId: string): Transcript | null {
    return sqlite(() => readTranscript(this.#db, jobId));
  }

  /** A batch goes with its last job. */
  remove(ids: readonly string[]): ReturnType<JobStore['remove']> {
    return this.#write(() => {
      const gone = statement(
        this.#db,
        `delete from jobs where id in (select value from json_each(?)) and state in ('complete', 'failed', 'canceled')
         returning id, (select id from batches where seq = batch) as batchId, source_path as sourcePath`,
      )
        .all(JSON.stringify(ids))
        .map((row) => parseRow('jobs', removedRow, row));
      const batches = statement(
        this.#db,
        `delete from batches where id in (select value from json_each(?))
         and not exists (select 1 from jobs where jobs.batch = batches.seq) returning id`,
      )
        .pluck()
        .all(JSON.stringify([...new Set(gone.map(({ batchId }) => batchId))]));
      return { jobs: gone, batches: z.array(z.string()).parse(batches) };
    });
  }

  #writeOutputs(jobId: string, outputs: readonly WrittenFile[]): void {
    statement(this.#db, 'delete from outputs where job_id = ?').run(jobId);
    const insert = statement(
      this.#db,
      'insert into outputs (job_id, ordinal, format, path, digests) values (?, ?, ?, ?, ?)',
    );
    for (const [ordinal, { format, path, digests }] of outputs.entries())
      insert.run(jobId, ordinal, format, path, digests.length === 0 ? null : JSON.stringify(digests));
  }

  /** The write that every transition ends in: compare, change, remember. */
  #change(next: JobRecord, event: JobEvent, now: number): boolean {
    if (statement(this.#db, UPDATE_JOB).run(jobParameters(next)).changes !== 1) return false;
    if (ASKED.has(event.type)) statement(this.#db, UPDATE_ASKED).run(jobParameters(next));
    recordAttempt(this.#db, next, event, now);
    appendEvent(this.#db, next, event, now);
    return true;
  }

  #write<Result>(statements: () => Result): Result {
    return sqlite(() => this.#db.transaction(statements).immediate());
  }
}

/** The jobs with the same options, beside the first of each kind. Files of a folder share one object of options, what was uploaded another one. */
function byOptions(jobs: readonly JobRecord[]): Iterable<readonly [JobRecord, readonly JobRecord[]]> {
  const groups = new Map<JobRecord['options'], [JobRecord, JobRecord[]]>();
  for (const job of jobs) {
    const group = groups.get(job.options);
    if (group === undefined) groups.set(job.options, [job, [job]]);
    else group[1].push(job);
  }
  return groups.values();
}
