// Owns the database file: how it is opened, checked, brought up to date and closed. The queries lie in the files beside it.

import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import Sqlite from 'better-sqlite3';
import { AppError } from '../contract/errors.ts';
import { registerFolded } from './job-list.ts';
import type { Migration } from './migrate.ts';
import { migrate, refuseNewer } from './migrate.ts';
import { MIGRATIONS } from './migrations.generated.ts';
import { sqlite } from './sqlite-errors.ts';

export type { Database } from 'better-sqlite3';

/** Bytes up to which every start reads the whole file to find damage; a larger one only after an engine that was killed. */
const ALWAYS_CHECKED_BYTES = 256 * 1024 * 1024;

/**
 * Opens the database, making it (and its directory, for this user alone) when it is not there, and runs missing migrations.
 * The caller holds the data directory's lock (engine-lock.ts) and closes the database at the end.
 * @param now milliseconds since 1970, for the migration's row
 * @throws AppError DATABASE_NEWER (nothing was written), DATABASE_DAMAGED (nothing was repaired), DISK_FULL, INTERNAL
 */
export function openDatabase(file: string, now: number, migrations: readonly Migration[] = MIGRATIONS): Database {
  makePrivate(file);
  const unclean = existsSync(`${file}-wal`);
  const sizeBytes = statSync(file).size;
  if (sizeBytes > 0) lookWithoutWriting(file, migrations);
  const db = sqlite(() => new Sqlite(file));
  try {
    sqlite(() => {
      refuseNewer(db, migrations);
      db.pragma('journal_mode = WAL');
      // better-sqlite3 is built with NORMAL for WAL, which loses the last commits when the power goes.
      db.pragma('synchronous = FULL');
      db.pragma('foreign_keys = ON');
      db.pragma('busy_timeout = 5000');
      if (unclean || sizeBytes <= ALWAYS_CHECKED_BYTES) refuseDamaged(db);
      registerFolded(db);
      migrate(db, migrations, now);
      // Else each change of a job within a larger transaction writes the pages that it touches to a temporary file first, outside the data directory.
      db.pragma('temp_store = memory');
    });
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

/** SQLite gives its -wal and -shm files the mode of the database file. */
function makePrivate(file: string): void {
  try {
    const directory = dirname(file);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (existsSync(file)) chmodSync(file, 0o600);
    else closeSync(openSync(file, 'ax', 0o600));
  } catch (thrown) {
    throw new AppError('INTERNAL', `The database ${file} could not be made.`, { cause: thrown });
  }
}

/**
 * A connection that may write would tidy up at its close, so a newer or damaged file is recognised through one that may not. An engine that
 * was killed in its very first start has left a change half made, which only one that may write can undo, and so look behind.
 */
function lookWithoutWriting(file: string, migrations: readonly Migration[]): void {
  sqlite(() => {
    const db = new Sqlite(file, { readonly: true });
    try {
      refuseNewer(db, migrations);
    } catch (thrown) {
      if (!(thrown instanceof Sqlite.SqliteError) || thrown.code !== 'SQLITE_READONLY_ROLLBACK') throw thrown;
    } finally {
      db.close();
    }
  });
}

/** What SQLite finds when it reads the whole file: `ok`, or the first thing that is wrong. */
export function checkDatabase(db: Database): string {
  return String(db.pragma('quick_check(1)', { simple: true }));
}

function refuseDamaged(db: Database): void {
  const verdict = checkDatabase(db);
  if (verdict !== 'ok') throw new AppError('DATABASE_DAMAGED', `The database cannot be read: ${verdict}`);
}
