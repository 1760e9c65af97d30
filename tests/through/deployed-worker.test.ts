// The real engine and a stand-in of the workers in the field, which know no tunnel, no events and no acknowledgement.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JobOptionsPatch } from '../../src/contract/options.ts';
import { DeployedWorker } from './deployed-worker.ts';
import type { EngineProcess } from './engine-process.ts';
import { startEngine, temporaryFolder, testEnvironment, whenJob } from './engine-process.ts';
import { until } from './worker-process.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let worker: DeployedWorker;
let engine: EngineProcess | null = null;

beforeEach(async () => {
  folder = await temporaryFolder();
  worker = await DeployedWorker.start();
});

afterEach(async () => {
  await engine?.stop();
  engine = null;
  await worker.close();
  await folder.remove();
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function start(extra: Record<string, string> = {}): Promise<EngineProcess> {
  const port = await freePort();
  engine = await startEngine(
    join(folder.path, 'data'),
    testEnvironment({
      REMOTE_WORKER_URL: worker.url,
      REMOTE_WORKER_TOKEN: worker.token,
      REMOTE_WORKER_MODE: 'required',
      REMOTE_WORKER_POLL_SECONDS: '0.2',
      CONTROLLER_BASE_URL: `http://127.0.0.1:${port}`,
      CONTROLLER_LISTEN_PORT: String(port),
      EXPECTED_WORKER_GIT_COMMIT: 'xyz789',
      ...extra,
    }),
  );
  return engine;
}

/** Four seconds of a tone, as a WAV file. */
async function tone(name: string, hertz = 440): Promise<string> {
  const rate = 8_000;
  const samples = 4 * rate;
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(rate * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(samples * 2, 40);
  for (let at = 0; at < samples; at += 1)
    wav.writeInt16LE(Math.round(8_000 * Math.sin((2 * Math.PI * hertz * at) / rate)), 44 + at * 2);
  const path = join(folder.path, name);
  await writeFile(path, wav);
  return path;
}

async function add(paths: readonly string[], options: JobOptionsPatch = {}): Promise<readonly string[]> {
  const { jobs, refused } = await running().client.call('addJobs', {
    paths: [...paths],
    options: { formats: ['srt', 'json'], ...options },
  });
  expect(refused).toEqual([]);
  return jobs.map(({ id }) => id);
}

function running(): EngineProcess {
  if (engine === null) throw new Error('No engine was started.');
  return engine;
}

async function inbox(): Promise<readonly string[]> {
  return readdir(join(folder.path, 'data', 'inbox')).catch(() => []);
}

test('a recording becomes a canonical transcript with speakers, its files are written, and the worker is known by its identity', async () => {
  const { client } = await start();
  worker.sendsTwice = true;
  const path = await tone('Day 5.wav');
  const [id = ''] = await add([path], { diarize: true });
  const done = await whenJob(client, id, (job) => job.state === 'complete');

  const bytes = await readFile(path);
  expect(worker.received).toEqual([{ name: 'Day 5.wav', bytes }]);
  expect(worker.requests).toHaveLength(1);
  expect(worker.requests[0]).toMatchObject({ key: `${id}:1`, request: { controllerJobId: id } });
  // Every output once and once again, each taken.
  expect(worker.uploads.map(({ status }) => status)).toEqual(Array(8).fill(200));

  const transcript = await client.call('getTranscript', { id });
  expect(transcript).toMatchObject({
    text: `Hello there. These are ${bytes.length} bytes.`,
    language: 'en',
    duration: 4,
    source: {
      filename: 'Day 5.wav',
      sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    },
    speakers: { SPEAKER_00: {}, SPEAKER_01: {} },
    worker: { gitCommit: 'b4b98e5', gpu: 'NVIDIA A40', protocol: 1 },
  });
  expect(transcript.segments.map(({ speaker }) => speaker)).toEqual(['SPEAKER_00', 'SPEAKER_01']);
  expect(transcript.segments[1]?.words.every(({ interpolated }) => interpolated)).toBe(true);
  const srt = done.outputs.find(({ format }) => format === 'srt');
  expect(await readFile(srt?.path ?? '', 'utf8')).toContain('Hello there.');
  expect(await inbox()).toEqual([]);

  const answer = await fetch(`${running().url}/api/runtime`, {
    headers: { authorization: `Bearer ${running().token}` },
  });
  expect(await answer.json()).toMatchObject({
    remoteWorker: {
      connected: true,
      identity: { gitCommit: 'b4b98e5' },
      identityMatches: false,
      identityMismatchReason: "gitCommit: expected 'xyz789', got 'b4b98e5'",
    },
  });
});

test('several recordings go one after another, no more at once than it says that it can', async () => {
  const { client } = await start();
  const ids = await add([await tone('a.wav', 300), await tone('b.wav', 400), await tone('c.wav', 500)]);
  await Promise.all(ids.map((id) => whenJob(client, id, (job) => job.state === 'complete')));
  expect(worker.requests).toHaveLength(3);
  expect(worker.mostAtOnce).toBe(1);
  expect(new Set(worker.received.map(({ bytes }) => createHash('sha256').update(bytes).digest('hex'))).size).toBe(3);
});

test.each(['json', 'diarization-json'] as const)(
  'its word that it is done is not believed while its %s is missing: another attempt brings it',
  async (type) => {
    const { client } = await start();
    worker.lost.add(type);
    const [id = ''] = await add([await tone('a.wav')], { diarize: true });
    const doubted = await whenJob(client, id, (job) => job.state === 'waiting' && job.waiting?.reason === 'retry');
    expect(doubted).toMatchObject({ hasTranscript: false, attempt: 1, error: { code: 'DELIVERY_FAILED' } });
    expect(await inbox()).toEqual([]);
    worker.lost.clear();
    expect((await whenJob(client, id, (job) => job.state === 'complete')).attempt).toBe(2);
  },
);

test('a worker that builds its addresses itself, without the query, is let in by its token and the attempt that it holds', async () => {
  const { client } = await start();
  worker.dropsQuery = true;
  const [id = ''] = await add([await tone('a.wav')]);
  await whenJob(client, id, (job) => job.state === 'complete');
  expect(worker.uploads.map(({ status }) => status)).toEqual([200, 200]);
});

test('a 404 now and then is its proxy; after a restart it knows the job no more, and a new attempt is made', async () => {
  const { client } = await start();
  let go = (): void => undefined;
  worker.hold = new Promise((resolve) => {
    go = resolve;
  });
  const [id = ''] = await add([await tone('a.wav')]);
  // Half of the chunks of four seconds.
  await whenJob(client, id, (job) => job.stage === 'transcribing' && job.progress.processedSec === 2);
  worker.stray404s = 2;
  await until(async () => (worker.stray404s === 0 ? true : null));
  await whenJob(client, id, (job) => job.stage === 'transcribing');
  expect(worker.requests).toHaveLength(1);

  worker.restart();
  const second = await whenJob(client, id, (job) => job.attempt === 2 && job.state === 'running');
  expect(second.hasTranscript).toBe(false);
  go();
  expect((await whenJob(client, id, (job) => job.state === 'complete')).attempt).toBe(2);
  expect(worker.requests.map(({ key }) => key)).toEqual([`${id}:1`, `${id}:2`]);
});

test('an engine that is killed in the middle takes the same attempt up again', async () => {
  const port = String(await freePort());
  const env = { CONTROLLER_BASE_URL: `http://127.0.0.1:${port}`, CONTROLLER_LISTEN_PORT: port };
  const first = await start(env);
  let go = (): void => undefined;
  worker.hold = new Promise((resolve) => {
    go = resolve;
  });
  const [id = ''] = await add([await tone('a.wav')]);
  await whenJob(first.client, id, (job) => job.stage === 'transcribing');
  await first.kill();
  const { client } = await start(env);
  await whenJob(client, id, (job) => job.state === 'running');
  go();
  expect((await whenJob(client, id, (job) => job.state === 'complete')).attempt).toBe(1);
  expect(worker.requests).toHaveLength(1);
});

test('a full worker is waited for, a canceled job is canceled there', async () => {
  const { client } = await start();
  worker.isFull = true;
  worker.hold = new Promise(() => undefined);
  const [id = ''] = await add([await tone('a.wav')]);
  const waiting = await whenJob(client, id, (job) => job.waiting?.reason === 'no_capacity');
  expect(waiting.error).toBeNull();
  worker.isFull = false;
  await whenJob(client, id, (job) => job.stage === 'transcribing');
  await client.call('cancelJob', { id });
  await until(async () => (worker.canceled.length > 0 ? true : null));
});

test('a refused token stops at once and is told', async () => {
  const { client } = await start({ REMOTE_WORKER_TOKEN: 'another' });
  const { workers } = await until(async () => {
    const list = await client.call('listWorkers', {});
    return list.workers.some(({ health }) => health === 'unauthorized') ? list : null;
  });
  expect(workers.find(({ kind }) => kind === 'environment')?.error?.code).toBe('REMOTE_WORKER_UNAUTHORIZED');
  const [id = ''] = await add([await tone('a.wav')]);
  expect((await whenJob(client, id, (job) => job.state === 'waiting')).waiting?.reason).toBe('no_worker');
  expect(worker.requests).toEqual([]);
});

test('without an address of this computer it is given nothing, and the reason is told', async () => {
  const { client } = await start({ CONTROLLER_BASE_URL: '' });
  const [id = ''] = await add([await tone('a.wav')]);
  const waiting = await whenJob(client, id, (job) => job.waiting?.reason === 'no_worker');
  expect(waiting.waiting?.message).toContain('CONTROLLER_BASE_URL');
  expect(worker.requests).toEqual([]);
});
