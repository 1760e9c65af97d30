import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DEFAULT_JOB_OPTIONS } from '../contract/options.ts';
import { SqliteBatchStore } from './batch-store.ts';
import type { Database } from './database.ts';
import { openDatabase } from './database.ts';
import { SqliteEditStore } from './edit-store.ts';
import { SqliteJobStore } from './job-store.ts';
import { MIGRATIONS } from './migrations.generated.ts';
import { ownDatabase, ownDirectory } from './store.cases.ts';
import { insertTranscript, transcriptJson } from './transcript-rows.ts';

type Row = Readonly<Record<string, string | number | null | Buffer>>;

const json = '{"text":"Hello there."}';
const sha256 = createHash('sha256').update(json).digest('hex');
const CONTENT = createHash('sha256').update('the recording').digest('hex');
const source = { sizeBytes: 9, mtimeMs: 1.5, sha256: CONTENT, contentType: 'audio/wav', durationSec: 60 };
const { whenDone: _, ...optionsAsThen } = DEFAULT_JOB_OPTIONS;

/** A row of each table, with the columns of every version. */
const ROWS: readonly (readonly [table: string, row: Row])[] = [
  [
    'batches',
    { seq: 1, id: 'batch', name: 'Interviews', created_at: 1, paused_since: 5, options: JSON.stringify(optionsAsThen) },
  ],
  [
    'jobs',
    {
      ...{
        id: 'job',
        batch: 1,
        position: 3,
        name: 'a.wav',
        source_path: '/a.wav',
        options: JSON.stringify(optionsAsThen),
      },
      ...{ state: 'complete', stage: null, waiting: null, error: null, attempt: 2, retries: 1, worker_deaths: 1 },
      ...{ source: JSON.stringify(source), open: null, transcript_sha256: sha256, last_worker_id: 'worker' },
      ...{ created_at: 1, started_at: 2, finished_at: 3, updated_at: 3, revision: 9, moved: 1, copied_from: null },
    },
  ],
  [
    'attempts',
    {
      ...{ job_id: 'job', attempt: 2, worker_id: 'worker', worker_job_id: 'wk_1', boot_id: 'boot', started_at: 2 },
      ...{ ended_at: 3, ended_by: 'delivered', error: null, worker_name: 'Studio', identity: null },
    },
  ],
  ['events', { job_id: 'job', seq: 0, at: 1, type: 'added', event: '{"type":"added"}' }],
  ['outputs', { job_id: 'job', ordinal: 0, format: 'srt', path: '/a.srt', digests: JSON.stringify([sha256]) }],
  ['settings', { name: 'workerMode', value: '"off"', updated_at: 1 }],
  ['saved_workers', { id: 'worker', name: 'Studio', url: 'https://worker.example', created_at: 1 }],
  ['install', { one: 1, id: 'install', created_at: 1 }],
  [
    'edits',
    { job_id: 'job', seq: 1, kind: 'edit', operations: '[{"type":"check","segment":"0","checked":true}]', at: 4 },
  ],
  ['searched', { doc: 1, job_id: 'job', taken: null }],
  ['search_segments', { id: 7, job_id: 'job', key: '0', start: 0.5, text: 'Hello there.' }],
  ['peaks', { job_id: 'job', sha256: CONTENT, per_second: 2, data: Buffer.from([1, 2, 3]) }],
  ['pods', { id: 'pod', name: 'bt-1', state: 'ended', record: '{"a":1}', created_at: 1, ended_at: 2, revision: 4 }],
  ['pod_spend', { pod_id: 'pod', day: '2026-01-01', batch_id: 'batch', usd: 0.5, audio_sec: 60 }],
  ['pod_bills', { pod_id: 'pod', day: '2026-01-01', usd: 0.6, read_at: 2 }],
  ['gpu_measurements', { job_id: 'job', attempt: 2, gpu_id: 'L4', model: 'small', audio_sec: 60, wall_sec: 3, at: 3 }],
  [
    'worker_choices',
    { worker_id: 'worker', drained_since: 4, expects: 1, expected_commit: 'b4b98e5', expected_digest: null },
  ],
  ['worker_health', { id: 1, worker_id: 'worker', at: 1, health: 'ok', error: null, latency_ms: 3.5 }],
  ['worker_identities', { id: 1, worker_id: 'worker', at: 1, identity: '{"gitCommit":"b4b98e5"}' }],
  ['profiles', { id: 'profile', name: 'Field', options: '{"language":"sv"}', created_at: 1 }],
  [
    'watch_folders',
    {
      ...{ id: 'folder', path: '/watched', profile_id: 'profile', recursive: 1, enabled: 1, taken: 1 },
      ...{ last_taken_at: 2, created_at: 1 },
    },
  ],
  [
    'watch_seen',
    { folder_id: 'folder', path: '/a.wav', size_bytes: 9, mtime_ms: 1.5, sha256: CONTENT, seen_at: 2, taken: 1 },
  ],
  ['job_spend', { job_id: 'job', usd: 0.25 }],
  ['carried', { job_id: 'job', from_job_id: 'old', from_name: 'a', from_finished_at: 1, placed: 2, not_placed: '[]' }],
];

