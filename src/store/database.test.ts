import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { DEFAULT_JOB_OPTIONS } from '../contract/options.ts';
import { SqliteBatchStore } from './batch-store.ts';
import type { Database } from './database.ts';
import { openDatabase } from './database.ts';
import { SqliteJobStore } from './job-store.ts';
import { MIGRATIONS } from './migrations.generated.ts';
import { add, newJobs, ownDatabase, ownDirectory } from './store.cases.ts';
import { transcriptJson } from './transcript-rows.ts';

/** Everything that makes up the schema, in a fixed order. */
function schemaOf(db: ReturnType<typeof openDatabase>): unknown {
  return db.prepare('select type, name, sql from sqlite_schema order by type, name').all();
}

describe('the embedded migrations', () => {
  it('are those of the SQL files', () => {
    const script = fileURLToPath(new URL('../../scripts/embed-sql.mjs', import.meta.url));
    const checked = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect(checked.stderr).toBe('');
    expect(checked.status).toBe(0);
  });

  it('make strict tables only', () => {
    const db = ownDatabase();
    const tables = db.prepare(
      "select name, strict from pragma_table_list where type = 'table' and name not like 'sqlite_%'",
    );
    for (const table of tables.all()) expect(table).toMatchObject({ strict: 1 });
  });
});

/** Three jobs as the first version wrote them; no later one changed what it had. */
function addThreeAsThen(db: Database): void {
  db.prepare("insert into batches (seq, id, name, created_at) values (1, 'batch', 'old', 1)").run();
  const { whenDone: _, ...options } = DEFAULT_JOB_OPTIONS;
  for (const position of [1, 2, 3])
    db.prepare(
      `insert into jobs (id, batch, position, name, source_path, options, state, attempt, retries, worker_deaths, created_at, updated_at,
       revision) values (?, 1, ?, 'a.wav', '/a.wav', ?, 'queued', 0, 0, 0, 1, 1, 0)`,
    ).run(`job${position}`, position, JSON.stringify(options));
}

describe('opening', () => {
  it('makes a database that survives a power cut, for this user alone', () => {
    const file = join(ownDirectory(), 'deep', 'down', 'queue.db');
    const db = ownDatabase(file);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
    // Nothing of a queue comes to lie in the system's folder for temporary files.
    expect(db.pragma('temp_store', { simple: true })).toBe(2);
    add(new SqliteJobStore(db), newJobs(1));
    for (const path of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700);
  });

  it('changes nothing when it is repeated', () => {
    const file = join(ownDirectory(), 'queue.db');
    for (let time = 1; time <= 3; time += 1) openDatabase(file, time).close();
    const db = ownDatabase(file);
    expect(db.prepare('select version, applied_at from migrations').all()).toEqual(
      MIGRATIONS.map(({ version }) => ({ version, applied_at: 1 })),
    );
  });

  it.each(MIGRATIONS.map(({ version }) => version - 1))('brings version %i up to the present one', (version) => {
    const file = join(ownDirectory(), 'queue.db');
    const old = openDatabase(file, 1, MIGRATIONS.slice(0, version));
    if (version > 0) addThreeAsThen(old);
    old.close();
    const db = ownDatabase(file);
    expect(schemaOf(db)).toEqual(schemaOf(ownDatabase()));
    const jobs = new SqliteJobStore(db).unfinished();
    expect(jobs.map(({ id }) => id)).toEqual(version > 0 ? ['job1', 'job2', 'job3'] : []);
    expect(new SqliteBatchStore(db).sums(null)).toEqual(
      version > 0 ? [{ state: 'queued', jobs: 3, unmeasured: 3, seconds: 0 }] : [],
    );
    // What came before a choice was there is not decided anew.
    for (const { options } of jobs) expect(options.whenDone).toBe('again');
  });

  it('leaves a step out whole when it fails', () => {
    const file = join(ownDirectory(), 'queue.db');
    const broken = {
      version: MIGRATIONS.length + 1,
      name: 'broken',
      sql: 'create table half (a text) strict; no sql;',
    };
    expect(() => openDatabase(file, 1, [...MIGRATIONS, broken])).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    expect(schemaOf(ownDatabase(file))).toEqual(schemaOf(ownDatabase()));
  });

  it('opens what an engine left that was killed in its first start, before there was a write-ahead log', () => {
    const directory = ownDirectory();
    const db = new Sqlite(join(directory, 'open.db'));
    // So small that pages leave it before the commit, as the first page does when the mode of the journal is changed.
    db.pragma('cache_size = 1');
    db.exec('begin exclusive; create table half (a blob) strict');
    const file = join(directory, 'queue.db');
    const write = db.prepare('insert into half values (zeroblob(3000))');
    for (let row = 0; row < 200; row += 1) write.run();
    for (const end of ['', '-journal']) copyFileSync(join(directory, `open.db${end}`), `${file}${end}`);
    db.close();
    expect(() => new Sqlite(file, { readonly: true }).pragma('schema_version')).toThrow('readonly');
    expect(schemaOf(ownDatabase(file))).toEqual(schemaOf(ownDatabase()));
  });

  it('refuses a database from a newer version and does not touch it, nor what its killed engine left beside it', () => {
    const directory = ownDirectory();
    const newer = { version: MIGRATIONS.length + 1, name: 'newer', sql: 'create table dreams (a text) strict' };
    const db = openDatabase(join(directory, 'open.db'), 1, [...MIGRATIONS, newer]);
    const file = join(directory, 'queue.db');
    // As a kill leaves them: the newer step lies in the write-ahead log only.
    for (const end of ['', '-wal']) copyFileSync(join(directory, `open.db${end}`), `${file}${end}`);
    db.close();
    const before = ['', '-wal'].map((end) => readFileSync(`${file}${end}`));
    expect(before[1]?.length).toBeGreaterThan(0);
    expect(() => openDatabase(file, 2)).toThrow(expect.objectContaining({ code: 'DATABASE_NEWER' }));
    expect(['', '-wal'].map((end) => readFileSync(`${file}${end}`))).toEqual(before);
  });

  it.each(['no database at all', 'a page of noise in its middle', 'a cut end'])(
    'refuses a damaged file: %s',
    (damage) => {
      const file = join(ownDirectory(), 'queue.db');
      const db = openDatabase(file, 1);
      add(new SqliteJobStore(db), newJobs(500));
      db.close();
      const bytes = readFileSync(file);
      if (damage.startsWith('no')) writeFileSync(file, 'This is a letter, not a database. '.repeat(100));
      else if (damage.startsWith('a page'))
        writeFileSync(file, bytes.fill(0xa5, bytes.length / 2, bytes.length / 2 + 8192));
      else truncateSync(file, Math.floor(bytes.length / 2));
      const before = readFileSync(file);
      expect(() => openDatabase(file, 2)).toThrow(expect.objectContaining({ code: 'DATABASE_DAMAGED' }));
      expect(readFileSync(file).equals(before)).toBe(true);
    },
  );

  it('says which file could not be made', () => {
    const file = join(ownDirectory(), 'queue.db');
    writeFileSync(file, '');
    expect(() => openDatabase(join(file, 'queue.db'), 1)).toThrow(/queue\.db could not be made/);
  });
});

