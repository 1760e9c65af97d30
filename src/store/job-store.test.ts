import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JobEvent } from '../jobs/transition.ts';
import { SqliteBatchStore } from './batch-store.ts';
import { openDatabase } from './database.ts';
import { attemptsOf, eventsOf } from './job-history.ts';
import { SqliteJobStore } from './job-store.ts';
import { POSITION_STEP } from './queue-order.ts';
import { add, addOne, newJobs, next, ownDatabase, ownDirectory, TO_RUNNING, walk } from './store.cases.ts';
import { transcriptJson } from './transcript-rows.ts';

const valid = readFileSync(new URL('../contract/fixtures/transcript.valid.json', import.meta.url), 'utf8');
const sha256 = createHash('sha256').update(valid).digest('hex');
const delivered: JobEvent = { type: 'delivered', attempt: 1, sha256 };
const cancel: JobEvent = { type: 'cancel' };

const IDENTITY = {
  gitCommit: 'b4b98e5',
  buildTime: null,
  declaredImageDigest: null,
  imageDigestSource: 'none',
} as const;

describe('adding', () => {
  it('queues jobs in their order behind all others', () => {
    const db = ownDatabase();
    const store = new SqliteJobStore(db);
    add(store, newJobs(2, 'a'));
    const added = add(store, newJobs(2, 'b'));
    expect(added).toMatchObject([
      { id: 'b0', position: 3 * POSITION_STEP, state: 'queued', revision: 0, attempt: 0, batchId: 'batch-b0' },
      { id: 'b1', position: 4 * POSITION_STEP },
    ]);
    expect(store.unfinished().map((job) => job.id)).toEqual(['a0', 'a1', 'b0', 'b1']);
    expect(new SqliteBatchStore(db).page(9).batches.map((batch) => batch.id)).toEqual(['batch-b0', 'batch-a0']);
    expect(store.get('b1')).toEqual(added[1]);
    expect(store.get('nobody')).toBeNull();
  });

  it('is whole or not at all', () => {
    const db = ownDatabase();
    const store = new SqliteJobStore(db);
    const [job] = newJobs(1);
    if (job === undefined) throw new Error('no job');
    expect(() => add(store, [job, job])).toThrow('The database could not be used');
    expect(new SqliteBatchStore(db).page(9).batches).toEqual([]);
  });

  it('takes ten thousand recordings at once, hostile names too', () => {
    const store = new SqliteJobStore(ownDatabase());
    const name = `Robert'); DROP TABLE jobs;--\u0000 \u{1F600} "';`;
    const jobs = newJobs(10_000).map((job) => ({ ...job, name }));
    expect(add(store, jobs)).toHaveLength(10_000);
    expect(store.unfinished()).toHaveLength(10_000);
    expect(store.get('job9999')?.name).toBe(name);
  });

  it('gives each its own options, and its first event', () => {
    const db = ownDatabase();
    const store = new SqliteJobStore(db);
    const jobs = newJobs(5).map((job, at) => (at % 2 === 0 ? job : { ...job, options: { ...job.options, track: at } }));
    const added = add(store, jobs);
    expect(store.unfinished()).toEqual(added);
    expect(added.map(({ options }) => options.track)).toEqual([undefined, 1, undefined, 3, undefined]);
    for (const { id } of added)
      expect(eventsOf(db, id)).toEqual([{ seq: 0, at: 10, type: 'added', event: { type: 'added' } }]);
  });

  it('keeps a name as it is, whatever is in it', () => {
    const store = new SqliteJobStore(ownDatabase());
    const names = [
      '"], ["',
      '\\',
      'a\nb',
      '\u0000',
      '\u0001',
      '\u2028',
      '🎙️',
      'e\u0301',
      "'; drop table jobs; --",
      '[1,2]',
      '',
    ];
    const jobs = newJobs(names.length).map((job, at) => ({
      ...job,
      name: names[at] ?? '',
      sourcePath: `/${names[at]}`,
    }));
    add(store, jobs);
    expect(store.unfinished().map(({ name, sourcePath }) => ({ name, sourcePath }))).toEqual(
      jobs.map(({ name, sourcePath }) => ({ name, sourcePath })),
    );
    // Half a character, as a file on Windows may have it in its name, is none.
    const [half] = newJobs(1, 'half');
    if (half !== undefined) add(store, [{ ...half, name: 'a\ud800b' }]);
    expect(store.get('half0')?.name).toBe('a\ufffdb');
  });
});