function columnsOf(db: Database, table: string): ReadonlySet<string> {
  return new Set((db.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name));
}

/** Puts in what the version of the database has a place for. @returns what was put in */
function fill(db: Database): readonly (readonly [table: string, row: Row])[] {
  const put: [table: string, row: Row][] = [];
  for (const [table, all] of ROWS) {
    const columns = columnsOf(db, table);
    if (columns.size === 0) continue;
    const row = Object.fromEntries(Object.entries(all).filter(([column]) => columns.has(column)));
    const names = Object.keys(row);
    db.prepare(`insert into ${table} (${names.join(', ')}) values (${names.map((name) => `@${name}`).join(', ')})`).run(
      row,
    );
    put.push([table, row]);
  }
  if (columnsOf(db, 'transcripts').size > 0) insertTranscript(db, { jobId: 'job', attempt: 2, json, sha256, now: 3 });
  return put;
}

it('has a row for each table, so that none is forgotten here', () => {
  const db = ownDatabase();
  const tables = db
    .prepare(
      "select name from sqlite_schema where type = 'table' and name not like 'search\\_%' escape '\\' and name not like 'sqlite%'",
    )
    .pluck()
    .all();
  const derived = ['migrations', 'batch_sums', 'queue', 'search', 'transcripts'];
  expect([...new Set([...ROWS.map(([table]) => table), ...derived, 'search_segments'])].toSorted()).toEqual(
    [...tables, 'search_segments'].toSorted(),
  );
});

it.each(MIGRATIONS.map(({ version }) => version).filter((version) => version > 0))(
  'loses nothing of a file of version %i',
  (version) => {
    const file = join(ownDirectory(), 'queue.db');
    const old = openDatabase(file, 1, MIGRATIONS.slice(0, version));
    const put = fill(old);
    expect(put.length).toBeGreaterThanOrEqual(5);
    old.close();

    const db = ownDatabase(file);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.pragma('foreign_key_check')).toEqual([]);
    for (const [table, row] of put) {
      // Positions got room between them with version 6.
      const kept = table === 'jobs' && version < 6 ? { ...row, position: 3 * 2 ** 20 } : row;
      const rows = db.prepare(`select ${Object.keys(kept).join(', ')} from ${table}`).all();
      expect(rows, `${table} of version ${version}`).toContainEqual(kept);
    }
    const store = new SqliteJobStore(db);
    expect(store.get('job')).toMatchObject({
      ...{ state: 'complete', transcriptSha256: sha256, source, attempt: 2, revision: 9 },
      options: { model: 'small', whenDone: 'again' },
    });
    expect(transcriptJson(db, 'job')).toBe(json);
    const digests = version < 14 ? [] : [sha256];
    expect(store.writtenFiles('job')).toEqual([{ format: 'srt', path: '/a.srt', digests }]);
    expect(store.history('job').attempts).toMatchObject([{ attempt: 2, endedBy: 'delivered' }]);
    expect(store.doneWith(CONTENT).map(({ id }) => id)).toEqual(['job']);
    expect(new SqliteBatchStore(db).sums('batch')).toEqual([
      { state: 'complete', jobs: 1, unmeasured: 0, seconds: 60 },
    ]);
    expect(new SqliteEditStore(db).edits('job')).toHaveLength(version < 3 ? 0 : 1);
  },
);
