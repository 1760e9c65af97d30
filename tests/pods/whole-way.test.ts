// The whole way with nothing replaced but the provider: a real engine, a real worker in the fake's pod, a real tunnel through its proxy.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PodView } from '../../src/contract/pods.ts';
import { SYSTEM_CLOCK } from '../../src/host/system.ts';
import { QUEUE_MS } from '../patience.ts';
import type { EngineProcess } from '../through/engine-process.ts';
import { command, SMALL, startEngine, temporaryFolder, testEnvironment, whenJob } from '../through/engine-process.ts';
import { until } from '../through/worker-process.ts';
import { FakeRunpod, KEY } from './fake-runpod.ts';
import { realWorkers } from './fake-worker-container.ts';
import { DIGEST, IMAGE } from './rig.ts';

const DEMO = join(SMALL, 'demo/demo.wav');

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let fake: FakeRunpod;
let engine: EngineProcess | null = null;

beforeEach(async () => {
  folder = await temporaryFolder();
  fake = await FakeRunpod.listen(
    SYSTEM_CLOCK,
    realWorkers(() => fake.baseUrl),
  );
});

afterEach(async () => {
  await engine?.stop();
  engine = null;
  await fake.close();
  await folder.remove();
});

function environment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  return testEnvironment({
    REMOTE_WORKER_MODE: 'required',
    RUNPOD_API_URL: fake.baseUrl,
    RUNPOD_PROXY_URL: fake.proxyUrl,
    BULK_TRANSCRIBE_DATA_DIR: join(folder.path, 'data'),
    ...extra,
  });
}

async function start(extra: Record<string, string> = {}): Promise<EngineProcess> {
  engine = await startEngine(join(folder.path, 'data'), environment(extra));
  return engine;
}

/** The demo recording, each time as another one: the very same would be transcribed once and copied. */
async function recordings(...names: readonly string[]): Promise<string[]> {
  const wav = await readFile(DEMO);
  return Promise.all(
    names.map(async (name, index) => {
      const path = join(folder.path, name);
      await writeFile(path, Buffer.concat([wav, Buffer.alloc(2 * (index + 1))]));
      return path;
    }),
  );
}

/** The pod, as soon as `is` holds; what else it becomes is waited through. */
async function whenPod({ client }: EngineProcess, id: string, is: (pod: PodView) => boolean): Promise<PodView> {
  let pod: PodView | undefined;
  return until(async () => {
    const { pods } = await client.call('listPods', {});
    pod = pods.find((each) => each.id === id);
    if (pod?.state === 'failed') throw new Error(`It failed: ${JSON.stringify(pod)}`);
    return pod !== undefined && is(pod) ? pod : null;
  }, QUEUE_MS).catch((thrown: unknown) => {
    const logs = [...fake.machines.all.values()].flatMap(({ log }) => log.map(({ line }) => line));
    throw new Error(`The pod is ${JSON.stringify(pod)}; its log:\n${logs.slice(-20).join('\n')}`, { cause: thrown });
  });
}

/** Every secret of the account and the pods, looked for in everything that a person or a log could see. */
async function leaks(running: EngineProcess): Promise<string[]> {
  const tokens = [...fake.machines.all.values(), ...fake.machines.gone].map(
    ({ body }) => body.env?.['WORKER_TOKEN'] ?? '',
  );
  const seen = [
    await readFile(join(folder.path, 'data/logs/engine.log'), 'utf8'),
    (await readFile(join(folder.path, 'data/queue.sqlite'))).toString('latin1'),
    (await readFile(join(folder.path, 'data/queue.sqlite-wal')).catch(() => Buffer.alloc(0))).toString('latin1'),
    JSON.stringify(await running.client.call('listPods', {})),
    JSON.stringify(await running.client.call('listWorkers', {})),
    JSON.stringify(await running.client.call('getSettings', {})),
  ].join('\n');
  return [KEY, ...tokens].filter((secret) => secret !== '' && seen.includes(secret));
}

