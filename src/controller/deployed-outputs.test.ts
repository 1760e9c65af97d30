import { describe, expect, test } from 'vitest';
import { AppError } from '../contract/errors.ts';
import type { Ping } from '../contract/worker-wire.ts';
import { SOURCE } from '../jobs/job.cases.ts';
import { REMOTE, TestEngine } from './engine.cases.ts';
import { MemoryJobStore } from './memory-store.cases.ts';
import type { DeployedOutput } from './ports.ts';
import { ScriptedWorker } from './scripted-worker.cases.ts';

/** What a deployed worker says of itself: nothing of part 2. */
const PART_1: Partial<Ping> = { protocol: 1, features: [], prefetchJobs: 0, bootId: null, diarization: true };

function start(ping: Partial<Ping> = {}, base: string | null = 'https://transcribe.example'): TestEngine {
  const worker = new ScriptedWorker();
  worker.ping = { ...PART_1, ...ping };
  return new TestEngine(new MemoryJobStore(), worker, base);
}

const WHISPER = JSON.stringify({ language: 'en', segments: [{ start: 0, end: 2, text: ' Hello there.' }] });

function upload(
  engine: TestEngine,
  id: string,
  change: Partial<Omit<DeployedOutput, 'file'>> & { file?: string } = {},
): boolean {
  const { file = WHISPER, ...fields } = change;
  const attempt = engine.store.get(id)?.attempt ?? 0;
  const whole = { workerJobId: `wk_${id}:${attempt}`, inputId: 'in_1', outputType: 'json', ...fields } as const;
  return engine.facing.receive(id, attempt, { ...whole, file: new TextEncoder().encode(file) });
}

const refusal = (code: string): Error => expect.objectContaining({ code }) as Error;

async function atWork(engine: TestEngine): Promise<string> {
  const id = await engine.add();
  await engine.clock.advance(2_000);
  expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 1 });
  return id;
}

const complete = (engine: TestEngine, id: string): void =>
  engine.worker.says(`${id}:1`, { status: 'complete', stage: 'complete' });

test('what was received makes "complete" true, and nothing of it stays behind', async () => {
  const engine = start();
  const id = await atWork(engine);
  expect(upload(engine, id)).toBe(true);
  expect(upload(engine, id)).toBe(true);
  expect(upload(engine, id, { outputType: 'markdown', file: '# Hello' })).toBe(false);
  complete(engine, id);
  await engine.clock.advance(3_000);
  expect(await engine.job(id)).toMatchObject({ state: 'complete', attempt: 1, hasTranscript: true });
  expect(engine.store.transcript(id)).toMatchObject({ text: 'Hello there.', source: { sha256: SOURCE.sha256 } });
  expect(engine.inbox.jobs()).toEqual([]);
});

test.each<[what: string, file: string | null, code: string]>([
  ['nothing', null, 'DELIVERY_FAILED'],
  ['nonsense', '{"segments":7}', 'TRANSCRIPT_INVALID'],
])('"complete" after %s is a failed attempt', async (_what, file, code) => {
  const engine = start();
  const id = await atWork(engine);
  if (file !== null) upload(engine, id, { file });
  complete(engine, id);
  await engine.clock.advance(2_100);
  expect(await engine.job(id)).toMatchObject({ state: 'waiting', error: { code }, hasTranscript: false });
  expect(engine.inbox.jobs()).toEqual([]);
});

test('what the disk has no room for now is stored when it has, and never made again', async () => {
  const engine = start();
  const id = await atWork(engine);
  upload(engine, id);
  const store = engine.store.saveDelivered.bind(engine.store);
  engine.store.saveDelivered = () => {
    throw new AppError('DISK_FULL');
  };
  complete(engine, id);
  await engine.clock.advance(30_000);
  expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 1 });
  engine.store.saveDelivered = store;
  await engine.clock.advance(10_000);
  expect(await engine.job(id)).toMatchObject({ state: 'complete', attempt: 1 });
});

test('uploads of another input, another run, another attempt or other bytes are refused', async () => {
  const engine = start();
  const id = await atWork(engine);
  upload(engine, id);
  expect(() => upload(engine, id, { inputId: 'in_2' })).toThrow(refusal('BAD_REQUEST'));
  expect(() => upload(engine, id, { workerJobId: 'wk_other' })).toThrow(refusal('CONFLICT'));
  expect(() => upload(engine, id, { file: '{"segments":[]}' })).toThrow(refusal('CONFLICT'));
  const late = { workerJobId: 'wk', inputId: 'in_1', outputType: 'json', file: new Uint8Array() } as const;
  expect(() => engine.facing.receive(id, 2, late)).toThrow(refusal('CONFLICT'));
  expect(() => engine.facing.receive('job_other', 1, late)).toThrow(refusal('CONFLICT'));
});

test('a canceled job keeps nothing and takes nothing more', async () => {
  const engine = start();
  const id = await atWork(engine);
  upload(engine, id);
  expect(engine.facing.openAtDeployed(id)).toBe(1);
  await engine.controller.call('cancelJob', { id });
  expect(engine.inbox.jobs()).toEqual([]);
  expect(engine.facing.openAtDeployed(id)).toBeNull();
  expect(() => upload(engine, id)).toThrow(refusal('CONFLICT'));
});

