import { expect, test } from 'vitest';
import { AppError } from '../contract/errors.ts';
import { SOURCE } from '../jobs/job.cases.ts';
import { TestEngine } from './engine.cases.ts';

test('a recording that is away is waited for, however long, without a word in its history', async () => {
  const engine = new TestEngine();
  const gone = () => {
    throw new AppError('SOURCE_MISSING', 'The drive is gone.');
  };
  const { identify } = engine;
  Object.assign(engine, { prepare: gone, identify: gone });
  const id = await engine.add();
  await engine.clock.advance(1_000);
  expect(await engine.job(id)).toMatchObject({ state: 'waiting', waiting: { reason: 'source_missing' } });
  const { revision } = engine.store.get(id) ?? {};
  await engine.clock.advance(24 * 3_600_000);
  expect(engine.store.get(id)).toMatchObject({ state: 'waiting', revision });
  Object.assign(engine, { prepare: () => SOURCE, identify });
  await engine.clock.advance(16_000);
  expect((await engine.job(id)).state).toBe('running');
});

test('a recording that is still written to is looked at when it has been still for a while', async () => {
  const engine = new TestEngine();
  const { identify } = engine;
  let looked = 0;
  let size = 0;
  engine.prepare = () => {
    looked += 1;
    if (looked === 1) throw new AppError('SOURCE_CHANGED');
    return SOURCE;
  };
  engine.identify = (path) => {
    size += 1;
    return { ...identify(path), file: { ...identify(path).file, sizeBytes: size } };
  };
  const id = await engine.add();
  await engine.clock.advance(600_000);
  expect([looked, (await engine.job(id)).waiting?.reason]).toEqual([1, 'source_missing']);
  engine.identify = identify;
  await engine.clock.advance(35_000);
  expect([looked, (await engine.job(id)).state]).toEqual([2, 'running']);
});

test('a folder that does not answer keeps nobody from finding what lies in another', async () => {
  const engine = new TestEngine();
  engine.prepare = () => {
    throw new AppError('SOURCE_MISSING');
  };
  const hung = await engine.add('../hung/a.wav');
  const found = await engine.add('b.wav');
  let asked = 0;
  engine.identify = (path) => {
    if (path.includes('hung')) {
      asked += 1;
      return new Promise(() => undefined) as never;
    }
    throw new AppError('SOURCE_MISSING');
  };
  await engine.clock.advance(100_000);
  Object.assign(engine, { prepare: () => SOURCE, identify: engine.identify });
  const { identify } = new TestEngine();
  const before = engine.identify;
  engine.identify = (path) => (path.includes('hung') ? before(path) : identify(path));
  await engine.clock.advance(30_000);
  expect((await engine.job(found)).state).toBe('running');
  expect((await engine.job(hung)).waiting?.reason).toBe('source_missing');
  expect(asked).toBe(1);
});

test('a recording that is away goes on from where a person finds it', async () => {
  const engine = new TestEngine();
  engine.prepare = () => {
    throw new AppError('SOURCE_MISSING');
  };
  const id = await engine.add();
  await engine.clock.advance(1_000);
  engine.prepare = () => SOURCE;
  await expect(engine.controller.call('locateJob', { id, path: 'a.wav' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
  const located = await engine.controller.call('locateJob', { id, path: '/elsewhere/a.wav' });
  expect(located).toMatchObject({ state: 'queued', sourcePath: '/elsewhere/a.wav' });
  await engine.clock.advance(1_000);
  expect((await engine.job(id)).state).toBe('running');
  await expect(engine.controller.call('locateJob', { id, path: '/elsewhere/a.wav' })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
});

test('the recording of a finished transcript may lie elsewhere, and must be the same one', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  await engine.deliver(id);
  await engine.clock.advance(0);
  engine.prepare = () => ({ ...SOURCE, sha256: 'b'.repeat(64) });
  await expect(engine.controller.call('locateJob', { id, path: '/other/a.wav' })).rejects.toMatchObject({
    code: 'NOT_THE_RECORDING',
  });
  expect((await engine.job(id)).sourcePath).toBe('/recordings/a.wav');
  engine.prepare = () => ({ ...SOURCE, mtimeMs: 99_000 });
  await engine.controller.call('locateJob', { id, path: '/other/b.wav' });
  expect(await engine.job(id)).toMatchObject({ state: 'complete', sourcePath: '/other/b.wav', hasTranscript: true });
  engine.identify = (path) => ({
    file: { realPath: path, device: '1', inode: '2', sizeBytes: SOURCE.sizeBytes, mtimeNs: '99000000000' },
    contentType: SOURCE.contentType,
  });
  expect((await engine.controller.call('openMedia', { id })).changed).toBe(false);
});
