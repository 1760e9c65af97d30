import { expect, test } from 'vitest';
import { TestEngine } from './engine.cases.ts';

test('a job in which nothing moves for the time allowed is given up and tried once more', async () => {
  const engine = new TestEngine();
  engine.settings = { ...engine.settings, workerTimeoutSeconds: 60 };
  const id = await engine.add();
  await engine.clock.advance(90_000);
  expect(engine.worker.canceled).toContain(`wk_${id}:1`);
  expect(engine.store.get(id)).toMatchObject({ attempt: 2 });
});

test('the time allowed runs on while links are renewed and lines are cut, and is that of the settings', async () => {
  const engine = new TestEngine();
  expect(engine.settings.workerTimeoutSeconds).toBe(7_200);
  const id = await engine.add();
  for (let minute = 0; minute < 115; minute += 1) {
    await engine.clock.advance(60_000);
    if (minute % 10 !== 0) continue;
    engine.worker.setTunnel('connecting');
    await engine.clock.advance(1_000);
    engine.worker.setTunnel('open');
  }
  expect(engine.store.get(id)).toMatchObject({ state: 'running', attempt: 1 });
  await engine.clock.advance(10 * 60_000);
  expect(engine.worker.canceled).toContain(`wk_${id}:1`);
  expect(engine.store.get(id)).toMatchObject({ attempt: 2 });
});

test('a recording that stands in line behind a long one is not given up, and one that nothing holds up is', async () => {
  const engine = new TestEngine();
  engine.settings = { ...engine.settings, workerTimeoutSeconds: 600 };
  const long = await engine.add('long.wav');
  const next = await engine.add('next.wav');
  await engine.clock.advance(1_000);
  engine.worker.says(`${next}:1`, { stage: 'initializing' });
  for (let minute = 0; minute < 60; minute += 1) {
    engine.worker.says(`${long}:1`, { progress: { processedSec: minute } });
    await engine.clock.advance(60_000);
  }
  expect(engine.store.get(next)).toMatchObject({ state: 'running', stage: 'initializing', attempt: 1 });
  await engine.deliver(long);
  await engine.clock.advance(11 * 60_000);
  expect(engine.store.get(next)).toMatchObject({ attempt: 2 });
});

/** The worker says in its stream that it has heard so much. */
function says(engine: TestEngine, processedSec: number): void {
  const data = { status: 'running', stage: 'transcribing', processedSec, percent: processedSec } as const;
  engine.worker.events.push({ id: engine.worker.events.length + 1, event: { event: 'progress', data } });
}

test('one whose events only say again what its status says is given up too', async () => {
  const engine = new TestEngine();
  engine.settings = { ...engine.settings, workerTimeoutSeconds: 60 };
  const id = await engine.add();
  await engine.clock.advance(1_000);
  engine.worker.says(`${id}:1`, { progress: { processedSec: 7, percent: 7, chunkIndex: 3 } });
  for (let second = 0; second < 90; second += 2) {
    says(engine, 7);
    await engine.clock.advance(2_000);
  }
  expect(engine.worker.canceled).toContain(`wk_${id}:1`);
});

test.each(['its events', 'its status'])('one that moves is not given up, though only %s tell it', async (what) => {
  const engine = new TestEngine();
  engine.settings = { ...engine.settings, workerTimeoutSeconds: 60 };
  const id = await engine.add();
  await engine.clock.advance(1_000);
  for (let second = 0; second < 240; second += 20) {
    if (what === 'its events') says(engine, second);
    else engine.worker.says(`${id}:1`, { progress: { chunkIndex: second } });
    await engine.clock.advance(20_000);
  }
  expect(engine.worker.canceled).toEqual([]);
  expect(engine.store.get(id)).toMatchObject({ state: 'running', attempt: 1 });
});

test('fresh links are posted before the old ones run out', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(25 * 60_000);
  expect(engine.worker.submitted.length).toBeGreaterThanOrEqual(2);
  expect(new Set(engine.worker.submitted.map(({ key }) => key))).toEqual(new Set([`${id}:1`]));
});
