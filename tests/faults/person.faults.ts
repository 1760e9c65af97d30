// What a person does in the middle: cancels in every state, and sets another token at the worker: rows 44 and 18 of the fault matrix.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JobState, JobView } from '../../src/contract/job.ts';
import { startEngine } from '../through/engine-process.ts';
import { until, type WorkerProcess } from '../through/worker-process.ts';
import { inspect } from './invariants.ts';
import {
  allJobs,
  engineEnvironment,
  type Ground,
  ground,
  KILLS,
  WORKER_TOKEN,
  whenAll,
  workerOn,
} from './queue-of-faults.ts';
import { silence, writeRecordings } from './recordings.ts';
import { report } from './report.ts';

let place: Ground;
let worker: WorkerProcess;
beforeEach(async () => {
  place = await ground();
  worker = await workerOn(place);
});
afterEach(async () => {
  await worker.kill();
  await place.remove();
});

function check(fault: string, jobs: readonly JobView[], sources: readonly string[]): void {
  const found = inspect({
    dataDir: place.dataDir,
    jobs: jobs.map(({ id }) => id),
    outputDirs: [place.recordings],
    sources,
    workDir: place.workDir,
  });
  report({ fault, kills: jobs.length, jobs: found.jobs, lost: found.lost, twice: found.twice });
  expect(found.broken).toEqual([]);
  expect({ lost: found.lost, twice: found.twice }).toEqual({ lost: 0, twice: 0 });
}

test('row 44: a cancel in each state ends the job at once and for good', async () => {
  const states: JobState[] = ['queued', 'preparing', 'dispatching', 'running', 'receiving', 'waiting'];
  const rounds = KILLS > 0 ? 20 : 2;
  const engine = await startEngine(place.dataDir, engineEnvironment(worker.url));
  const sources: string[] = [];
  const jobs: JobView[] = [];
  const met = new Map<JobState, number>();
  try {
    for (let round = 0; round < rounds; round += 1)
      for (const state of states) {
        const path = join(place.recordings, `cancel-${round}-${state}.wav`);
        if (state !== 'waiting') await writeFile(path, silence(round * 10 + states.indexOf(state), 20));
        sources.push(path);
        const caught = new Promise<void>((resolve) => {
          const stop = engine.client.subscribe((event) => {
            if (event.type !== 'job' || !event.job.name.includes(`cancel-${round}-${state}`)) return;
            const final = ['complete', 'failed', 'canceled'].includes(event.job.state);
            if (event.job.state !== state && !final) return;
            stop();
            if (final) resolve();
            else
              void engine.client.call('cancelJob', { id: event.job.id }).then(
                (job) => {
                  if (job.state === 'canceled') met.set(state, (met.get(state) ?? 0) + 1);
                  resolve();
                },
                () => resolve(),
              );
          });
        });
        if (state === 'waiting') await writeFile(path, silence(7_000 + round));
        const added = await engine.client.call('addJobs', { paths: [path] });
        jobs.push(...added.jobs);
        await caught;
      }
    const done = await whenAll(engine);
    for (const job of done) expect(['canceled', 'complete']).toContain(job.state);
    // States that pass in a moment are not met each time; those that last are.
    expect(met.get('running') ?? 0).toBeGreaterThan(0);
  } finally {
    await engine.stop();
  }
  await worker.stop();
  check('canceled in each state', jobs, sources);
});

test('row 18: another token at the worker: the jobs wait, and go on when the old one is back', async () => {
  const sources = await writeRecordings(place.recordings, 0, 6);
  const port = worker.port;
  const env = engineEnvironment(worker.url);
  let engine = await startEngine(place.dataDir, env);
  try {
    await worker.kill();
    worker = await workerOn(place, port, { WORKER_TOKEN: `${WORKER_TOKEN}-rotated` });
    const { jobs } = await engine.client.call('addJobs', { paths: sources });
    await until(async () => {
      const { workers } = await engine.client.call('listWorkers', {});
      return workers.some(({ health }) => health === 'unauthorized') ? workers : null;
    });
    expect((await allJobs(engine)).filter(({ state }) => state === 'failed')).toEqual([]);
    await engine.stop();
    // The person types the new token: here, by starting anew with it.
    engine = await startEngine(place.dataDir, { ...env, REMOTE_WORKER_TOKEN: `${WORKER_TOKEN}-rotated` });
    const done = await whenAll(engine);
    expect(done.map(({ state }) => state)).toEqual(sources.map(() => 'complete'));
    await engine.stop();
    await worker.stop();
    check('token rotated at the worker', jobs, sources);
  } finally {
    await engine.kill();
  }
});