test('from an empty app with only a key: start, three recordings, ended after the idle time', async () => {
  const running = await start();
  const { client } = running;
  expect((await client.call('listPods', {})).summary.account.state).toBe('no_key');
  expect((await client.call('savePodSecrets', { apiKey: KEY })).account.state).toBe('ok');
  await client.call('putSettings', {
    jobDefaults: { model: 'demo-en', outDir: join(folder.path, 'out'), formats: ['txt'] },
    pods: { image: `To go back to this image later, keep this line:\n${IMAGE}\n` },
  });
  const pod = await client.call('startPod', { gpuIds: ['NVIDIA A40'] });
  expect(pod.state).toBe('wanted');
  const ready = await whenPod(running, pod.id, ({ state }) => state === 'ready');
  expect(ready).toMatchObject({ costPerHour: 0.4, imageAtProvider: IMAGE, imageDiffers: false });
  const { workers } = await client.call('listWorkers', {});
  const worker = workers.find(({ id }) => id === pod.workerId);
  expect(worker).toMatchObject({
    kind: 'pod',
    health: 'ok',
    identity: { declaredImageDigest: DIGEST },
    expectedIdentity: { gitCommit: null, imageDigest: DIGEST },
    verdict: { matches: true },
  });

  const { jobs } = await client.call('addJobs', { paths: await recordings('1.wav', '2.wav', '3.wav') });
  const done = await Promise.all(jobs.map(({ id }) => whenJob(client, id, (job) => job.state === 'complete')));
  expect(done.map(({ workerId }) => workerId)).toEqual([pod.id, pod.id, pod.id]);
  // Only now: before the first recording was there it could have ended as well.
  await client.call('putSettings', { pods: { idleStopMinutes: 0.1 } });
  const ended = await whenPod(running, pod.id, ({ state }) => state === 'ended');
  expect(ended).toMatchObject({ endReason: 'idle', jobsDone: 3, costPerHour: 0 });
  expect(fake.machines.all.size).toBe(0);
  expect((await client.call('listWorkers', {})).workers.some(({ kind }) => kind === 'pod')).toBe(false);

  const spending = await client.call('podSpending', { days: 1 });
  expect(spending.total).toBeCloseTo(fake.machines.spent(), 4);
  expect(spending.batches.some(({ batchId, audioSec }) => batchId === jobs[0]?.batchId && audioSec > 0)).toBe(true);
  const prices = await client.call('podPrices', {});
  expect(prices).toMatchObject({ model: 'demo-en' });
  expect(prices.offers.find(({ gpuId }) => gpuId === 'NVIDIA A40')?.speed).toMatchObject({
    basis: 'measured',
    recordings: 3,
  });
  expect(await leaks(running)).toEqual([]);
});

test('the same from the command line', async () => {
  const env = environment({ RUNPOD_API_KEY: KEY, POD_IMAGE: IMAGE });
  const running = await start({ RUNPOD_API_KEY: KEY, POD_IMAGE: IMAGE });
  const prices = await command(['pods', 'prices', '--json'], env);
  expect(JSON.parse(prices.out)).toMatchObject({ queue: { jobs: 0 } });
  const started = await command(['pods', 'start', '--gpu', 'NVIDIA L40S', '--json'], env);
  expect(started.err).toBe('');
  expect(started.code).toBe(0);
  const lines = started.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PodView);
  expect(lines.at(-1)).toMatchObject({ state: 'ready', gpuId: 'NVIDIA L40S' });
  const listed = await command(['pods', 'list'], env);
  expect(listed).toMatchObject({ code: 0, out: expect.stringContaining('$0.86/h') });

  const out = join(folder.path, 'out');
  const written = await command(
    [
      'transcribe',
      ...(await recordings('1.wav', '2.wav', '3.wav')),
      '--model',
      'demo-en',
      '--formats',
      'txt',
      '--out',
      out,
    ],
    env,
  );
  expect(written.code).toBe(0);
  await running.client.call('putSettings', { pods: { idleStopMinutes: 0.1 } });
  await whenPod(running, lines[0]?.id ?? '', ({ state }) => state === 'ended');
  expect(fake.machines.all.size).toBe(0);
  const spent = await command(['pods', 'spend', '--json'], env);
  expect(JSON.parse(spent.out)).toMatchObject({ costPerHour: 0 });
  const wrong = await command(['pods', 'terminate', 'nobody'], env);
  expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('There is no pod "nobody".') });
});

