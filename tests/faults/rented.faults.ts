// Rented machines that are replaced, cannot be paid for or are not to be had, with a real engine and real workers in the pods: rows 10 and 11 of
// the fault matrix. Row 12, the app that dies while it rents, is tests/pods/crash.test.ts.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isFinal, type JobView } from '../../src/contract/job.ts';
import type { PodView } from '../../src/contract/pods.ts';
import { SYSTEM_CLOCK } from '../../src/host/system.ts';
import { QUEUE_MS } from '../patience.ts';
import { FakeRunpod, KEY } from '../pods/fake-runpod.ts';
import { realWorkers } from '../pods/fake-worker-container.ts';
import { DIGEST, IMAGE } from '../pods/rig.ts';
import { chanceFrom } from '../small-whisper/speech/random.mjs';
import { type EngineProcess, startEngine, testEnvironment } from '../through/engine-process.ts';
import { until } from '../through/worker-process.ts';
import { inspect } from './invariants.ts';
import { allJobs, type Ground, ground, KILLS, SEED, whenAll } from './queue-of-faults.ts';
import { silence } from './recordings.ts';
import { report } from './report.ts';

const MOVES = KILLS > 0 ? Math.min(20, Math.ceil(KILLS / 100)) : 3;
const GPU = 'NVIDIA A40';

let place: Ground;
let fake: FakeRunpod;
let engine: EngineProcess;

beforeEach(async () => {
  place = await ground();
  fake = await FakeRunpod.listen(
    SYSTEM_CLOCK,
    realWorkers(() => fake.baseUrl, {}, [join(import.meta.dirname, 'scripted_worker.py')]),
  );
  engine = await startEngine(
    place.dataDir,
    testEnvironment({
      REMOTE_WORKER_MODE: 'required',
      REMOTE_WORKER_POLL_SECONDS: '0.2',
      RUNPOD_API_URL: fake.baseUrl,
      RUNPOD_PROXY_URL: fake.proxyUrl,
      RUNPOD_API_KEY: KEY,
      POD_IMAGE: IMAGE,
    }),
  );
  await engine.client.call('putSettings', {
    jobDefaults: { model: 'demo-en' },
    pods: { capPerDayUsd: null, idleStopMinutes: 60 },
  });
});
afterEach(async () => {
  await engine.kill();
  await fake.close();
  await place.remove();
});

async function recordings(count: number, seconds: number): Promise<string[]> {
  const paths = Array.from({ length: count }, (_, number) => join(place.recordings, `recording-${number}.wav`));
  for (const [number, path] of paths.entries()) await writeFile(path, silence(number, seconds));
  return paths;
}

/** The pod once `is` holds, the provider being asked over and over. */
function whenPod(id: string, is: (pod: PodView) => boolean): Promise<PodView> {
  return until(async () => {
    const { pods } = await engine.client.call('checkPods', {});
    const pod = pods.find((each) => each.id === id);
    return pod !== undefined && is(pod) ? pod : null;
  }, QUEUE_MS);
}

async function check(fault: string, strikes: number, jobs: readonly JobView[], sources: readonly string[], twice = 0) {
  await engine.stop();
  const found = inspect({
    dataDir: place.dataDir,
    jobs: jobs.map(({ id }) => id),
    outputDirs: [place.recordings],
    sources,
    textOf: (path) => createHash('sha256').update(readFileSync(path).subarray(44)).digest('hex'),
  });
  report({ fault, kills: strikes, jobs: found.jobs, lost: found.lost, twice });
  expect(found.broken, `seed ${SEED}`).toEqual([]);
  expect([found.lost, twice, ...found.failures], `seed ${SEED}`).toEqual([0, 0]);
}

