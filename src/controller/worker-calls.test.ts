import { expect, test } from 'vitest';
import { REMOTE, TestEngine } from './engine.cases.ts';

const remote = async (engine: TestEngine) => {
  const { workers } = await engine.controller.call('listWorkers', {});
  const found = workers.find(({ kind }) => kind === 'environment');
  if (found === undefined) throw new Error('There is no remote worker.');
  return found;
};

test('a worker that is drained finishes what it has and gets nothing new', async () => {
  const engine = new TestEngine();
  const first = await engine.add('a.wav');
  await engine.clock.advance(1_000);
  const { id } = await remote(engine);
  const drained = await engine.controller.call('drainWorker', { id });
  expect(drained).toMatchObject({ drainedSince: engine.clock.now(), jobs: 1 });
  const second = await engine.add('b.wav');
  await engine.deliver(first);
  await engine.clock.advance(30_000);
  expect((await engine.job(first)).state).toBe('complete');
  expect(engine.worker.submitted).toHaveLength(1);
  const kept = await engine.add('kept.wav');
  await engine.clock.advance(2_000);
  expect((await engine.job(kept)).waiting).toMatchObject({
    reason: 'no_worker',
    message: 'worker.example is drained: it takes no new recordings until you resume its work.',
  });
  await engine.controller.call('undrainWorker', { id });
  await engine.clock.advance(5_000);
  expect((await engine.job(second)).state).toBe('running');
});

test('what push_worker.sh printed becomes what is expected, of one worker or of all; the nearer one counts', async () => {
  const engine = new TestEngine();
  await engine.clock.advance(1_000);
  const { id } = await remote(engine);
  await engine.controller.call('expectIdentityOfAll', { pasted: 'EXPECTED_WORKER_GIT_COMMIT=1111111\n' });
  expect(await remote(engine)).toMatchObject({
    expectedFrom: 'all',
    verdict: { matches: false, reason: "gitCommit: expected '1111111', got 'b4b98e5'" },
  });
  const own = await engine.controller.call('expectIdentity', { id, pasted: '  Commit      b4b98e5\r\n' });
  expect(own).toMatchObject({ expectedFrom: 'worker', verdict: { matches: true }, mismatchSince: null });
  expect((await engine.controller.call('expectIdentity', { id, identity: null })).expectedFrom).toBe('all');
  await expect(engine.controller.call('expectIdentity', { id, pasted: 'hello' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
});

test('only a worker that a person added is changed or removed', async () => {
  const engine = new TestEngine();
  const { id } = await remote(engine);
  await expect(engine.controller.call('editWorker', { id, name: 'x' })).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(engine.controller.call('editWorker', { id: 'nobody', name: 'x' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('a name and a password in an address are refused: they would be shown, and never sent', async () => {
  const engine = new TestEngine();
  const worker = { name: 'lab', token: 'a token of its own' };
  for (const url of ['https://anna:secret@lab.example', 'https://anna@lab.example:8477', 'http://:secret@127.0.0.1'])
    await expect(engine.controller.call('addWorker', { ...worker, url })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining('no name and password'),
    });
  expect(await engine.controller.call('addWorker', { ...worker, url: 'https://lab.example:8477/@a:b' })).toMatchObject({
    url: 'https://lab.example:8477/@a:b',
  });
});

test('a worker is there once, whatever its address is written like', async () => {
  const engine = new TestEngine();
  const there = { code: 'CONFLICT', message: 'This worker is there already: worker.example.' };
  const add = (url: string) => engine.controller.call('addWorker', { name: 'again', url, token: REMOTE.token });
  await expect(add(REMOTE.url)).rejects.toMatchObject(there);
  await expect(add('HTTP://Worker.Example:80/')).rejects.toMatchObject(there);
  const { id } = await add('http://another.example');
  await expect(engine.controller.call('editWorker', { id, url: REMOTE.url, token: 't' })).rejects.toMatchObject(there);
  await engine.controller.call('editWorker', { id, url: 'http://another.example', token: 't' });
});