describe('saving', () => {
  it('keeps every field, over a restart', () => {
    const file = join(ownDirectory(), 'queue.db');
    const first = openDatabase(file, 1);
    const job = walk(new SqliteJobStore(first), addOne(new SqliteJobStore(first)), TO_RUNNING);
    first.close();
    expect(new SqliteJobStore(ownDatabase(file)).get(job.id)).toEqual(job);
  });

  it('keeps what a person changed about a job: its model, and where its recording lies', () => {
    const store = new SqliteJobStore(ownDatabase());
    let job = addOne(store);
    const changes: JobEvent[] = [
      { type: 'model_chosen', model: 'large-v3' },
      { type: 'wait', reason: 'source_missing', until: null, message: '' },
      { type: 'located', path: '/elsewhere/a.wav', mtimeMs: 5 },
    ];
    for (const change of changes) job = walk(store, job, [change]);
    expect(store.get(job.id)).toEqual(job);
    expect(job).toMatchObject({ sourcePath: '/elsewhere/a.wav', options: { model: 'large-v3' }, state: 'queued' });
  });

  it('refuses a record that was read before another write, and changes nothing then', () => {
    const db = ownDatabase();
    const store = new SqliteJobStore(db);
    const job = addOne(store);
    const wait: JobEvent = { type: 'wait', reason: 'paused', until: null, message: '' };
    expect(store.save(next(job, cancel), cancel, 20)).toBe(true);
    expect(store.save(next(job, wait), wait, 21)).toBe(false);
    expect(store.get(job.id)?.state).toBe('canceled');
    expect(eventsOf(db, job.id).map(({ seq, type }) => [seq, type])).toEqual([
      [0, 'added'],
      [1, 'cancel'],
    ]);
    expect(store.save({ ...next(job, cancel), id: 'nobody' }, cancel, 20)).toBe(false);
  });

  it('writes each attempt as a row: where, since when, and what ended it', () => {
    const db = ownDatabase();
    const store = new SqliteJobStore(db);
    const job = walk(store, addOne(store), [
      ...TO_RUNNING,
      { type: 'attempt_failed', attempt: 1, error: { code: 'ENGINE_FAILED', message: 'so' }, chance: 0 },
      { type: 'wake' },
      { type: 'attempt_opened', workerId: 'w2', worker: { name: 'pod', identity: IDENTITY } },
    ]);
    expect(job.attempt).toBe(2);
    expect(attemptsOf(db, job.id)).toEqual([
      {
        attempt: 1,
        workerId: 'w1',
        workerJobId: 'wk_1',
        bootId: 'boot-1',
        startedAt: 300,
        endedAt: 600,
        endedBy: 'attempt_failed',
        error: { code: 'ENGINE_FAILED', message: 'so' },
        workerName: null,
        identity: null,
      },
      {
        attempt: 2,
        workerId: 'w2',
        workerJobId: null,
        bootId: null,
        startedAt: 800,
        endedAt: null,
        endedBy: null,
        error: null,
        workerName: 'pod',
        identity: IDENTITY,
      },
    ]);
  });

  it('never lets go of an event while its job is there', () => {
    const db = ownDatabase();
    const store = new SqliteJobStore(db);
    const job = walk(store, addOne(store), TO_RUNNING);
    expect(() => db.exec("update events set type = 'other'")).toThrow('append-only');
    expect(() => db.exec('delete from events')).toThrow('append-only');
    expect(eventsOf(db, job.id).map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe('transcripts and files', () => {
  it('gives back the very bytes that were acknowledged', () => {
    const db = ownDatabase();
    const store = new SqliteJobStore(db);
    const job = walk(store, addOne(store), TO_RUNNING);
    expect(store.saveDelivered(next(job, delivered), delivered, { json: valid, sha256 }, 700)).toBe(true);
    expect(transcriptJson(db, job.id)).toBe(valid);
    expect(store.transcript(job.id)).toEqual(JSON.parse(valid));
    expect(store.get(job.id)).toMatchObject({ state: 'receiving', transcriptSha256: sha256 });
    expect(attemptsOf(db, job.id)[0]?.endedBy).toBe('delivered');
    expect(store.transcript('nobody')).toBeNull();
  });

  it('stores nothing under a digest that is not its own', () => {
    const store = new SqliteJobStore(ownDatabase());
    const job = walk(store, addOne(store), TO_RUNNING);
    const text = { json: `${valid} `, sha256 };
    expect(() => store.saveDelivered(next(job, delivered), delivered, text, 700)).toThrow('digest');
    expect(store.get(job.id)).toEqual(job);
    expect(store.transcript(job.id)).toBeNull();
  });

  it('stores nothing for a job that changed in the meantime', () => {
    const store = new SqliteJobStore(ownDatabase());
    const job = walk(store, addOne(store), TO_RUNNING);
    store.save(next(job, cancel), cancel, 650);
    expect(store.saveDelivered(next(job, delivered), delivered, { json: valid, sha256 }, 700)).toBe(false);
    expect(store.transcript(job.id)).toBeNull();
    expect(store.get(job.id)).toMatchObject({ state: 'canceled', transcriptSha256: null });
  });

  it('takes the same transcript twice and another one never', () => {
    const db = ownDatabase();
    const store = new SqliteJobStore(db);
    const job = walk(store, addOne(store), TO_RUNNING);
    const first = next(job, delivered);
    store.saveDelivered(first, delivered, { json: valid, sha256 }, 700);
    const again = { ...first, revision: first.revision + 1 };
    expect(store.saveDelivered(again, delivered, { json: valid, sha256 }, 701)).toBe(true);
    const other = { json: '{}', sha256: createHash('sha256').update('{}').digest('hex') };
    const late = { ...first, revision: first.revision + 2 };
    expect(() => store.saveDelivered(late, delivered, other, 702)).toThrow('another transcript');
    expect(transcriptJson(db, job.id)).toBe(valid);
  });

  it('keeps a hundred hours of words: large texts survive deflating', () => {
    const db = ownDatabase();
    const store = new SqliteJobStore(db);
    const job = walk(store, addOne(store), TO_RUNNING);
    const json = JSON.stringify(Array.from({ length: 100_000 }, (_, index) => `${index} 言葉 \ud83d\ude00`));
    const event: JobEvent = { type: 'delivered', attempt: 1, sha256: createHash('sha256').update(json).digest('hex') };
    store.saveDelivered(next(job, event), event, { json, sha256: event.sha256 }, 700);
    expect(transcriptJson(db, job.id) === json).toBe(true);
    expect(() => store.transcript(job.id)).toThrow('cannot be read');
  });

  it('remembers the files in their order, and only the last writing', () => {
    const store = new SqliteJobStore(ownDatabase());
    const job = walk(store, addOne(store), TO_RUNNING);
    const received = next(job, delivered);
    store.saveDelivered(received, delivered, { json: valid, sha256 }, 700);
    const written: JobEvent = { type: 'outputs_written' };
    const files = [
      { format: 'srt', path: '/out/a.srt', digests: ['5'.repeat(64)] },
      { format: 'json', path: '/out/a.json', digests: [] },
    ] as const;
    const complete = next(received, written);
    expect(store.saveOutputs(complete, written, files, 800)).toBe(true);
    expect(store.writtenFiles(job.id)).toEqual(files);
    expect(store.outputs(job.id)).toEqual(files.map(({ format, path }) => ({ format, path })));
    store.replacingOutput(job.id, '/out/a.srt', ['5'.repeat(64), '6'.repeat(64)]);
    store.replacingOutput(job.id, '/out/b.srt', ['7'.repeat(64)]);
    expect(store.writtenFiles(job.id)).toEqual([{ ...files[0], digests: ['5'.repeat(64), '6'.repeat(64)] }, files[1]]);
    expect(store.saveOutputs({ ...complete, revision: complete.revision + 1 }, written, [files[1]], 900)).toBe(true);
    expect(store.writtenFiles(job.id)).toEqual([files[1]]);
    expect(store.saveOutputs(complete, written, files, 900)).toBe(false);
    expect(store.writtenFiles(job.id)).toEqual([files[1]]);
  });
});

describe('listing', () => {
  it('gives newest batches first, page by page, nothing twice and nothing left out while jobs are added', () => {
    const store = new SqliteJobStore(ownDatabase());
    add(store, newJobs(7, 'old'));
    add(store, newJobs(5, 'new'));
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; ; page += 1) {
      const { jobs, nextCursor } = store.list({ limit: 4, cursor });
      seen.push(...jobs.map((job) => job.id));
      if (page === 0) add(store, newJobs(3, 'late'));
      if (nextCursor === null) break;
      cursor = nextCursor;
    }
    expect(seen).toEqual([...newJobs(5, 'new'), ...newJobs(7, 'old')].map((job) => job.id));
    expect(store.list({ limit: 15 }).nextCursor).toBeNull();
    expect(store.list({ limit: 14 }).nextCursor).not.toBeNull();
  });

  it('gives the jobs of one state, in pages too', () => {
    const store = new SqliteJobStore(ownDatabase());
    const jobs = add(store, newJobs(6));
    for (const job of jobs.slice(0, 4)) store.save(next(job, cancel), cancel, 20);
    const first = store.list({ states: ['canceled'], limit: 3 });
    const second = store.list({ states: ['canceled'], limit: 3, cursor: first.nextCursor ?? '' });
    expect([...first.jobs, ...second.jobs].map((job) => job.id)).toEqual(['job0', 'job1', 'job2', 'job3']);
    expect(second.nextCursor).toBeNull();
    expect(store.list({ states: ['complete'], limit: 3 }).jobs).toEqual([]);
  });

  it('refuses a cursor that it did not give', () => {
    const store = new SqliteJobStore(ownDatabase());
    for (const cursor of ['', '1', '1.', '-1.2', '1.2.3', '1e3.4', "1.2'; drop table jobs", '9'.repeat(90)]) {
      expect(() => store.list({ limit: 1, cursor })).toThrow('cursor');
    }
  });

  it('finds what is unfinished, and the next page, without reading the history', () => {
    const db = ownDatabase();
    const plan = (sql: string) => JSON.stringify(db.prepare(`explain query plan ${sql}`).all());
    expect(
      plan("select * from jobs where state not in ('complete', 'failed', 'canceled') order by position"),
    ).toContain('jobs_unfinished');
    const inHand = `state not in ('complete', 'failed', 'canceled') and not (state = 'queued' and source is null)
      and not (state = 'waiting' and json_extract(waiting, '$.reason') = 'paused')`;
    expect(plan(`select * from jobs where ${inHand} order by position`)).toMatch(/jobs_in_hand"/);
    expect(
      plan(
        "select rowid from jobs indexed by jobs_in_line where state = 'queued' and source is null and batch not in (9) order by position limit 2",
      ),
    ).toMatch(/SCAN jobs USING INDEX jobs_in_line"\}\]/);
    expect(plan("select * from jobs where state = 'complete' and json_extract(source, '$.sha256') = 'a'")).toMatch(
      /jobs_done_by_content/,
    );
    expect(
      plan('select * from jobs where batch <= 9 and (batch < 9 or position > 2) order by batch desc, position limit 3'),
    ).toMatch(/SEARCH jobs USING INDEX jobs_listed \(batch<\?\)"\}\]/);
  });
});

describe('removing', () => {
  it('takes only what is final, with all of its rows, and its batch with the last job', () => {
    const db = ownDatabase();
    const store = new SqliteJobStore(db);
    const [one, two] = add(store, newJobs(2));
    if (one === undefined || two === undefined) throw new Error('no jobs');
    const running = walk(store, one, TO_RUNNING);
    expect(store.remove([one.id]).jobs).toEqual([]);
    store.save(next(running, cancel), cancel, 900);
    expect(store.remove([one.id, 'nobody'])).toMatchObject({
      jobs: [{ id: one.id, batchId: 'batch-job0' }],
      batches: [],
    });
    expect(store.remove([one.id]).jobs).toEqual([]);
    expect([attemptsOf(db, one.id), eventsOf(db, one.id)]).toEqual([[], []]);
    store.save(next(two, cancel), cancel, 900);
    expect(store.remove([two.id])).toMatchObject({ jobs: [{ id: two.id }], batches: ['batch-job0'] });
    expect(new SqliteBatchStore(db).sums(null)).toEqual([]);
    expect(db.pragma('foreign_key_check')).toEqual([]);
  });
});

describe('a row that is not what it should be', () => {
  it('is named, without its contents', () => {
    const db = ownDatabase();
    const store = new SqliteJobStore(db);
    const job = addOne(store);
    db.prepare('update jobs set options = ? where id = ?').run('{"model":"secret prompt"}', job.id);
    expect(() => store.get(job.id)).toThrow(expect.objectContaining({ code: 'DATABASE_DAMAGED' }));
    expect(() => store.get(job.id)).toThrow(/options/);
    expect(() => store.get(job.id)).not.toThrow(/secret/);
  });
});
