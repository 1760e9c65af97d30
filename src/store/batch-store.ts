// Owns batches and the queue as a whole on disk: names, what is paused, and the sums that every change of a job keeps in step.

import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import { AppError } from '../contract/errors.ts';
import { instantSchema, jobStateSchema } from '../contract/job.ts';
import { storedOptionsSchema } from '../contract/options.ts';
import type { BatchStore, StoredBatch } from '../controller/queue-ports.ts';
import type { StateSum } from '../jobs/tally.ts';
import { jsonColumn, parseRow } from './row.ts';
import { sqlite } from './sqlite-errors.ts';
import { statement } from './statements.ts';

const batchRow = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: instantSchema,
  pausedSince: instantSchema.nullable(),
  options: jsonColumn(storedOptionsSchema).nullable(),
});
const placed = z.looseObject({ seq: z.number().int() });
const sumRow = z.object({
  state: jobStateSchema,
  jobs: z.number().int().nonnegative(),
  unmeasured: z.number().int().nonnegative(),
  seconds: z.number().nonnegative(),
});

const SELECT = 'select seq, id, name, created_at as createdAt, paused_since as pausedSince, options from batches';

/** {@link BatchStore} in SQLite. Every method may throw AppError DATABASE_DAMAGED and, where it writes, DISK_FULL. */
export class SqliteBatchStore implements BatchStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  batches(ids: readonly string[]): readonly StoredBatch[] {
    return sqlite(() =>
      statement(this.#db, `${SELECT} where id in (select value from json_each(?)) order by seq desc`)
        .all(JSON.stringify(ids))
        .map(parseBatch),
    );
  }

  /** @throws AppError BAD_REQUEST for a cursor that this store did not give */
  page(
    limit: number,
    cursor?: string,
  ): { readonly batches: readonly StoredBatch[]; readonly nextCursor: string | null } {
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor))
      throw new AppError('BAD_REQUEST', 'The cursor is not one that this app gave.');
    return sqlite(() => {
      const rows = statement(this.#db, `${SELECT} where seq < ? order by seq desc limit ?`).all(
        cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor),
        limit + 1,
      );
      const end = rows[limit - 1];
      const more = rows.length > limit && end !== undefined;
      return {
        batches: rows.slice(0, limit).map(parseBatch),
        nextCursor: more ? String(parseRow('batches', placed, end).seq) : null,
      };
    });
  }

  rename(id: string, name: string): boolean {
    return sqlite(() => statement(this.#db, 'update batches set name = ? where id = ?').run(name, id).changes === 1);
  }

  pause(id: string, since: number | null): boolean {
    return sqlite(
      () =>
        // What is paused already has been so since then.
        statement(
          this.#db,
          'update batches set paused_since = iif(@since is null, null, coalesce(paused_since, @since)) where id = @id',
        ).run({ id, since }).changes === 1,
    );
  }

  paused(): readonly string[] {
    return sqlite(() =>
      z
        .array(z.string())
        .parse(statement(this.#db, 'select id from batches where paused_since is not null').pluck().all()),
    );
  }

  queuePausedSince(): number | null {
    return sqlite(() =>
      instantSchema.nullable().parse(statement(this.#db, 'select paused_since from queue').pluck().get()),
    );
  }

  pauseQueue(since: number | null): void {
    sqlite(() =>
      statement(
        this.#db,
        'update queue set paused_since = iif(@since is null, null, coalesce(paused_since, @since))',
      ).run({ since }),
    );
  }

  sums(batchId: string | null): readonly StateSum[] {
    return sqlite(() => {
      const rows =
        batchId === null
          ? statement(
              this.#db,
              `select state, sum(jobs) as jobs, sum(unmeasured) as unmeasured, sum(seconds) as seconds
               from batch_sums group by state`,
            ).all()
          : statement(
              this.#db,
              `select state, jobs, unmeasured, seconds from batch_sums
               where batch = (select seq from batches where id = ?)`,
            ).all(batchId);
      return rows.map((row) => parseRow('batch_sums', sumRow, row));
    });
  }
}

function parseBatch(row: unknown): StoredBatch {
  return parseRow('batches', batchRow, row);
}
