import { describe, expect, test } from 'vitest';
import { addedJobs } from '../contract/added-jobs.ts';
import { AppError } from '../contract/errors.ts';
import { SOURCE } from '../jobs/job.cases.ts';
import { TestEngine, transcriptJson } from './engine.cases.ts';

const paths = (count: number): string[] => Array.from({ length: count }, (_, index) => `/recordings/${index}.wav`);

async function batchOf(engine: TestEngine, count: number): Promise<{ batchId: string; ids: string[] }> {
  const { batch, jobs } = await engine.controller.call('addJobs', { paths: paths(count) });
  return { batchId: batch?.id ?? '', ids: jobs.map(({ id }) => id) };
}

const statesOf = (engine: TestEngine, ids: readonly string[]) => ids.map((id) => engine.store.get(id)?.state);

describe('pausing', () => {
  test('a job waits until it is resumed, and those at a worker are left to finish', async () => {
    const engine = new TestEngine();
    const { ids } = await batchOf(engine, 4);
    await engine.clock.advance(1_000);
    const result = await engine.controller.call('pauseJobs', { ids });
    expect(result.changed).toEqual(ids.slice(2));
    expect(result.refused).toEqual(
      ids.slice(0, 2).map((id) => ({ id, error: { code: 'CONFLICT', message: expect.stringContaining('worker') } })),
    );
    for (const id of ids.slice(0, 2)) await engine.deliver(id);
    await engine.clock.advance(3_600_000);
    expect(statesOf(engine, ids)).toEqual(['complete', 'complete', 'waiting', 'waiting']);
    expect(await engine.job(ids[2] ?? '')).toMatchObject({ waiting: { reason: 'paused', until: null } });

    await engine.controller.call('resumeJobs', { all: true });
    await engine.clock.advance(1_000);
    expect(statesOf(engine, ids.slice(2))).toEqual(['running', 'running']);
  });

  test('a batch holds its jobs and no others; it says since when', async () => {
    const engine = new TestEngine();
    await engine.controller.call('pauseQueue', {});
    const first = await batchOf(engine, 2);
    const paused = await engine.controller.call('pauseBatch', { id: first.batchId });
    expect(paused.pausedSince).toBe(engine.clock.now());
    const second = await batchOf(engine, 1);
    await engine.controller.call('resumeQueue', {});
    await engine.clock.advance(60_000);
    expect(statesOf(engine, [...first.ids, ...second.ids])).toEqual(['queued', 'queued', 'running']);
    await engine.controller.call('resumeBatch', { id: first.batchId });
    await engine.clock.advance(1_000);
    expect(statesOf(engine, first.ids)).toContain('running');
  });

  test('the queue begins nothing, over a restart too', async () => {
    const engine = new TestEngine();
    await engine.controller.call('pauseQueue', {});
    const { ids } = await batchOf(engine, 1);
    await engine.clock.advance(60_000);
    expect(statesOf(engine, ids)).toEqual(['queued']);
    const again = new TestEngine(engine.store, engine.worker);
    await again.clock.advance(60_000);
    expect((await again.controller.call('getQueue', {})).pausedSince).not.toBeNull();
    expect(statesOf(again, ids)).toEqual(['queued']);
    await again.controller.call('resumeQueue', {});
    await again.clock.advance(1_000);
    expect(statesOf(again, ids)).toEqual(['running']);
  });
});

