// Measures the queue on disk at synchronous=FULL: claims with a long line behind them, claims and finishes a second, ten thousand recordings
// queued in one call, an engine started on a hundred thousand.

import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_JOB_OPTIONS } from '../../src/contract/options.ts';
import { EditedTranscripts } from '../../src/controller/edited-transcripts.ts';
import { JobLedger } from '../../src/controller/job-ledger.ts';
import { SearchIndexer } from '../../src/controller/search-indexer.ts';
import { SYSTEM_CLOCK } from '../../src/host/system.ts';
import type { JobRecord } from '../../src/jobs/record.ts';
import type { JobEvent } from '../../src/jobs/transition.ts';
import { transition } from '../../src/jobs/transition.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { SqliteEditStore } from '../../src/store/edit-store.ts';
import { SqliteJobStore } from '../../src/store/job-store.ts';
import { SqliteSearchStore } from '../../src/store/search-store.ts';
import { LogStandIn } from '../../src/tunnel/engine-stand-in.ts';
import { removeBundle, startHost } from '../faults/engine-host-process.ts';
import { conditions, inTurn, median, print, wanted } from './measure.ts';

const folder = mkdtempSync(join(tmpdir(), 'bt-bench-'));
const SOURCE = { sizeBytes: 4, mtimeMs: 1, sha256: 'a'.repeat(64), contentType: 'audio/wav', durationSec: 1 };
const WORDS =
  'the of and to in that is was he for it with as his on be at by had are but from or have an they which one you'.split(
    ' ',
  );
const SEGMENTS = 8;

/** A minute of speech, as good as unlike every other. */
function transcript(): { readonly json: string; readonly sha256: string } {
  const segments = Array.from({ length: SEGMENTS }, (_, id) => ({
    ...{ id, start: id * 7, end: id * 7 + 7 },
    text: Array.from(randomBytes(20), (byte) => WORDS[byte % WORDS.length]).join(' '),
  }));
  const json = JSON.stringify({ schemaVersion: 1, text: segments.map(({ text }) => text).join(' '), segments });
  return { json, sha256: createHash('sha256').update(json).digest('hex') };
}

function queue(name: string, jobs: number) {
  const db = openDatabase(join(folder, name), 1);
  const store = new SqliteJobStore(db);
  const made = store.addBatch(
    { id: name, name, createdAt: 1 },
    Array.from({ length: jobs }, (_, index) => ({
      id: `${name}-${index}`,
      name: `${index}.wav`,
      sourcePath: `/recordings/${name}/${index}.wav`,
      options: DEFAULT_JOB_OPTIONS,
    })),
    1,
  );
  return { db, store, made };
}

function changed(job: JobRecord, event: JobEvent): JobRecord {
  const result = transition(job, event, 2);
  if (!result.ok) throw new Error(result.refusal);
  return result.job;
}

function step(store: SqliteJobStore, job: JobRecord, event: JobEvent, json: string | null = null): JobRecord {
  const next = changed(job, event);
  const saved =
    json === null
      ? store.save(next, event, 2)
      : store.saveDelivered(next, event, { json, sha256: next.transcriptSha256 ?? '' }, 2);
  if (!saved) throw new Error('not saved');
  return next;
}

function present(store: SqliteJobStore, id: string): JobRecord {
  const job = store.get(id);
  if (job === null) throw new Error('It is gone.');
  return job;
}

/** The next in line is looked up, and its state is written: what the dispatcher does for each recording. @returns a second */
function claims(store: SqliteJobStore, count: number): number {
  const began = performance.now();
  for (let left = count; left > 0; left -= 1) {
    const [job] = store.inLine(1, []);
    if (job === undefined) throw new Error('The line is empty.');
    step(store, job, { type: 'prepare_started' });
  }
  return (count * 1000) / (performance.now() - began);
}

