// Owns the workers that a person added: name and address. Their tokens lie with the SecretStore.

import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import type { SavedWorker, WorkerStore } from '../controller/worker-ports.ts';
import { parseRow } from './row.ts';
import { sqlite } from './sqlite-errors.ts';

const workerRow = z.object({ id: z.string(), name: z.string(), url: z.string() });

/** {@link WorkerStore} in SQLite. */
export class SqliteWorkerStore implements WorkerStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** In the order in which they were added. */
  workers(): readonly SavedWorker[] {
    return sqlite(() =>
      this.#db
        .prepare('select id, name, url from saved_workers order by rowid')
        .all()
        .map((row) => parseRow('saved_workers', workerRow, row)),
    );
  }

  addWorker(worker: SavedWorker, now: number): void {
    sqlite(() =>
      this.#db
        .prepare('insert into saved_workers (id, name, url, created_at) values (?, ?, ?, ?)')
        .run(worker.id, worker.name, worker.url, now),
    );
  }

  changeWorker({ id, name, url }: SavedWorker): void {
    sqlite(() => this.#db.prepare('update saved_workers set name = ?, url = ? where id = ?').run(name, url, id));
  }

  removeWorker(id: string): void {
    sqlite(() => this.#db.prepare('delete from saved_workers where id = ?').run(id));
  }
}