describe('a program that is killed while it saves', () => {
  it('leaves every save that it was told of, and a sound file', async () => {
    const file = join(ownDirectory(), 'queue.db');
    const writer = spawn(
      process.execPath,
      [fileURLToPath(new URL('./killed-writer.cases.ts', import.meta.url)), file],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let told = '';
    writer.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      if (told.split('\n').length > 300) writer.kill('SIGKILL');
    });
    await once(writer, 'close');
    expect(writer.signalCode).toBe('SIGKILL');
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);

    const db = ownDatabase(file);
    const store = new SqliteJobStore(db);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.pragma('foreign_key_check')).toEqual([]);
    const lines = told.slice(0, told.lastIndexOf('\n')).split('\n');
    const last = new Map(lines.map((line) => [line.split(' ')[0] ?? '', line]));
    expect(last.size).toBeGreaterThan(40);
    for (const [id, line] of last) {
      const job = store.get(id);
      const [, revision, sha256] = line.split(' ');
      expect(job?.revision).toBeGreaterThanOrEqual(Number(revision));
      if (sha256 !== '-') expect(job?.transcriptSha256).toBe(sha256);
      // Whole or not at all: a delivered job has its transcript, any other has none.
      expect(transcriptJson(db, id) !== null).toBe(job?.transcriptSha256 !== null);
    }
  });
});

describe('a database whose disk is full', () => {
  it('says so and keeps what was there', () => {
    const file = join(ownDirectory(), 'queue.db');
    const db = ownDatabase(file);
    const store = new SqliteJobStore(db);
    add(store, newJobs(1));
    db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true })) + 1}`);
    expect(() => add(store, newJobs(1_000, 'more'))).toThrow(expect.objectContaining({ code: 'DISK_FULL' }));
    expect(store.unfinished()).toHaveLength(1);
  });

  it('is told from one that another program holds', () => {
    const file = join(ownDirectory(), 'queue.db');
    const db = ownDatabase(file);
    db.pragma('busy_timeout = 1');
    const other = new Sqlite(file);
    other.exec('begin immediate');
    expect(() => add(new SqliteJobStore(db), newJobs(1))).toThrow(expect.objectContaining({ code: 'ENGINE_RUNNING' }));
    other.close();
  });
});
