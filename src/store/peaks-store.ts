// Owns the waveforms on disk.

import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import type { Peaks } from '../contract/playback.ts';
import type { PeaksStore } from '../controller/transcript-ports.ts';
import { parseRow } from './row.ts';
import { sqlite } from './sqlite-errors.ts';

const peaksRow = z
  .object({ per_second: z.number(), data: z.instanceof(Uint8Array) })
  .transform((row): Peaks => ({ perSecond: row.per_second, data: Buffer.from(row.data).toString('base64') }));

/** {@link PeaksStore} in SQLite. Every method may throw AppError DATABASE_DAMAGED and, where it writes, DISK_FULL. */
export class SqlitePeaksStore implements PeaksStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  peaks(jobId: string, sha256: string): Peaks | null {
    return sqlite(() => {
      const row = this.#db
        .prepare('select per_second, data from peaks where job_id = ? and sha256 = ?')
        .get(jobId, sha256);
      return row === undefined ? null : parseRow('peaks', peaksRow, row);
    });
  }

  savePeaks(jobId: string, sha256: string, { perSecond, data }: Peaks): boolean {
    return sqlite(
      () =>
        this.#db
          .prepare(
            `insert into peaks (job_id, sha256, per_second, data) select @jobId, @sha256, @perSecond, @data
             where exists (select 1 from jobs where id = @jobId)
             on conflict (job_id) do update set sha256 = @sha256, per_second = @perSecond, data = @data`,
          )
          .run({ jobId, sha256, perSecond, data: Buffer.from(data, 'base64') }).changes === 1,
    );
  }
}
