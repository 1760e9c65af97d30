// Owns the log of edits on disk, a row an edit, undo or redo.

import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import type { Carried } from '../contract/carried.ts';
import { notCarriedSchema } from '../contract/carried.ts';
import type { Edit, EditEntry } from '../contract/edits.ts';
import { editEntrySchema, editOperationsSchema } from '../contract/edits.ts';
import type { EditStore, SearchChange } from '../controller/transcript-ports.ts';
import { jsonColumn, parseRow } from './row.ts';
import { changeIndex } from './search-rows.ts';
import { sqlite } from './sqlite-errors.ts';
import { statement } from './statements.ts';

const editRow = z
  .object({
    seq: z.number(),
    kind: z.string(),
    operations: jsonColumn(editOperationsSchema).nullable(),
    at: z.number(),
  })
  .transform(({ operations, ...row }) => (operations === null ? row : { ...row, operations }))
  .pipe(editEntrySchema);

const carriedRow = z
  .object({
    jobId: z.string(),
    name: z.string(),
    finishedAt: z.number(),
    placed: z.number(),
    left: jsonColumn(z.array(notCarriedSchema)),
  })
  .transform(({ placed, left, ...from }) => ({ from, placed, left }));

/** {@link EditStore} in SQLite. Every method may throw AppError DATABASE_DAMAGED and, where it writes, DISK_FULL. */
export class SqliteEditStore implements EditStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  edits(jobId: string): readonly EditEntry[] {
    return sqlite(() =>
      statement(this.#db, 'select seq, kind, operations, at from edits where job_id = ? order by seq')
        .all(jobId)
        .map((row) => parseRow('edits', editRow, row)),
    );
  }

  carried(jobId: string): Carried | null {
    return sqlite(() => {
      const row = statement(
        this.#db,
        `select from_job_id as jobId, from_name as name, from_finished_at as finishedAt, placed, not_placed as "left" from carried where job_id = ?`,
      ).get(jobId);
      return row === undefined ? null : parseRow('carried', carriedRow, row);
    });
  }

  carry(jobId: string, edits: readonly Edit[], search: SearchChange, { from, placed, left }: Carried): boolean {
    return sqlite(() =>
      this.#db
        .transaction(() => {
          const noted = statement(
            this.#db,
            `insert into carried (job_id, from_job_id, from_name, from_finished_at, placed, not_placed)
             select @jobId, @from, @name, @finishedAt, @placed, @left where exists (select 1 from jobs where id = @jobId)
             and not exists (select 1 from edits where job_id = @jobId) on conflict (job_id) do nothing`,
          ).run({
            jobId,
            from: from.jobId,
            name: from.name,
            finishedAt: from.finishedAt,
            placed,
            left: JSON.stringify(left),
          });
          if (noted.changes !== 1) return false;
          for (const edit of edits) this.#append(jobId, { kind: 'edit', ...edit });
          changeIndex(this.#db, jobId, search);
          return true;
        })
        .immediate(),
    );
  }

  appendEdit(jobId: string, entry: EditEntry, search: SearchChange): boolean {
    return sqlite(() =>
      this.#db
        .transaction(() => {
          if (!this.#append(jobId, entry)) return false;
          changeIndex(this.#db, jobId, search);
          return true;
        })
        .immediate(),
    );
  }

  /** Within the caller's transaction. The job may be gone, and another window may have written in the meantime. */
  #append(jobId: string, entry: EditEntry): boolean {
    const operations = entry.kind === 'edit' ? JSON.stringify(entry.operations) : null;
    const added = statement(
      this.#db,
      `insert into edits (job_id, seq, kind, operations, at) select @jobId, @seq, @kind, @operations, @at
       where exists (select 1 from jobs where id = @jobId)
       and (select coalesce(max(seq), 0) from edits where job_id = @jobId) = @seq - 1`,
    ).run({ jobId, seq: entry.seq, kind: entry.kind, operations, at: entry.at });
    return added.changes === 1;
  }
}