if (wanted('claims')) {
  const rounds = 9;
  const [short, long] = [queue('short.sqlite', 1_000), queue('long.sqlite', 100_000)];
  const { one, other } = await inTurn(
    rounds,
    async () => claims(long.store, 100),
    async () => claims(short.store, 100),
  );
  print({
    name: 'claims with 100,000 in line / with 1,000',
    value: median(one) / median(other),
    goal: { atLeast: 0.8 },
    how: `${rounds} rounds of 100 in turn, medians ${Math.round(median(one))} and ${Math.round(median(other))} a second, each a lookup and a commit at FULL`,
  });
  short.db.close();
  long.db.close();
}

/** `count` jobs, each looked at and lying ready for a worker. */
function readyJobs(name: string, count: number) {
  const { db, store, made } = queue(name, count);
  let jobs = made;
  for (const event of [{ type: 'prepare_started' }, { type: 'prepared', source: SOURCE }] satisfies JobEvent[]) {
    const changes = jobs.map((job) => ({ next: changed(job, event), event }));
    if (store.saveAll(changes, 2).includes(false)) throw new Error('not saved');
    jobs = changes.map(({ next }) => next);
  }
  return { db, store, ids: made.map(({ id }) => id) };
}

const OPENED: JobEvent = { type: 'attempt_opened', workerId: 'w', worker: { name: 'w', identity: null } };

/** As the engine did before commits were shared, and still does where there is one worker. */
async function oneByOne(store: SqliteJobStore, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const open = step(store, present(store, id), OPENED);
    const { json, sha256 } = transcript();
    step(store, open, { type: 'delivered', attempt: open.attempt, sha256 }, json);
  }
}

/**
 * Through the engine's ledger, as the dispatcher and the routes use it: what is free in a turn is given out in one pass, and each transcript
 * is answered when it is on disk. The workers themselves cost nothing.
 */
function byWorkers(store: SqliteJobStore, ledger: JobLedger, ids: readonly string[], workers: number): Promise<void> {
  const left = [...ids];
  let free = workers;
  let planned = false;
  return new Promise<void>((resolve, reject) => {
    const pass = (): void => {
      planned = false;
      const taken = left.splice(0, free);
      free -= taken.length;
      for (const id of ledger.applyEach(taken.map((id) => ({ id, event: OPENED })))) void deliver(id).catch(reject);
      if (free === workers) resolve();
    };
    const deliver = async (id: string): Promise<void> => {
      const { json, sha256 } = transcript();
      const attempt = present(store, id).attempt;
      if ((await ledger.deliver(id, { type: 'delivered', attempt, sha256 }, json)) === null) throw new Error('refused');
      free += 1;
      if (!planned) queueMicrotask(pass);
      planned = true;
    };
    pass();
  });
}

/** Milliseconds of a commit at FULL that changes one row, the median of a hundred. */
function commitMs(db: Database): number {
  const change = db.prepare('update queue set paused_since = ?');
  return median(
    Array.from({ length: 100 }, (_, turn) => {
      const began = performance.now();
      change.run(turn);
      return performance.now() - began;
    }),
  );
}

/** One side of the bench: milliseconds a job, each round one value. */
interface Spent {
  /** Until the last transcript is acknowledged, and from then on until a search finds every one. */
  readonly acknowledged: number[];
  readonly indexed: number[];
  /** Processor time of either: what other programs take of the machine is not in it. */
  readonly acknowledgedCpu: number[];
  readonly indexedCpu: number[];
}

