// Measures the queue on disk at synchronous=FULL: claims with a long line behind them, claims and finishes a second, ten thousand recordings
// queued in one call, an engine started on a hundred thousand.

import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_JOB_OPTIONS } from '../../src/contract/options.ts';
import type { JobRecord } from '../../src/jobs/record.ts';
import type { JobEvent } from '../../src/jobs/transition.ts';
import { transition } from '../../src/jobs/transition.ts';
import { openDatabase } from '../../src/store/database.ts';
import { SqliteJobStore } from '../../src/store/job-store.ts';
import { removeBundle, startHost } from '../faults/engine-host-process.ts';
import { conditions, inTurn, median, print, wanted } from './measure.ts';

const folder = mkdtempSync(join(tmpdir(), 'bt-bench-'));
const SOURCE = { sizeBytes: 4, mtimeMs: 1, sha256: 'a'.repeat(64), contentType: 'audio/wav', durationSec: 1 };
/** Two kilobytes, unlike every other. */
function transcript(): { readonly json: string; readonly sha256: string } {
  const text = randomBytes(1_000).toString('hex');
  const json = JSON.stringify({ schemaVersion: 1, text, segments: [] });
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

function step(store: SqliteJobStore, job: JobRecord, event: JobEvent, json: string | null = null): JobRecord {
  const result = transition(job, event, 2);
  if (!result.ok) throw new Error(result.refusal);
  const saved =
    json === null
      ? store.save(result.job, event, 2)
      : store.saveDelivered(result.job, event, { json, sha256: result.job.transcriptSha256 ?? '' }, 2);
  if (!saved) throw new Error('not saved');
  return result.job;
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

if (wanted('finish')) {
  const { db, store, made } = queue('finish.sqlite', 4_000);
  const attempt: JobEvent = { type: 'attempt_opened', workerId: 'w', worker: { name: 'w', identity: null } };
  const prepared = made.map((job) => {
    const begun = step(store, job, { type: 'prepare_started' });
    return step(store, begun, { type: 'prepared', source: SOURCE });
  });
  const began = performance.now();
  for (const job of prepared) {
    const open = step(store, job, attempt);
    const { json, sha256 } = transcript();
    step(store, open, { type: 'delivered', attempt: open.attempt, sha256 }, json);
  }
  const seconds = (performance.now() - began) / 1000;
  print({
    name: 'claim and finish, jobs a second',
    value: prepared.length / seconds,
    goal: { atLeast: 1_000 },
    how: `${prepared.length} jobs, two commits each at FULL, one by one, the second with a transcript of 2 KB that is indexed for search`,
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
