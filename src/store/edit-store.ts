// Owns the log of edits on disk, a row an edit, undo or redo.

import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import type { EditEntry } from '../contract/edits.ts';
import { editEntrySchema, editOperationsSchema } from '../contract/edits.ts';
import type { EditStore, SearchChange } from '../controller/ports.ts';
import { jsonColumn, parseRow } from './row.ts';
import { changeIndex } from './search-rows.ts';
import { sqlite } from './sqlite-errors.ts';

const editRow = z
  .object({
    seq: z.number(),
    kind: z.string(),
    operations: jsonColumn(editOperationsSchema).nullable(),
    at: z.number(),
  })
  .transform(({ operations, ...row }) => (operations === null ? row : { ...row, operations }))
  .pipe(editEntrySchema);

/** {@link EditStore} in SQLite. Every method may throw AppError DATABASE_DAMAGED and, where it writes, DISK_FULL. */
export class SqliteEditStore implements EditStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  edits(jobId: string): readonly EditEntry[] {
    return sqlite(() =>
      this.#db
        .prepare('select seq, kind, operations, at from edits where job_id = ? order by seq')
        .all(jobId)
        .map((row) => parseRow('edits', editRow, row)),
    );
  }

  appendEdit(jobId: string, entry: EditEntry, search: SearchChange): boolean {
    const operations = entry.kind === 'edit' ? JSON.stringify(entry.operations) : null;
    return sqlite(() =>
      this.#db
        .transaction(() => {
          // The job may be gone, and another window may have written in the meantime.
          const added = this.#db
            .prepare(
              `insert into edits (job_id, seq, kind, operations, at) select @jobId, @seq, @kind, @operations, @at
               where exists (select 1 from jobs where id = @jobId)
               and (select coalesce(max(seq), 0) from edits where job_id = @jobId) = @seq - 1`,
            )
            .run({ jobId, seq: entry.seq, kind: entry.kind, operations, at: entry.at });
          if (added.changes !== 1) return false;
          changeIndex(this.#db, jobId, search);
          return true;
        })
        .immediate(),
    );
  }
}