if (wanted('finish')) {
  const [rounds, count, workers] = [7, 320, 8];
  const { db, store, ids } = readyJobs('finish.sqlite', 2 * rounds * count);
  const log = new LogStandIn();
  const ledger = new JobLedger(store, SYSTEM_CLOCK, log);
  const transcripts = new EditedTranscripts(store, new SqliteEditStore(db));
  const indexer = new SearchIndexer({
    search: new SqliteSearchStore(db),
    store,
    transcripts,
    clock: SYSTEM_CLOCK,
    log,
  });
  ledger.onChange((_job, _previous, event) => indexer.changed(event));
  const [together, alone] = Array.from(
    { length: 2 },
    (): Spent => ({ acknowledged: [], indexed: [], acknowledgedCpu: [], indexedCpu: [] }),
  );
  const timed = async (ms: number[], cpuMs: number[], run: () => Promise<unknown>): Promise<void> => {
    const [began, before] = [performance.now(), process.cpuUsage()];
    await run();
    ms.push((performance.now() - began) / count);
    const { user, system } = process.cpuUsage(before);
    cpuMs.push((user + system) / 1000 / count);
  };
  const round = async (spent: Spent | undefined, run: (ids: readonly string[]) => Promise<void>): Promise<number> => {
    if (spent === undefined) throw new Error('no side');
    await timed(spent.acknowledged, spent.acknowledgedCpu, () => run(ids.splice(0, count)));
    // As a person who asks at once: nothing is waited for, and the indexing of this round is not in the next one.
    await timed(spent.indexed, spent.indexedCpu, async () => {
      const { pending } = await indexer.search({ query: 'the', limit: 1 });
      if (pending !== 0) throw new Error(`${pending} transcripts cannot be found`);
    });
    return 1000 / (spent.acknowledged.at(-1) ?? 0);
  };
  const { one, other } = await inTurn(
    rounds,
    () => round(together, (some) => byWorkers(store, ledger, some, workers)),
    () => round(alone, (some) => oneByOne(store, some)),
  );
  indexer.close();
  const cpu = (spent: Spent | undefined) =>
    `${median(spent?.acknowledgedCpu ?? []).toFixed(2)} and ${median(spent?.indexedCpu ?? []).toFixed(2)} ms a job`;
  const how = `${rounds} rounds of ${count} jobs in turn, at FULL, where a commit takes ${commitMs(db).toFixed(2)} ms; an attempt opened and a transcript of a minute (2 KB, 8 segments) stored for each`;
  print({
    name: `claim and finish until acknowledged, jobs a second, ${workers} workers`,
    value: median(one),
    goal: { atLeast: 1_000 },
    how: `${how}; CPU ${cpu(together)}, the second for the index`,
  });
  const whole = together?.acknowledged.map((ms, at) => 1000 / (ms + (together.indexed[at] ?? 0))) ?? [];
  print({
    name: `claim and finish until a search finds it, jobs a second, ${workers} workers`,
    value: median(whole),
    goal: { atLeast: 1_000 },
    how: 'the same, and all of it indexed by a search behind the last one',
  });
  print({
    name: `until acknowledged, ${workers} workers / one by one`,
    value: median(one) / median(other),
    goal: { atLeast: 4 },
    how: `the same; one by one ${Math.round(median(other))} a second, CPU ${cpu(alone)}`,
  });
  db.close();
}

if (wanted('start')) {
  const dataDir = join(folder, 'data');
  const env = { ...process.env, REMOTE_WORKER_MODE: 'required' };
  const first = await startHost(dataDir, env);
  await first.ready;
  await first.stop();
  const db = openDatabase(join(dataDir, 'queue.sqlite'), 1);
  const store = new SqliteJobStore(db);
  const jobs = Array.from({ length: 100_000 }, (_, index) => ({
    id: `job-${index}`,
    name: `${index}.wav`,
    sourcePath: `/recordings/${index}.wav`,
    options: DEFAULT_JOB_OPTIONS,
  }));
  store.addBatch({ id: 'b', name: 'b', createdAt: 1 }, jobs, 1);
  db.close();
  const times: number[] = [];
  let memory = 0;
  for (let round = 0; round < 3; round += 1) {
    const began = performance.now();
    const host = await startHost(dataDir, env);
    await host.ready;
    await host.call('listJobs', { limit: 100 });
    times.push(performance.now() - began);
    memory = Math.max(memory, await host.memory());
    await host.stop();
  }
  const how =
    '100,000 in line, until the first hundred are listed, Node’s own start included; median of 3, most memory (RSS) of 3';
  print({ name: 'start on 100,000 jobs, seconds', value: median(times) / 1000, goal: { atMost: 2 }, unit: ' s', how });
  print({ name: 'memory after that start', value: memory / 1e6, goal: { atMost: 300 }, unit: ' MB', how });
}

await removeBundle();
rmSync(folder, { recursive: true, force: true });
conditions();
