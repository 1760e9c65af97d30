// Owns profiles and watched folders on disk, and which files of a folder were seen.

import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import { instantSchema } from '../contract/job.ts';
import { jobOptionsPatchSchema } from '../contract/options.ts';
import type { Profile } from '../contract/profile.ts';
import type { FolderFile, FolderStore, ProfileStore, SeenFile, StoredFolder } from '../controller/intake-ports.ts';
import { jsonColumn, parseRow } from './row.ts';
import { sqlite } from './sqlite-errors.ts';
import { statement } from './statements.ts';

const profileRow = z.object({ id: z.string(), name: z.string(), options: jsonColumn(jobOptionsPatchSchema) });
const bit = z.union([z.literal(0), z.literal(1)]).transform((one) => one === 1);
const folderRow = z.object({
  id: z.string(),
  path: z.string(),
  profileId: z.string().nullable(),
  recursive: bit,
  enabled: bit,
  createdAt: instantSchema,
});
const begunRow = z.object({
  path: z.string(),
  sizeBytes: z.number(),
  mtimeMs: z.number(),
  sha256: z.string(),
  at: instantSchema,
});
const pathRow = z.object({ path: z.string() });
const countsRow = z.object({ taken: z.number().int().nonnegative(), lastTakenAt: instantSchema.nullable() });

/** {@link ProfileStore} and {@link FolderStore} in SQLite. */
export class SqliteIntakeStore implements ProfileStore, FolderStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  profiles(): readonly Profile[] {
    return sqlite(() =>
      statement(this.#db, 'select id, name, options from profiles order by name')
        .all()
        .map((row) => parseRow('profiles', profileRow, row)),
    );
  }

  saveProfile({ id, name, options }: Profile, now: number): boolean {
    return sqlite(() =>
      this.#db
        .transaction(() => {
          const other = statement(this.#db, 'select 1 from profiles where name = ? and id <> ?').get(name, id);
          if (other !== undefined) return false;
          statement(
            this.#db,
            `insert into profiles (id, name, options, created_at) values (?, ?, ?, ?)
             on conflict (id) do update set name = excluded.name, options = excluded.options`,
          ).run(id, name, JSON.stringify(options), now);
          return true;
        })
        .immediate(),
    );
  }

  removeProfile(id: string): boolean {
    return sqlite(
      () =>
        statement(
          this.#db,
          'delete from profiles where id = @id and not exists (select 1 from watch_folders where profile_id = @id)',
        ).run({ id }).changes === 1,
    );
  }

  folders(): readonly StoredFolder[] {
    return sqlite(() =>
      statement(
        this.#db,
        `select id, path, profile_id as profileId, recursive, enabled, created_at as createdAt from watch_folders
         order by created_at, id`,
      )
        .all()
        .map((row) => parseRow('watch_folders', folderRow, row)),
    );
  }

  addFolder(folder: StoredFolder): boolean {
    return sqlite(
      () =>
        statement(
          this.#db,
          `insert into watch_folders (id, path, profile_id, recursive, enabled, created_at)
           values (@id, @path, @profileId, @recursive, @enabled, @createdAt) on conflict (path) do nothing`,
        ).run(columns(folder)).changes === 1,
    );
  }

  changeFolder(folder: StoredFolder): void {
    const { createdAt: _, path: __, ...changing } = columns(folder);
    sqlite(() =>
      statement(
        this.#db,
        'update watch_folders set profile_id = @profileId, recursive = @recursive, enabled = @enabled where id = @id',
      ).run(changing),
    );
  }

  removeFolder(id: string): boolean {
    return sqlite(() => statement(this.#db, 'delete from watch_folders where id = ?').run(id).changes === 1);
  }

  isSeen(folderId: string, { path, sizeBytes, mtimeMs }: FolderFile): boolean {
    return sqlite(
      () =>
        statement(
          this.#db,
          'select 1 from watch_seen where folder_id = ? and path = ? and size_bytes = ? and mtime_ms = ? and taken <> 2',
        ).get(folderId, path, sizeBytes, mtimeMs) !== undefined,
    );
  }

  seenWith(folderId: string, sha256: string): readonly string[] {
    return sqlite(() =>
      statement(this.#db, 'select path from watch_seen where folder_id = ? and sha256 = ? and taken <> 2')
        .all(folderId, sha256)
        .map((row) => parseRow('watch_seen', pathRow, row).path),
    );
  }

  begin(folderId: string, files: readonly SeenFile[], now: number): void {
    this.#see(folderId, files, 2, now);
  }

  begun(folderId: string): readonly (SeenFile & { readonly at: number })[] {
    return sqlite(() =>
      statement(
        this.#db,
        `select path, size_bytes as sizeBytes, mtime_ms as mtimeMs, sha256, seen_at as at from watch_seen
         where folder_id = ? and taken = 2`,
      )
        .all(folderId)
        .map((row) => parseRow('watch_seen', begunRow, row)),
    );
  }

  forget(folderId: string, path: string): void {
    sqlite(() => statement(this.#db, 'delete from watch_seen where folder_id = ? and path = ?').run(folderId, path));
  }

  see(folderId: string, files: readonly SeenFile[], taken: boolean, now: number): void {
    this.#see(folderId, files, taken ? 1 : 0, now);
  }

  #see(folderId: string, files: readonly SeenFile[], taken: 0 | 1 | 2, now: number): void {
    sqlite(() =>
      this.#db
        .transaction(() => {
          const write = statement(
            this.#db,
            `insert into watch_seen (folder_id, path, size_bytes, mtime_ms, sha256, seen_at, taken) values (?, ?, ?, ?, ?, ?, ?)
             on conflict (folder_id, path) do update set size_bytes = excluded.size_bytes, mtime_ms = excluded.mtime_ms,
               sha256 = excluded.sha256, seen_at = excluded.seen_at, taken = excluded.taken`,
          );
          for (const file of files)
            write.run(folderId, file.path, file.sizeBytes, file.mtimeMs, file.sha256, now, taken);
          if (taken === 1 && files.length > 0)
            statement(this.#db, 'update watch_folders set taken = taken + ?, last_taken_at = ? where id = ?').run(
              files.length,
              now,
              folderId,
            );
        })
        .immediate(),
    );
  }

  counts(folderId: string): { readonly taken: number; readonly lastTakenAt: number | null } {
    return sqlite(() =>
      parseRow(
        'watch_folders',
        countsRow,
        statement(this.#db, 'select taken, last_taken_at as lastTakenAt from watch_folders where id = ?').get(
          folderId,
        ) ?? { taken: 0, lastTakenAt: null },
      ),
    );
  }
}

function columns({ recursive, enabled, ...folder }: StoredFolder) {
  return { ...folder, recursive: recursive ? 1 : 0, enabled: enabled ? 1 : 0 };
}