describe('another model', () => {
  test('is chosen for what waits; what is at a worker keeps its own', async () => {
    const engine = new TestEngine();
    const { ids } = await batchOf(engine, 4);
    await engine.clock.advance(1_000);
    const before = engine.store.get(ids[0] ?? '')?.options.model;
    const { changed, refused } = await engine.controller.call('chooseModel', { all: true, model: 'large-v3' });
    expect([changed, refused]).toEqual([ids.slice(2), []]);
    const named = await engine.controller.call('chooseModel', { ids: ids.slice(0, 1), model: 'large-v3' });
    expect(named.refused).toMatchObject([{ error: { code: 'CONFLICT' } }]);
    for (const id of ids.slice(0, 2)) await engine.deliver(id);
    await engine.clock.advance(1_000);
    expect(engine.worker.submitted.map(({ request }) => request.options.model)).toEqual([before, before]);
    // The worker here has no other model than the first; asked for that again, they go on.
    expect(engine.store.get(ids[2] ?? '')).toMatchObject({
      ...{ state: 'waiting', waiting: { reason: 'worker_lacks' }, options: { model: 'large-v3' } },
    });
    await engine.controller.call('chooseModel', { all: true, model: before ?? '' });
    await engine.clock.advance(1_000);
    expect(statesOf(engine, ids.slice(2))).toEqual(['running', 'running']);
  });
});

describe('order', () => {
  test('what is put at the top is begun next, whatever lies prepared', async () => {
    const engine = new TestEngine();
    const { ids } = await batchOf(engine, 12);
    await engine.clock.advance(5_000);
    const last = ids[11] ?? '';
    expect(await engine.controller.call('moveJobs', { ids: [last], place: { to: 'top' } })).toEqual({ moved: 1 });
    expect(engine.events).toContainEqual({ type: 'moved', positions: [{ id: last, position: expect.any(Number) }] });
    await engine.clock.advance(1_000);
    await engine.deliver(ids[0] ?? '');
    await engine.clock.advance(1_000);
    expect(engine.worker.submitted.map(({ request }) => request.controllerJobId)).toEqual([ids[0], ids[1], last]);
  });
});

