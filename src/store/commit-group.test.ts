import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CommitGroup } from './commit-group.ts';
import type { Database } from './database.ts';
import { openDatabase } from './database.ts';
import { ownDatabase, ownDirectory } from './store.cases.ts';

/** A table of numbers, and a log that nothing is in yet and that is never folded into the file. */
function notes(file = join(ownDirectory(), 'queue.sqlite')): Database {
  const db = ownDatabase(file);
  db.exec('create table notes (value integer unique, padding blob)');
  db.pragma('wal_checkpoint(truncate)');
  db.pragma('wal_autocheckpoint = 0');
  return db;
}

const put = (db: Database, value: number, bytes = 10) =>
  db.prepare('insert into notes values (?, zeroblob(?))').run(value, bytes);

const values = (db: Database) => db.prepare('select value from notes order by rowid').pluck().all();

/** Commits in the log: frames that name the size of the database after them. */
function commits(file: string): number {
  const log = readFileSync(`${file}-wal`);
  const frame = log.readUInt32BE(8) + 24;
  let count = 0;
  for (let at = 32; at + frame <= log.length; at += frame) if (log.readUInt32BE(at + 4) > 0) count += 1;
  return count;
}

describe('writes of one turn', () => {
  test('are one commit, in the order of the calls, and nobody is told before it', async () => {
    const file = join(ownDirectory(), 'queue.sqlite');
    const db = notes(file);
    const group = new CommitGroup(db);
    const other = ownDatabase(file);
    const told: string[] = [];
    const all = [1, 2, 3, 4].map((value) =>
      group
        .together(
          () => put(db, value).lastInsertRowid,
          () => told.push(`committed ${value}, of it others see ${values(other).length}`),
        )
        .then(() => told.push(`resolved ${value}`)),
    );
    expect(values(db)).toEqual([]);
    await Promise.all(all);
    expect(values(other)).toEqual([1, 2, 3, 4]);
    expect(commits(file)).toBe(1);
    expect(told).toEqual([
      ...[1, 2, 3, 4].map((value) => `committed ${value}, of it others see 4`),
      ...[1, 2, 3, 4].map((value) => `resolved ${value}`),
    ]);
  });

  test('are several commits where they are very many, still in order', async () => {
    const file = join(ownDirectory(), 'queue.sqlite');
    const db = notes(file);
    const group = new CommitGroup(db);
    const wanted = Array.from({ length: 200 }, (_, index) => index);
    await Promise.all(wanted.map((value) => group.together(() => put(db, value))));
    expect(values(db)).toEqual(wanted);
    expect(commits(file)).toBe(4);
  });

  test('one that throws is undone alone', async () => {
    const db = notes();
    const group = new CommitGroup(db);
    const committed: number[] = [];
    const note = (value: number, write: () => void) => group.together(write, () => committed.push(value));
    const outcomes = await Promise.allSettled([
      note(1, () => put(db, 1)),
      note(2, () => {
        put(db, 2);
        throw new Error('half done');
      }),
      note(3, () => {
        put(db, 3);
        put(db, 1);
      }),
      note(4, () => put(db, 4)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(outcomes[2]).toMatchObject({ reason: { code: 'INTERNAL' } });
    expect(values(db)).toEqual([1, 4]);
    expect(committed).toEqual([1, 4]);
  });

  test('one that the disk has no room for does not take the others down', async () => {
    const db = notes();
    const group = new CommitGroup(db);
    const pages = Number(db.pragma('page_count', { simple: true }));
    db.pragma(`max_page_count = ${pages + 20}`);
    const outcomes = await Promise.allSettled([
      group.together(() => put(db, 1)),
      group.together(() => put(db, 2, 10_000_000)),
      group.together(() => put(db, 3)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: { code: 'DISK_FULL' } });
    expect(values(db)).toEqual([1, 3]);
  });

  test('where the whole is undone, each is tried by itself', async () => {
    const db = notes();
    const group = new CommitGroup(db);
    let first = true;
    const outcomes = await Promise.allSettled([
      group.together(() => put(db, 1)),
      group.together(() => {
        if (!first) return put(db, 2);
        first = false;
        // As SQLite does of its own accord when a write to its log fails.
        db.exec('rollback');
        throw new Error('The log could not be written.');
      }),
      group.together(() => put(db, 3)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(values(db)).toEqual([1, 2, 3]);
  });

  test('are refused as one when the database is closed, and nothing is said to be stored', async () => {
    const db = openDatabase(join(ownDirectory(), 'queue.sqlite'), 1);
    const group = new CommitGroup(db);
    const both = [1, 2].map((value) => group.together(() => put(db, value)));
    db.close();
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

test('a crash at any byte of a shared commit leaves all of it or nothing', async () => {
  const folder = ownDirectory();
  const file = join(folder, 'queue.sqlite');
  const db = notes(file);
  const base = join(folder, 'base');
  copyFileSync(file, base);
  const group = new CommitGroup(db);
  await Promise.all([1, 2, 3, 4, 5].map((value) => group.together(() => put(db, value, 2_000))));
  const whole = readFileSync(`${file}-wal`);
  const seen = new Set<number>();
  for (let at = 0; at <= whole.length; at += at + 97 > whole.length && at < whole.length ? whole.length - at : 97) {
    const cut = join(folder, 'cut.sqlite');
    copyFileSync(base, cut);
    writeFileSync(`${cut}-wal`, whole);
    truncateSync(`${cut}-wal`, at);
    const opened = openDatabase(cut, 2);
    seen.add(values(opened).length);
    opened.close();
  }
  expect([...seen]).toEqual([0, 5]);
});
