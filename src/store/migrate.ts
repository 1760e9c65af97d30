// Owns how a database reaches the present version: numbered steps, each one transaction that begins with its own row.

import type { Database } from 'better-sqlite3';
import { AppError } from '../contract/errors.ts';

/** One numbered step; `version` counts from 1 without gaps. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** The newest step that the database has seen, 0 for a new one. Only reads. */
export function schemaVersion(db: Database): number {
  const table = db.prepare("select 1 from sqlite_schema where type = 'table' and name = 'migrations'").get();
  if (table === undefined) return 0;
  const version = db.prepare('select coalesce(max(version), 0) from migrations').pluck().get();
  if (typeof version !== 'number') throw new AppError('DATABASE_DAMAGED');
  return version;
}

/** @throws AppError DATABASE_NEWER when the database has seen a step that is not in `migrations`. Only reads. */
export function refuseNewer(db: Database, migrations: readonly Migration[]): void {
  const version = schemaVersion(db);
  const known = migrations.at(-1)?.version ?? 0;
  if (version > known) {
    throw new AppError(
      'DATABASE_NEWER',
      `The database was made by a newer version of the app: it is at step ${version}, this app knows ${known}.`,
    );
  }
}

/** Runs the steps that are missing, after {@link refuseNewer}. `now`: milliseconds since 1970. */
export function migrate(db: Database, migrations: readonly Migration[], now: number): void {
  const from = schemaVersion(db);
  for (const migration of migrations.filter((each) => each.version > from)) {
    db.transaction(() => {
      db.exec(
        'create table if not exists migrations (version integer primary key, name text not null, applied_at integer not null) strict',
      );
      // First the row: if another program took this step in the meantime, it fails here, before anything is changed.
      db.prepare('insert into migrations (version, name, applied_at) values (?, ?, ?)').run(
        migration.version,
        migration.name,
        now,
      );
      db.exec(migration.sql);
    }).immediate();
  }
}