describe('many at once', () => {
  test('a folder of recordings is told of in few events, its batch first', async () => {
    const engine = new TestEngine();
    const before = engine.events.length;
    const { jobs } = await engine.controller.call('addJobs', { paths: paths(2_500) });
    const told = engine.events.slice(before).filter(({ type }) => type === 'batch' || type === 'added');
    expect(told.map(({ type }) => type)).toEqual(['batch', 'added', 'added', 'added']);
    expect(told.flatMap((event) => (event.type === 'added' ? addedJobs(event) : []))).toEqual(jobs);
    expect(jobs.map(({ sourcePath }) => sourcePath)).toEqual(paths(2_500));
  });

  test('a batch is canceled, what failed in it is tried again, and what is over is removed', async () => {
    const engine = new TestEngine();
    const { batchId, ids } = await batchOf(engine, 4);
    const other = await batchOf(engine, 1);
    await engine.clock.advance(1_000);
    engine.worker.says(`${ids[0]}:1`, { status: 'failed', error: { code: 'DECODE_FAILED', message: 'No.' } });
    await engine.clock.advance(11_000);
    expect((await engine.controller.call('getBatch', { id: batchId })).counts).toMatchObject({ failed: 1 });
    expect(await engine.controller.call('retryJobs', { batchId })).toEqual({ changed: [ids[0]], refused: [] });
    const canceled = await engine.controller.call('cancelJobs', { batchId });
    expect(canceled.changed.toSorted()).toEqual(ids.toSorted());
    expect(statesOf(engine, other.ids)).not.toContain('canceled');
    const removed = await engine.controller.call('removeJobs', { ids: [...ids, ...other.ids, 'nobody'] });
    expect(removed.changed.toSorted()).toEqual(ids.toSorted());
    expect(removed.refused.map(({ error }) => error.code)).toEqual(['CONFLICT', 'NOT_FOUND']);
    await expect(engine.controller.call('cancelJobs', { batchId: 'nobody' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('a batch tells how far it is, without being asked', async () => {
    const engine = new TestEngine();
    const { batchId, ids } = await batchOf(engine, 3);
    await engine.clock.advance(1_000);
    await engine.deliver(ids[0] ?? '');
    await engine.clock.advance(2_000);
    const told = engine.events.findLast((event) => event.type === 'batch');
    expect(told).toMatchObject({
      batch: { id: batchId, jobs: 3, totalSec: 90, processedSec: 30, counts: { complete: 1, running: 2 } },
    });
    expect(engine.events.findLast((event) => event.type === 'queue')).toMatchObject({ queue: { jobs: 3 } });
  });
});

describe('what is done', () => {
  const skipping = (): TestEngine => {
    const engine = new TestEngine();
    engine.settings = {
      ...engine.settings,
      jobDefaults: { ...engine.settings.jobDefaults, whenDone: 'skip' },
    };
    return engine;
  };

  test('is skipped: the same recording with the same options gets the earlier transcript, and says so', async () => {
    const engine = skipping();
    const first = await engine.add('a.wav');
    await engine.clock.advance(1_000);
    await engine.deliver(first, transcriptJson('Hello.'));
    await engine.clock.advance(1_000);
    const second = await engine.add('copy of a.wav');
    await engine.clock.advance(1_000);
    expect(await engine.job(second)).toMatchObject({
      state: 'complete',
      attempt: 0,
      copiedFrom: { jobId: first, name: 'a.wav', finishedAt: expect.any(Number) },
      outputs: [{ path: '/out/a.srt' }],
    });
    // Its documents bear its own name, not the one of the recording that was transcribed.
    expect(await engine.controller.call('getTranscript', { id: second })).toMatchObject({
      text: 'Hello.',
      source: { filename: 'copy of a.wav' },
    });
    expect(engine.worker.submitted).toHaveLength(1);
  });

  test('is done again when a person wants it, or with other options', async () => {
    const engine = skipping();
    const first = await engine.add('a.wav');
    await engine.clock.advance(1_000);
    await engine.deliver(first);
    await engine.clock.advance(1_000);
    for (const options of [{ whenDone: 'again' as const }, { language: 'de' }]) {
      const { jobs } = await engine.controller.call('addJobs', { paths: ['/recordings/a.wav'], options });
      await engine.clock.advance(1_000);
      expect(await engine.job(jobs[0]?.id ?? '')).toMatchObject({ state: 'running', copiedFrom: null });
    }
    // The formats decide about files and not about the transcript.
    const { jobs } = await engine.controller.call('addJobs', {
      paths: ['/recordings/a.wav'],
      options: { formats: ['txt'] },
    });
    await engine.clock.advance(1_000);
    expect(await engine.job(jobs[0]?.id ?? '')).toMatchObject({ state: 'complete', copiedFrom: { jobId: first } });
  });

  test('waits for the very same that is at a worker just now, and takes its turn when that fails', async () => {
    const engine = skipping();
    const { ids } = await batchOf(engine, 3);
    await engine.clock.advance(20_000);
    expect(engine.worker.submitted.map(({ request }) => request.controllerJobId)).toEqual([ids[0]]);
    await engine.controller.call('cancelJob', { id: ids[0] ?? '' });
    await engine.clock.advance(2_000);
    await engine.deliver(ids[1] ?? '');
    await engine.clock.advance(2_000);
    expect(statesOf(engine, ids)).toEqual(['canceled', 'complete', 'complete']);
    expect(await engine.job(ids[2] ?? '')).toMatchObject({ copiedFrom: { jobId: ids[1] } });
  });
});

describe('what no worker can do', () => {
  test('is not said of a worker that still tries what it can do: it is asked again soon, and given the recording then', async () => {
    const engine = new TestEngine();
    engine.worker.ping = { diarization: false, diarizationReason: 'It is being found out.', diarizationChecking: true };
    await engine.clock.advance(10_000);
    const { jobs } = await engine.controller.call('addJobs', { paths: paths(1), options: { diarize: true } });
    const id = jobs[0]?.id ?? '';
    await engine.clock.advance(60_000);
    expect(await engine.job(id)).toMatchObject({ state: 'queued', waiting: null });
    expect(engine.worker.submitted).toEqual([]);
    engine.worker.ping = { diarization: true };
    await engine.clock.advance(2_000);
    expect((await engine.job(id)).state).toBe('running');
  });

  test('waits and names what is missing, holds back nobody else, and goes on when a worker can', async () => {
    const engine = new TestEngine();
    const { jobs } = await engine.controller.call('addJobs', {
      paths: paths(3),
      options: { model: 'large-v3', diarize: true },
    });
    const other = await engine.add('other.wav');
    await engine.clock.advance(5_000);
    expect(await engine.job(jobs[0]?.id ?? '')).toMatchObject({
      state: 'waiting',
      waiting: { reason: 'worker_lacks', message: 'worker.example has no model "large-v3" (it has small).' },
    });
    expect((await engine.job(other)).state).toBe('running');
    expect(engine.store.get(jobs[2]?.id ?? '')?.source).toBeNull();

    engine.worker.ping = {
      models: ['small', 'large-v3'],
      diarization: false,
      diarizationReason: 'HF_TOKEN is not set',
    };
    await engine.clock.advance(30_000);
    expect((await engine.job(jobs[0]?.id ?? '')).state).toBe('waiting');
    engine.worker.ping = { models: ['small', 'large-v3'], diarization: true, maxConcurrentJobs: 4 };
    await engine.clock.advance(30_000);
    expect(
      statesOf(
        engine,
        jobs.map(({ id }) => id),
      ),
    ).toEqual(['running', 'running', 'running']);
  });
});

test('a recording that is canceled or paused while it is hashed makes room for others at once', async () => {
  const engine = new TestEngine();
  let begun = 0;
  engine.prepare = (signal) => {
    begun += 1;
    // As long as nobody ends it: two that are huge, and no third at the same time.
    if (begun > 2) return SOURCE;
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new AppError('USER_CANCELED'))));
  };
  const huge = await engine.add('huge.wav');
  const paused = await engine.add('paused.wav');
  const small = await engine.add('small.wav');
  await engine.clock.advance(60_000);
  expect((await engine.job(small)).state).toBe('queued');
  await engine.controller.call('pauseJobs', { ids: [paused] });
  await engine.clock.advance(100);
  expect((await engine.job(small)).state).toBe('running');
  await engine.controller.call('cancelJob', { id: huge });
  await engine.controller.call('resumeJobs', { ids: [paused] });
  await engine.clock.advance(100);
  expect((await engine.job(paused)).state).toBe('running');
  expect((await engine.job(huge)).state).toBe('canceled');
});

test('what is heard of an attempt that is over is not kept', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  expect(engine.facing.sent(id, 1, 500, 500)).toBe(true);
  expect((await engine.job(id)).progress.sentBytes).toBe(500);
  await engine.controller.call('cancelJob', { id });
  // A piece that was on its way; and no more is to follow it.
  expect(engine.facing.sent(id, 1, 700, 200)).toBe(false);
  expect((await engine.job(id)).progress.sentBytes).toBeNull();
});

describe('the clock of the computer', () => {
  test.each([-24 * 3_600_000, 24 * 3_600_000, -3_600_000])(
    'may jump by %i ms and nothing is lost or waits for it',
    async (jump) => {
      const engine = new TestEngine();
      engine.prepare = () => {
        throw new AppError('SOURCE_MISSING', 'The drive is gone.');
      };
      const away = await engine.add('away.wav');
      await engine.clock.advance(1_000);
      engine.prepare = () => SOURCE;
      const running = await engine.add('running.wav');
      await engine.clock.advance(1_000);
      engine.clock.jump(jump);
      await engine.clock.advance(35_000);
      expect(await engine.job(running)).toMatchObject({ state: 'running', attempt: 1 });
      expect((await engine.job(away)).state).toBe('running');
      await engine.deliver(running);
      await engine.clock.advance(1_000);
      expect((await engine.job(running)).state).toBe('complete');
      expect(engine.worker.canceled).toEqual([]);
    },
  );
});
