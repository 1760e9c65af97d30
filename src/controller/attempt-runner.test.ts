import { expect, test } from 'vitest';
import { AppError } from '../contract/errors.ts';
import { TestEngine, transcriptJson } from './engine.cases.ts';
import { MemoryJobStore } from './memory-store.cases.ts';
import { WorkerRefusal } from './ports.ts';
import { ScriptedWorker } from './scripted-worker.cases.ts';

const unreachable = () => new AppError('REMOTE_WORKER_UNREACHABLE', 'Nobody answers.');

test('what is canceled while its offer is under way is canceled at the worker as soon as that has a name for it', async () => {
  const engine = new TestEngine();
  const answer = Promise.withResolvers<void>();
  engine.worker.slow = answer.promise;
  const id = await engine.add();
  await engine.clock.advance(100);
  expect((await engine.job(id)).state).toBe('dispatching');
  await engine.controller.call('cancelJob', { id });
  await engine.clock.advance(100);
  answer.resolve();
  await engine.clock.advance(100);
  expect(engine.worker.canceled).toEqual([`wk_${id}:1`]);
});

test('a job whose worker is removed while it does not answer goes back into the queue', async () => {
  const engine = new TestEngine();
  engine.settings = { ...engine.settings, workerMode: 'required' };
  const worker = await engine.controller.call('addWorker', { name: 'b', url: 'http://b', token: 't' });
  await engine.clock.advance(100);
  await engine.controller.call('drainWorker', { id: 'environment' });
  const id = await engine.add();
  await engine.clock.advance(1_000);
  expect(await engine.job(id)).toMatchObject({ state: 'running', workerId: worker.id });
  engine.worker.down = unreachable();
  engine.worker.setTunnel('closed');
  await engine.clock.advance(60_000);
  expect(await engine.job(id)).toMatchObject({ state: 'waiting', waiting: { reason: 'worker_unreachable' } });
  await engine.controller.call('removeWorker', { id: worker.id });
  await engine.controller.call('undrainWorker', { id: 'environment' });
  engine.worker.down = null;
  engine.worker.setTunnel('open');
  await engine.clock.advance(120_000);
  expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 2, workerId: 'environment' });
});

test.each([
  ['too many requests', () => new WorkerRefusal('REMOTE_WORKER_CAPACITY', 'Too many requests.', 3_000)],
  ['something that is no answer to it', () => new WorkerRefusal('REMOTE_DISPATCH_FAILED', 'Too early.', null)],
])('a gateway that answers %s to a question about a job that is at work ends nothing', async (_what, refusal) => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  let times = 2;
  engine.worker.onStatus = () => {
    times -= 1;
    if (times >= 0) throw refusal();
  };
  await engine.clock.advance(60_000);
  expect(times).toBeLessThan(0);
  expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 1 });
});

test('only failures in a row are a reason to say that a worker does not answer', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  let asked = 0;
  engine.worker.onStatus = () => {
    asked += 1;
    if (asked % 4 === 0) throw unreachable();
  };
  const waits = () => engine.events.filter((event) => event.type === 'job' && event.job.state === 'waiting').length;
  await engine.clock.advance(300_000);
  expect(asked).toBeGreaterThan(40);
  expect(waits()).toBe(0);
  expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 1 });
});

test('a queue that cannot be written is no word about the recording', async () => {
  const store = new MemoryJobStore();
  const engine = new TestEngine(store);
  const real = store.together.bind(store);
  let times = 0;
  store.together = async (write, committed) => {
    times += 1;
    if (times === 2) throw new AppError('DISK_FULL');
    return real(write, committed);
  };
  const id = await engine.add();
  await engine.clock.advance(10_000);
  expect(await engine.job(id)).toMatchObject({ state: 'running' });
  await engine.deliver(id, transcriptJson());
});