test(`row 10: the pod is moved in mid-work ${MOVES} times, to another machine with another address and an empty disk`, async () => {
  const chance = chanceFrom(SEED + 10);
  const sources = await recordings(8 * MOVES, 8);
  // At the engine whenever the pod is moved at first: three times more than a recording may be at it when a worker dies of itself.
  const [long = ''] = sources;
  await writeFile(long, silence(0, 400));
  const { id } = await engine.client.call('startPod', { gpuIds: [GPU] });
  const first = await whenPod(id, ({ state }) => state === 'ready');
  const { jobs } = await engine.client.call('addJobs', { paths: sources });
  const delivered = new Map<string, JobView>();
  const urls = new Set([first.url]);
  for (let move = 0; move < MOVES; move += 1) {
    await until(async () => {
      const all = await allJobs(engine);
      const atEngine = all.filter(({ stage }) => stage === 'transcribing');
      const isTime = move < 3 ? atEngine.some(({ sourcePath }) => sourcePath === long) : atEngine.length > 0;
      return isTime || all.every(({ state }) => isFinal(state)) ? true : null;
    });
    await new Promise((resolve) => setTimeout(resolve, chance.between(0, 400)));
    for (const job of await allJobs(engine)) if (job.state === 'complete') delivered.set(job.id, job);
    const [machine] = [...fake.machines.all.values()];
    if (machine === undefined) throw new Error('There is no machine.');
    await fake.machines.migrate(machine);
    const moved = await whenPod(id, ({ state, url }) => state === 'ready' && !urls.has(url));
    urls.add(moved.url);
    const { workers } = await engine.client.call('listWorkers', {});
    expect(workers.find((worker) => worker.id === id)).toMatchObject({
      url: moved.url,
      identity: { declaredImageDigest: DIGEST },
      verdict: { matches: true },
    });
    if ((await allJobs(engine)).every(({ state }) => isFinal(state))) break;
  }
  const done = await whenAll(engine);
  expect(urls.size).toBeGreaterThan(3);
  // What was delivered before a move is not made again by what comes after it; and to be moved is no fault of a recording.
  const again = done.filter((job) => (delivered.get(job.id)?.attempt ?? job.attempt) !== job.attempt);
  expect(done.map(({ error }) => error)).toEqual(done.map(() => null));
  await check('pod replaced in mid-work', urls.size - 1, jobs, sources, again.length);
});

test('row 11: no balance, then no machine free: the queue waits, says why, and is done by the next that can be had', async () => {
  const sources = await recordings(6, 1);
  const { jobs } = await engine.client.call('addJobs', { paths: sources });
  fake.balance = 0;
  const unpaid = await engine.client.call('startPod', { gpuIds: [GPU] });
  const refused = await whenPod(unpaid.id, ({ state }) => state === 'failed');
  expect(refused.trouble?.code).toBe('PODS_NO_BALANCE');
  fake.balance = 100;
  const free = fake.gpus.map((gpu) => gpu.free);
  for (const gpu of fake.gpus) gpu.free = 0;
  const crowded = await engine.client.call('startPod', { gpuIds: [GPU] });
  const none = await whenPod(crowded.id, ({ state }) => state === 'failed');
  expect(none.trouble?.code).toBe('PODS_NO_CAPACITY');
  // Nothing was rented, and nothing of the queue was given up or used up.
  expect(fake.machines.all.size).toBe(0);
  const waiting = await allJobs(engine);
  expect(waiting.map(({ state, attempt }) => [isFinal(state), attempt])).toEqual(jobs.map(() => [false, 0]));
  for (const [index, gpu] of fake.gpus.entries()) if (gpu.id !== GPU) gpu.free = free[index] ?? 0;
  // The first of those that were named is still let: the next one is taken.
  const { id } = await engine.client.call('startPod', { gpuIds: [GPU, 'NVIDIA L40S'] });
  expect(await whenPod(id, ({ state }) => state === 'ready')).toMatchObject({ gpuId: 'NVIDIA L40S' });
  await whenAll(engine);
  await check('no balance, no capacity', 2, jobs, sources);
});