test('an attempt at a worker with a tunnel is never meant by a call without a link', async () => {
  const engine = new TestEngine(undefined, undefined, 'https://transcribe.example');
  const id = await atWork(engine);
  expect(engine.facing.openAtDeployed(id)).toBeNull();
});

test('uploads survive the engine; those of jobs that are over do not', async () => {
  const engine = start();
  const id = await atWork(engine);
  upload(engine, id);
  engine.inbox.put({ jobId: 'gone', attempt: 1, workerJobId: 'wk' }, 'json', new Uint8Array());
  await engine.controller.close();
  const next = new TestEngine(engine.store, engine.worker, 'https://transcribe.example', engine.inbox);
  expect(next.inbox.jobs()).toEqual([id]);
  complete(next, id);
  await next.clock.advance(5_000);
  expect(await next.job(id)).toMatchObject({ state: 'complete', attempt: 1 });
});

describe('three answers in a row that it does not know the job', () => {
  test('are a loss, two and a good one are not', async () => {
    const engine = start();
    const id = await atWork(engine);
    const known = engine.worker.jobs.get(`wk_${id}:1`);
    if (known === undefined) throw new Error('It has no job.');
    engine.worker.jobs.clear();
    let asked = 0;
    engine.worker.onStatus = () => {
      asked += 1;
      if (asked === 2) engine.worker.jobs.set(known.workerJobId, known);
    };
    await engine.clock.advance(60_000);
    expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 1 });
    expect(asked).toBeGreaterThan(3);

    engine.worker.onStatus = () => undefined;
    engine.worker.jobs.clear();
    await engine.clock.advance(60_000);
    expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 2 });
  });
});

describe('what it is asked for', () => {
  test('has links to the fixed address, and a name that is no path', async () => {
    const engine = start();
    await engine.add('Day 5: "draft".wav');
    await engine.clock.advance(2_000);
    const request = engine.worker.submitted[0]?.request;
    expect(request?.inputs[0].filename).toBe('Day 5_ _draft_.wav');
    expect(engine.bases).toEqual(new Set(['https://transcribe.example']));
  });

  test('goes by the tunnel where there is one', async () => {
    const engine = new TestEngine(undefined, undefined, 'https://transcribe.example');
    await atWork(engine);
    expect(engine.bases).toEqual(new Set(['http://controller.tunnel']));
  });

  test('is never more than it takes', async () => {
    const engine = start({ maxFileMB: 0.0005, diarization: true });
    const { jobs } = await engine.controller.call('addJobs', { paths: ['/a.wav'], options: { diarize: true } });
    await engine.clock.advance(2_000);
    const job = await engine.job(jobs[0]?.id ?? '');
    expect(job).toMatchObject({
      state: 'waiting',
      waiting: { reason: 'worker_lacks', message: expect.stringContaining('up to 0.0005 MB') },
    });
    expect(engine.worker.submitted).toEqual([]);
  });

  test('is never speakers of one that knows none: the recording waits for a worker that does, unless it may go without', async () => {
    const engine = start({ diarization: false, diarizationReason: 'HF_TOKEN is not set.' });
    const add = async (diarizeOptional: boolean) => {
      const { jobs } = await engine.controller.call('addJobs', {
        paths: ['/a.wav'],
        options: { diarize: true, diarizeOptional },
      });
      await engine.clock.advance(2_000);
      return engine.job(jobs[0]?.id ?? '');
    };
    const waiting = await add(false);
    expect(waiting).toMatchObject({ state: 'waiting', error: null, waiting: { reason: 'worker_lacks' } });
    expect(waiting.waiting?.message).toContain('cannot tell speakers apart: HF_TOKEN is not set.');
    expect(engine.worker.submitted).toEqual([]);
    await add(true);
    expect(engine.worker.submitted).toHaveLength(1);
  });

  test('waits while others keep it busy', async () => {
    const engine = start({ activeJobs: 1 });
    const id = await engine.add();
    await engine.clock.advance(20_000);
    expect((await engine.job(id)).state).toBe('queued');
    engine.worker.ping = PART_1;
    await engine.clock.advance(7_000);
    expect((await engine.job(id)).state).toBe('running');
  });
});

test('its chunks become seconds of the recording', async () => {
  const engine = start();
  const id = await atWork(engine);
  engine.worker.says(`${id}:1`, { progress: { percent: 70, chunkIndex: 1, totalChunks: 4 } });
  await engine.clock.advance(3_000);
  expect((await engine.job(id)).progress).toMatchObject({ processedSec: 7.5, totalSec: 30, percent: 25 });
});

describe('without an address of this computer', () => {
  test('it is given nothing, and the reason is told', async () => {
    const engine = start({}, null);
    const id = await engine.add();
    await engine.clock.advance(5_000);
    const { state, waiting } = await engine.job(id);
    expect(state).toBe('waiting');
    expect(waiting?.message).toContain('CONTROLLER_BASE_URL');
    const { checks } = await engine.controller.call('testWorker', { ...REMOTE });
    expect(checks.find(({ name }) => name === 'Tunnel')).toMatchObject({ ok: false });
  });

  test('this computer does the work where it may', async () => {
    const engine = start({}, null);
    engine.settings = { ...engine.settings, workerMode: 'optional' };
    await engine.add();
    await engine.clock.advance(5_000);
    expect(engine.local.wanted).toBe(true);
  });
});
