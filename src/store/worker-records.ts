// Owns what is remembered of workers on disk: what a person decided about each, how each was in the last while, who each said that it is.

import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import type { ErrorReport } from '../contract/errors.ts';
import { errorReportSchema } from '../contract/errors.ts';
import type { ExpectedIdentity, WorkerIdentity } from '../contract/identity.ts';
import { workerIdentitySchema } from '../contract/identity.ts';
import { instantSchema } from '../contract/job.ts';
import type { WorkerHealth, WorkerHistory } from '../contract/worker-view.ts';
import { workerHealthSchema } from '../contract/worker-view.ts';
import type { WorkerChoices, WorkerRecords } from '../controller/worker-ports.ts';
import { jsonColumn, parseRow } from './row.ts';
import { sqlite } from './sqlite-errors.ts';
import { statement } from './statements.ts';

/** Rows that are kept of each worker. */
const KEPT = 200;

const choicesRow = z.object({
  drainedSince: instantSchema.nullable(),
  expects: z.number(),
  gitCommit: z.string().nullable(),
  imageDigest: z.string().nullable(),
});
const healthRow = z.object({
  at: instantSchema,
  health: workerHealthSchema,
  error: jsonColumn(errorReportSchema).nullable(),
  latencyMs: z.number().nonnegative().nullable(),
});
const identityRow = z.object({ at: instantSchema, identity: jsonColumn(workerIdentitySchema) });

/** {@link WorkerRecords} in SQLite. */
export class SqliteWorkerRecords implements WorkerRecords {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  choices(workerId: string): WorkerChoices {
    return sqlite(() => {
      const row = statement(
        this.#db,
        `select drained_since as drainedSince, expects, expected_commit as gitCommit, expected_digest as imageDigest
         from worker_choices where worker_id = ?`,
      ).get(workerId);
      if (row === undefined) return { drainedSince: null, expected: null };
      const { drainedSince, expects, gitCommit, imageDigest } = parseRow('worker_choices', choicesRow, row);
      return { drainedSince, expected: expects === 1 ? { gitCommit, imageDigest } : null };
    });
  }

  drain(workerId: string, since: number | null): void {
    sqlite(() =>
      statement(
        this.#db,
        `insert into worker_choices (worker_id, drained_since) values (@workerId, @since)
         on conflict (worker_id) do update set drained_since = iif(@since is null, null, coalesce(drained_since, @since))`,
      ).run({ workerId, since }),
    );
  }

  expect(workerId: string, expected: ExpectedIdentity | null): void {
    sqlite(() =>
      statement(
        this.#db,
        `insert into worker_choices (worker_id, expects, expected_commit, expected_digest) values (?, ?, ?, ?)
         on conflict (worker_id) do update set expects = excluded.expects,
           expected_commit = excluded.expected_commit, expected_digest = excluded.expected_digest`,
      ).run(workerId, expected === null ? 0 : 1, expected?.gitCommit ?? null, expected?.imageDigest ?? null),
    );
  }

  healthChanged(workerId: string, health: WorkerHealth, error: ErrorReport | null, now: number): void {
    sqlite(() =>
      this.#db
        .transaction(() => {
          statement(this.#db, 'insert into worker_health (worker_id, at, health, error) values (?, ?, ?, ?)').run(
            workerId,
            now,
            health,
            error === null ? null : JSON.stringify(error),
          );
          this.#trim('worker_health', workerId);
        })
        .immediate(),
    );
  }

  latency(workerId: string, meanMs: number): void {
    sqlite(() =>
      statement(
        this.#db,
        'update worker_health set latency_ms = ? where id = (select max(id) from worker_health where worker_id = ?)',
      ).run(meanMs, workerId),
    );
  }

  identitySeen(workerId: string, identity: WorkerIdentity, now: number): void {
    const json = JSON.stringify(identity);
    sqlite(() =>
      this.#db
        .transaction(() => {
          statement(
            this.#db,
            `insert into worker_identities (worker_id, at, identity) select @workerId, @now, @json
             where @json is not (select identity from worker_identities where worker_id = @workerId order by id desc limit 1)`,
          ).run({ workerId, now, json });
          this.#trim('worker_identities', workerId);
        })
        .immediate(),
    );
  }

  history(workerId: string): WorkerHistory {
    return sqlite(() => {
      const rows = statement(
        this.#db,
        'select at, health, error, latency_ms as latencyMs from worker_health where worker_id = ? order by id desc',
      )
        .all(workerId)
        .map((row) => parseRow('worker_health', healthRow, row));
      const identities = statement(
        this.#db,
        'select at, identity from worker_identities where worker_id = ? order by id desc',
      )
        .all(workerId)
        .map((row) => parseRow('worker_identities', identityRow, row));
      return { health: rows.map((row, index) => ({ ...row, until: rows[index - 1]?.at ?? null })), identities };
    });
  }

  forget(workerId: string): void {
    sqlite(() =>
      this.#db
        .transaction(() => {
          for (const table of ['worker_choices', 'worker_health', 'worker_identities'])
            statement(this.#db, `delete from ${table} where worker_id = ?`).run(workerId);
        })
        .immediate(),
    );
  }

  #trim(table: 'worker_health' | 'worker_identities', workerId: string): void {
    statement(
      this.#db,
      `delete from ${table} where worker_id = @workerId and id <=
       (select id from ${table} where worker_id = @workerId order by id desc limit 1 offset ${KEPT})`,
    ).run({ workerId });
  }
}