test('a recording of which no copy can be made for want of room waits, and none is begun behind it', async () => {
  const engine = new TestEngine();
  let looks = 0;
  engine.prepare = () => {
    looks += 1;
    throw new AppError('DISK_FULL');
  };
  const ids = [
    await engine.add('a.mp4'),
    await engine.add('b.mp4'),
    await engine.add('c.mp4'),
    await engine.add('d.mp4'),
  ];
  await engine.clock.advance(600_000);
  const jobs = await Promise.all(ids.map((id) => engine.job(id)));
  expect(jobs.map(({ state }) => state)).not.toContain('failed');
  expect(jobs[0]).toMatchObject({ state: 'waiting', waiting: { reason: 'disk_full' } });
  expect(jobs[0]?.waiting?.since).toBeLessThan(engine.clock.now() - 590_000);
  expect(jobs[3]?.state).toBe('queued');
  expect(looks).toBeLessThan(40);
});

test('a job whose worker loses its way to this computer just while it is asked goes on when there is one again', async () => {
  const engine = new TestEngine();
  engine.worker.cloudflared = 'https://one.example';
  await engine.controller.call('putSettings', { tunnel: 'cloudflared' });
  const id = await engine.add();
  await engine.clock.advance(1_000);
  expect((await engine.job(id)).state).toBe('running');
  const moves = ['https://two.example', null];
  engine.worker.onStatus = () => {
    const [base = null] = moves.splice(0, 1);
    if (base === null) engine.worker.cloudflared = null;
    else engine.worker.moveTo(base);
  };
  await engine.clock.advance(10_000);
  expect((await engine.job(id)).state).not.toBe('failed');
  engine.worker.onStatus = () => undefined;
  engine.worker.moveTo('https://three.example');
  await engine.clock.advance(30_000);
  expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 1 });
});

test('a recording is not blamed for a worker that a person replaced by another', async () => {
  const engine = new TestEngine();
  const { id: workerId } = await engine.controller.call('addWorker', { name: 'b', url: 'http://b1', token: 't' });
  await engine.controller.call('drainWorker', { id: 'environment' });
  const id = await engine.add();
  await engine.clock.advance(1_000);
  for (const url of ['http://b2', 'http://b3']) {
    expect(await engine.job(id)).toMatchObject({ state: 'running', stage: 'transcribing' });
    engine.worker.jobs.clear();
    await engine.controller.call('editWorker', { id: workerId, url, token: 't' });
    await engine.clock.advance(30_000);
  }
  expect(engine.store.get(id)).toMatchObject({ state: 'running', attempt: 3, workerDeaths: 0 });
});

test('with another model a recording that was found not to be done may be done', async () => {
  const worker = new ScriptedWorker();
  worker.ping = { models: ['small', 'medium'] };
  const engine = new TestEngine(new MemoryJobStore(), worker);
  engine.settings = {
    ...engine.settings,
    jobDefaults: { ...engine.settings.jobDefaults, model: 'medium', whenDone: 'skip' },
  };
  const done = await engine.add('done.wav');
  await engine.clock.advance(1_000);
  await engine.deliver(done);
  await engine.clock.advance(100);
  engine.settings = {
    ...engine.settings,
    jobDefaults: { ...engine.settings.jobDefaults, model: 'small', whenDone: 'again' },
  };
  const first = await engine.add('first.wav');
  const second = await engine.add('second.wav');
  await engine.clock.advance(1_000);
  engine.settings = { ...engine.settings, jobDefaults: { ...engine.settings.jobDefaults, whenDone: 'skip' } };
  const third = await engine.add('third.wav');
  await engine.clock.advance(1_000);
  expect((await engine.job(third)).state).toBe('queued');
  await engine.controller.call('chooseModel', { ids: [third], model: 'medium' });
  await engine.controller.call('cancelJobs', { ids: [first, second] });
  await engine.clock.advance(1_000);
  expect(await engine.job(third)).toMatchObject({ state: 'complete', copiedFrom: { jobId: done } });
});

