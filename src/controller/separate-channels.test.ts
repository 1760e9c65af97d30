import { expect, test } from 'vitest';
import { SOURCE } from '../jobs/job.cases.ts';
import { TestEngine } from './engine.cases.ts';
import { MemoryJobStore } from './memory-store.cases.ts';
import { ScriptedWorker } from './scripted-worker.cases.ts';

/** An engine whose recordings have a voice on each channel, and whose user asks for speakers. */
function engineOfCalls(distinctChannels: boolean | null = true, diarization = true): TestEngine {
  const worker = new ScriptedWorker();
  worker.ping = { diarization, features: ['tunnel', 'events', 'channels'] };
  const engine = new TestEngine(new MemoryJobStore(), worker);
  const media = { container: 'WAVE', tracks: [], track: 1, startSec: 0, distinctChannels, truncated: false };
  engine.prepare = () => ({ ...SOURCE, media });
  engine.settings = { ...engine.settings, jobDefaults: { ...engine.settings.jobDefaults, diarize: true } };
  return engine;
}

const asked = (engine: TestEngine) => engine.worker.submitted.at(-1)?.request.options;

test('a recording at the worker is taken back and begun anew, channel by channel', async () => {
  const engine = engineOfCalls();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  expect(asked(engine)).toMatchObject({ channels: 'mix', diarizationEnabled: true });
  await engine.controller.call('separateChannels', { id });
  await engine.clock.advance(1_000);
  expect(engine.worker.canceled).toContain(`wk_${id}:1`);
  expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 2 });
  expect(asked(engine)).toMatchObject({ channels: 'separate', diarizationEnabled: false });
  expect((await engine.job(id)).options).toMatchObject({ channels: 'separate', diarize: false });
  // It was taken: there is nothing to take any more.
  await expect(engine.controller.call('separateChannels', { id })).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('one that waits for a worker that tells voices apart is looked into, and needs none any more', async () => {
  const engine = engineOfCalls(true, false);
  const id = await engine.add();
  await engine.clock.advance(1_000);
  expect((await engine.job(id)).waiting?.reason).toBe('worker_lacks');
  await expect(engine.controller.call('separateChannels', { id })).rejects.toMatchObject({ code: 'NOT_A_RECORDING' });
  const media = { container: 'WAVE', tracks: [], track: 1, startSec: 0, distinctChannels: true, truncated: false };
  engine.probe = () => ({ sizeBytes: 1, contentType: 'audio/wav', durationSec: 1, media });
  await engine.controller.call('separateChannels', { id });
  await engine.clock.advance(1_000);
  expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 1 });
  expect(asked(engine)).toMatchObject({ channels: 'separate', diarizationEnabled: false });
});

test.each([false, null])('a recording with channels that are not known to differ (%s) is left as it is', async (is) => {
  const engine = engineOfCalls(is);
  const id = await engine.add();
  await engine.clock.advance(1_000);
  await expect(engine.controller.call('separateChannels', { id })).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 1 });
});

test('one that is done is left as it is', async () => {
  const engine = engineOfCalls();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  await engine.deliver(id);
  await engine.clock.advance(1_000);
  await expect(engine.controller.call('separateChannels', { id })).rejects.toMatchObject({ code: 'CONFLICT' });
  expect((await engine.job(id)).state).toBe('complete');
});