test('the app is killed at work and comes back: the same pod, the same jobs, and one that is not known is shown', async () => {
  const first = await start({ RUNPOD_API_KEY: KEY, POD_IMAGE: IMAGE });
  await first.client.call('putSettings', {
    jobDefaults: { model: 'demo-en', outDir: folder.path, formats: ['txt'] },
  });
  const { id } = await first.client.call('startPod', { gpuIds: ['NVIDIA A40'] });
  await whenPod(first, id, ({ state }) => state === 'ready');
  const [one = '', two = ''] = await recordings('1.wav', '2.wav');
  const { jobs } = await first.client.call('addJobs', { paths: [one] });
  const [job] = jobs;
  await whenJob(first.client, job?.id ?? '', ({ state }) => state === 'running');
  await first.kill();
  const name = 'bt-99999999-01jd0000000000000000000000';
  fake.machines.create({ name, image: IMAGE, gpu: { id: 'NVIDIA A40' }, env: { WORKER_TOKEN: 'x' } }, 0.4);

  const second = await start({ RUNPOD_API_KEY: KEY, POD_IMAGE: IMAGE });
  const done = await whenJob(second.client, job?.id ?? '', ({ state }) => state === 'complete');
  expect(done.attempt).toBe(1);
  const { pods } = await second.client.call('checkPods', {});
  expect(pods.find((pod) => pod.id === id)).toMatchObject({ state: 'ready', jobsDone: 1 });
  expect(pods.find((pod) => pod.name === name)).toMatchObject({ state: 'found', foreign: true });
  const listed = await command(['pods', 'list', '--json'], environment({ RUNPOD_API_KEY: KEY, POD_IMAGE: IMAGE }));
  expect(listed.code).toBe(3);

  // Ended with work at it: what it had goes back into the queue by the provider's word, and the next pod does it.
  const { jobs: more } = await second.client.call('addJobs', { paths: [two] });
  await whenJob(second.client, more[0]?.id ?? '', ({ state }) => state === 'running');
  await second.client.call('changePod', { id, action: 'terminate' });
  const { id: next } = await second.client.call('startPod', { gpuIds: ['NVIDIA A40'] });
  const again = await whenJob(second.client, more[0]?.id ?? '', ({ state }) => state === 'complete');
  expect(again.workerId).toBe(next);
});

test('the app is dead: the worker ends its pod by itself, and the next start says what became of it', async () => {
  await fake.close();
  // Its real patience is WORKER_IDLE_STOP_SECONDS=840, of the 900 allowed; here it is cut to 12: it must still be there when the app finds it.
  fake = await FakeRunpod.listen(
    SYSTEM_CLOCK,
    realWorkers(() => fake.baseUrl, { WORKER_IDLE_STOP_SECONDS: '12' }),
  );
  const first = await start({ RUNPOD_API_KEY: KEY, POD_IMAGE: IMAGE });
  const { id } = await first.client.call('startPod', { gpuIds: ['NVIDIA A40'] });
  await whenPod(first, id, ({ state }) => state === 'ready');
  await first.kill();
  await until(async () => (fake.machines.gone.length > 0 ? true : null));
  const [ended] = fake.machines.gone;
  expect(ended?.log.some(({ line }) => line.includes(ended.ownKey))).toBe(false);

  const second = await start({ RUNPOD_API_KEY: KEY, POD_IMAGE: IMAGE });
  await second.client.call('checkPods', {});
  const gone = await whenPod(second, id, ({ state }) => state === 'ended');
  expect(gone).toMatchObject({ endReason: 'gone', trouble: { code: 'PODS_GONE' } });
});