test('a proxy that lets no events through is not asked for them all the time, and fills no log', async () => {
  const engine = new TestEngine();
  let opened = 0;
  engine.worker.onEvents = () => {
    opened += 1;
    throw unreachable();
  };
  await engine.add();
  await engine.clock.advance(600_000);
  expect(opened).toBeGreaterThan(15);
  expect(opened).toBeLessThan(30);
  expect(engine.logged.filter((event) => event === 'event_stream_broken')).toHaveLength(1);
});

test('a worker that others keep full for a night is not offered every recording again and again', async () => {
  const engine = new TestEngine();
  engine.worker.ping = { maxConcurrentJobs: 2, prefetchJobs: 2 };
  await engine.clock.advance(6_000);
  engine.worker.refuses = new WorkerRefusal('REMOTE_WORKER_CAPACITY', 'Full.', 2_000);
  const ids = [];
  for (const name of ['a', 'b', 'c', 'd']) ids.push(await engine.add(`${name}.wav`));
  await engine.clock.advance(3_600_000);
  expect(engine.worker.submitted.length).toBeGreaterThan(100);
  expect(engine.worker.submitted.length).toBeLessThan(140);
  // How long it has lasted, whatever was tried in between.
  const hour = engine.clock.now() - 3_600_000;
  const waits = (await Promise.all(ids.map((id) => engine.job(id)))).flatMap(({ waiting }) => waiting ?? []);
  expect(waits.map(({ reason }) => reason)).toContain('no_capacity');
  for (const { since } of waits) expect(since).toBeLessThan(hour + 60_000);
  engine.worker.refuses = null;
  // The first that is taken shows that there is room, and the others follow.
  await engine.clock.advance(40_000);
  expect((await Promise.all(ids.map((id) => engine.job(id)))).map(({ state }) => state)).toEqual([
    'running',
    'running',
    'running',
    'running',
  ]);
});

test('a recording that was at work beside one that kills the worker is not blamed for it twice', async () => {
  const worker = new ScriptedWorker();
  worker.ping = { maxConcurrentJobs: 2, prefetchJobs: 0 };
  const engine = new TestEngine(new MemoryJobStore(), worker);
  const poison = await engine.add('poison.wav');
  const ids = [poison];
  for (const name of ['a', 'b', 'c', 'd']) ids.push(await engine.add(`${name}.wav`));
  const states = async (): Promise<string[]> =>
    (await Promise.all(ids.map((id) => engine.job(id)))).map(({ state }) => state);
  for (let round = 0; round < 20; round += 1) {
    await engine.clock.advance(10_000);
    const atWork = engine.store.inHand().filter(({ open, stage }) => open !== null && stage === 'transcribing');
    // It kills the worker before anything beside it is done.
    if (atWork.some(({ id }) => id === poison)) worker.jobs.clear();
    else for (const { id } of atWork) await engine.deliver(id);
    await engine.clock.advance(0);
  }
  expect(await states()).toEqual(['failed', 'complete', 'complete', 'complete', 'complete']);
  expect(await engine.job(poison)).toMatchObject({ error: { code: 'POISONED' } });
});

test('who answers in the place of a worker that it knows no job takes none away', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  const { jobs } = engine.worker;
  const mine = new Map(jobs);
  jobs.clear();
  engine.worker.unknownBoot = null;
  await engine.clock.advance(600_000);
  expect(await engine.job(id)).toMatchObject({ state: 'waiting', attempt: 1 });
  for (const [key, job] of mine) jobs.set(key, job);
  await engine.clock.advance(60_000);
  expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 1 });
});

test('a worker that forgot a job without having died is not counted as a death', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  engine.worker.unknownBoot = 'boot-1';
  for (let time = 0; time < 3; time += 1) {
    await engine.clock.advance(60_000);
    engine.worker.jobs.clear();
  }
  await engine.clock.advance(60_000);
  expect(engine.store.get(id)).toMatchObject({ state: 'running', attempt: 4, workerDeaths: 0 });
});
