import { expect, test } from 'vitest';
import { AppError } from '../contract/errors.ts';
import { SOURCE } from '../jobs/job.cases.ts';
import { TestEngine, transcriptJson } from './engine.cases.ts';
import { MemoryJobStore } from './memory-store.cases.ts';
import { WorkerRefusal } from './ports.ts';
import { ScriptedWorker } from './scripted-worker.cases.ts';

const unreachable = () => new AppError('REMOTE_WORKER_UNREACHABLE', 'Nobody answers.');

test('a recording goes from the queue through the worker to its files', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  expect(await engine.job(id)).toMatchObject({
    state: 'running',
    stage: 'transcribing',
    attempt: 1,
    workerName: 'worker.example',
  });
  expect(engine.worker.submitted).toHaveLength(1);
  expect(engine.worker.submitted[0]).toMatchObject({
    key: `${id}:1`,
    request: { attempt: 1, inputs: [{ sha256: SOURCE.sha256 }] },
  });

  await engine.deliver(id);
  await engine.clock.advance(0);
  expect(await engine.job(id)).toMatchObject({
    state: 'complete',
    hasTranscript: true,
    outputs: [{ format: 'srt', path: '/out/a.srt' }],
  });
  const states = engine.events.flatMap((event) => (event.type === 'job' ? [event.job.state] : []));
  expect([...new Set(states)]).toEqual(['queued', 'preparing', 'dispatching', 'running', 'receiving', 'complete']);
});

test('a full worker is a reason to wait, costs no retry, and is asked again when it said', async () => {
  const engine = new TestEngine();
  engine.worker.refuses = new WorkerRefusal('REMOTE_WORKER_CAPACITY', 'Full.', 7_000);
  const id = await engine.add();
  await engine.clock.advance(1_000);
  expect(await engine.job(id)).toMatchObject({ state: 'waiting', waiting: { reason: 'no_capacity' } });
  expect(engine.worker.submitted).toHaveLength(1);
  await engine.clock.advance(30_000);
  expect(engine.worker.submitted.length).toBeGreaterThan(3);
  expect(engine.worker.submitted.length).toBeLessThan(8);
  expect(engine.store.get(id)?.retries).toBe(0);

  engine.worker.refuses = null;
  await engine.clock.advance(20_000);
  expect((await engine.job(id)).state).toBe('running');
});

test('a cap of money is a reason to wait that says itself, and is asked about as long as it holds', async () => {
  const engine = new TestEngine();
  engine.cap = 'cap_batch';
  const id = await engine.add();
  await engine.clock.advance(5_000);
  expect(await engine.job(id)).toMatchObject({ state: 'waiting', waiting: { reason: 'cap_batch' }, attempt: 0 });
  const told = engine.events.filter((event) => event.type === 'job' && event.job.state === 'waiting').length;
  expect(told).toBe(1);
  engine.cap = 'cap_day';
  await engine.clock.advance(2_000);
  expect((await engine.job(id)).waiting?.reason).toBe('cap_day');

  engine.cap = null;
  await engine.clock.advance(2_000);
  expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 1 });
});

test('a worker that falls silent leaves its attempt open; the same attempt goes on when it answers', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  engine.worker.down = unreachable();
  engine.worker.setTunnel('connecting');
  await engine.clock.advance(60_000);
  expect(await engine.job(id)).toMatchObject({
    state: 'waiting',
    waiting: { reason: 'worker_unreachable' },
    attempt: 1,
  });

  engine.worker.down = null;
  engine.worker.setTunnel('open');
  await engine.clock.advance(60_000);
  expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 1 });
  expect(new Set(engine.worker.submitted.map(({ key }) => key))).toEqual(new Set([`${id}:1`]));
});

test('a refused token stops at once and says so; nothing is failed', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  engine.worker.down = new AppError('REMOTE_WORKER_UNAUTHORIZED');
  await engine.clock.advance(20_000);
  expect(await engine.job(id)).toMatchObject({ state: 'waiting', waiting: { reason: 'worker_unauthorized' } });
});

test('a worker that refused the token is not asked again until a person has it checked, and then goes on', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  engine.worker.down = new AppError('REMOTE_WORKER_UNAUTHORIZED');
  await engine.clock.advance(20_000);
  const { asked } = engine.worker;
  await engine.clock.advance(1_200_000);
  expect(engine.worker.asked).toBe(asked);
  const worker = (await engine.controller.call('listWorkers', {})).workers.find(({ kind }) => kind === 'environment');
  expect(worker).toMatchObject({ health: 'unauthorized', error: { code: 'REMOTE_WORKER_UNAUTHORIZED' } });
  const check = engine.controller.call('checkWorker', { id: worker?.id ?? '' });
  await engine.clock.advance(0);
  expect((await check).health).toBe('unauthorized');
  expect(engine.worker.asked).toBe(asked + 1);
  engine.worker.down = null;
  const again = engine.controller.call('checkWorker', { id: worker?.id ?? '' });
  await engine.clock.advance(0);
  expect((await again).health).toBe('ok');
  await engine.clock.advance(5_000);
  expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 1 });
});

test('a worker whose ping is open to all is left alone when it refuses its tunnel', async () => {
  const engine = new TestEngine();
  await engine.clock.advance(1_000);
  engine.worker.tunnelRefused = true;
  engine.worker.setTunnel('closed');
  const { asked } = engine.worker;
  await engine.clock.advance(600_000);
  expect(engine.worker.asked).toBe(asked);
  const { workers } = await engine.controller.call('listWorkers', {});
  expect(workers.find(({ kind }) => kind === 'environment')?.health).toBe('unauthorized');
});

test('a job that the worker no longer knows is offered again under a new number, and set aside after two deaths', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  engine.worker.jobs.clear();
  await engine.clock.advance(15_000);
  expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 2 });
  engine.worker.says(`${id}:2`, {
    status: 'failed',
    error: { code: 'WORKER_RESTARTED', message: 'It was restarted.' },
  });
  await engine.clock.advance(15_000);
  expect(await engine.job(id)).toMatchObject({ state: 'failed', error: { code: 'POISONED' } });
});

test('"complete" without a transcript is not believed', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  engine.worker.says(`${id}:1`, { status: 'complete', stage: 'complete' });
  await engine.clock.advance(11_000);
  expect(await engine.job(id)).toMatchObject({ attempt: 2, hasTranscript: false });
});

test('what fails for good fails with its reason, and a retry begins anew', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  engine.worker.says(`${id}:1`, {
    status: 'failed',
    error: { code: 'DECODE_FAILED', message: 'This is no recording.' },
  });
  await engine.clock.advance(11_000);
  expect(await engine.job(id)).toMatchObject({
    state: 'failed',
    error: { code: 'NOT_A_RECORDING', message: 'This is no recording.' },
  });
  await engine.controller.call('retryJob', { id });
  await engine.clock.advance(1_000);
  expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 2, error: null });
});

test('a delivery is acknowledged again for the same bytes and refused for others, for old attempts and for another recording', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  await expect(engine.facing.deliver(id, 2, transcriptJson())).rejects.toThrow(
    expect.objectContaining({ code: 'CONFLICT' }),
  );
  await expect(engine.deliver(id, transcriptJson('Hello.', 'b'.repeat(64)))).rejects.toThrow(
    expect.objectContaining({ code: 'TRANSCRIPT_INVALID' }),
  );
  await expect(engine.deliver(id, { json: '{', sha256: '0'.repeat(64) })).rejects.toThrow(
    expect.objectContaining({ code: 'TRANSCRIPT_INVALID' }),
  );
  expect((await engine.job(id)).state).toBe('running');

  await engine.deliver(id);
  await engine.deliver(id);
  await engine.clock.advance(0);
  await engine.deliver(id);
  await expect(engine.deliver(id, transcriptJson('Something else.'))).rejects.toThrow(
    expect.objectContaining({ code: 'CONFLICT' }),
  );
  expect((await engine.controller.call('getTranscript', { id })).text).toBe('Hello.');
});

test('only the token of the job’s own worker opens the routes', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  expect(engine.facing.authorized(id, 'another token')).toBe(false);
  expect(engine.facing.authorized('job_of_nobody', 'the token of the worker')).toBe(false);
  expect(engine.facing.authorized(id, 'the token of the worker')).toBe(true);
});

test('a canceled job is canceled at the worker, and its late transcript is refused', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  await engine.controller.call('cancelJob', { id });
  await engine.clock.advance(100);
  expect(engine.worker.canceled).toEqual([`wk_${id}:1`]);
  expect(() => engine.facing.source(id, 1)).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
  await expect(engine.facing.deliver(id, 1, transcriptJson())).rejects.toThrow(
    expect.objectContaining({ code: 'CONFLICT' }),
  );
  expect((await engine.job(id)).state).toBe('canceled');
});

test('a file that cannot be written fails the job but keeps the transcript; the retry needs no worker', async () => {
  const engine = new TestEngine();
  engine.write = () => {
    throw new AppError('EXPORT_FAILED', 'The folder may not be written.');
  };
  const id = await engine.add();
  await engine.clock.advance(1_000);
  await engine.deliver(id);
  await engine.clock.advance(0);
  expect(await engine.job(id)).toMatchObject({
    state: 'failed',
    error: { code: 'EXPORT_FAILED' },
    hasTranscript: true,
  });
  engine.write = () => [];
  engine.worker.down = unreachable();
  await engine.controller.call('retryJob', { id });
  await engine.clock.advance(100);
  expect((await engine.job(id)).state).toBe('complete');
  expect(engine.worker.submitted).toHaveLength(1);
});

test('an engine that is started again takes up every job where it was', async () => {
  const store = new MemoryJobStore();
  const worker = new ScriptedWorker();
  const first = new TestEngine(store, worker);
  const atWork = await first.add('at-work.wav');
  await first.clock.advance(1_000);
  const inLine = await first.add('in-line.wav');
  const third = await first.add('third.wav');
  await first.clock.advance(1_000);
  expect(store.get(atWork)?.state).toBe('running');

  // The first engine is gone without a word: it is simply not asked any more.
  const second = new TestEngine(store, worker);
  await second.clock.advance(2_000);
  expect(store.get(atWork)).toMatchObject({ state: 'running', attempt: 1 });
  await second.deliver(atWork);
  await second.clock.advance(1_000);
  for (const id of [inLine, third]) await second.deliver(id);
  await second.clock.advance(1_000);
  for (const id of [atWork, inLine, third]) expect(store.get(id)).toMatchObject({ state: 'complete', attempt: 1 });
});

test('a worker with a full disk uses up the retries of none but the few that were at it', async () => {
  const engine = new TestEngine();
  for (let index = 0; index < 60; index += 1) await engine.add(`${index}.wav`);
  engine.worker.refuses = new AppError('WORKER_DISK_FULL', 'The disk of the worker is full.');
  await engine.clock.advance(8 * 3_600_000);
  const jobs = engine.store.list().jobs;
  expect(jobs.filter(({ state }) => state === 'failed')).toEqual([]);
  expect(jobs.filter(({ attempt }) => attempt > 0).length).toBeLessThan(12);
  engine.worker.refuses = null;
  await engine.clock.advance(20 * 60_000);
  expect(engine.store.list().jobs.some(({ state }) => state === 'running')).toBe(true);
});

test('no more jobs are given to a worker than it has places', async () => {
  const engine = new TestEngine();
  for (let index = 0; index < 6; index += 1) await engine.add(`${index}.wav`);
  await engine.clock.advance(5_000);
  expect(engine.worker.submitted).toHaveLength(2);
  await engine.deliver(engine.worker.submitted[0]?.request.controllerJobId ?? '');
  await engine.clock.advance(1_000);
  expect(engine.worker.submitted).toHaveLength(3);
});

test('a worker that answers and has no tunnel is said to be out of reach, when that lasts', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  engine.worker.setTunnel('connecting');
  const [second, third, next] = [await engine.add('b.wav'), await engine.add('c.wav'), await engine.add('d.wav')];
  await engine.clock.advance(5_000);
  expect((await engine.job(id)).state).toBe('running');
  await engine.clock.advance(15_000);
  expect(await engine.job(id)).toMatchObject({
    state: 'waiting',
    waiting: { reason: 'worker_unreachable', message: 'worker.example answers, but: The tunnel is being opened.' },
  });
  // What no worker has yet says it as well.
  expect((await engine.job(next)).waiting).toMatchObject({
    reason: 'no_worker',
    message: 'The tunnel is being opened.',
  });
  engine.worker.setTunnel('open');
  await engine.clock.advance(2_000);
  expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 1 });
  expect((await engine.job(second)).state).toBe('running');
  expect((await engine.job(third)).state).toBe('queued');
});

test('this computer takes over when no remote worker answers, and is left alone while one does', async () => {
  const engine = new TestEngine();
  engine.settings = { ...engine.settings, workerMode: 'optional' };
  await engine.add();
  await engine.clock.advance(30_000);
  expect(engine.local.wanted).toBe(false);

  const other = new TestEngine();
  other.settings = { ...other.settings, workerMode: 'optional' };
  other.worker.down = unreachable();
  await other.add();
  await other.clock.advance(30_000);
  expect(other.local.wanted).toBe(true);
});

test('another identity than the expected one warns once, shows both, blocks nothing, and can be adopted', async () => {
  const engine = new TestEngine();
  engine.settings = { ...engine.settings, expectedIdentity: { gitCommit: 'xyz789', imageDigest: null } };
  const id = await engine.add();
  await engine.clock.advance(60_000);
  expect((await engine.job(id)).state).toBe('running');
  const { workers } = await engine.controller.call('listWorkers', {});
  const remote = workers.find(({ kind }) => kind === 'environment');
  expect(remote?.verdict).toEqual({ matches: false, reason: "gitCommit: expected 'xyz789', got 'b4b98e5'" });
  expect(engine.warnings.filter(({ event }) => event === 'worker_identity_mismatch')).toHaveLength(1);
  expect((await engine.controller.call('runtime', {})).remoteWorker).toMatchObject({
    identityMatches: false,
    connected: true,
  });

  const adopted = await engine.controller.call('adoptIdentity', { id: remote?.id ?? '' });
  expect(adopted.verdict).toEqual({ matches: true, reason: null });
});

test('a request that does not parse names what is wrong', async () => {
  const engine = new TestEngine();
  await expect(engine.controller.call('addJobs', { paths: [] })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await expect(engine.controller.call('addWorker', { name: 'x', url: 'ftp://a', token: 't' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: expect.stringContaining('"url"'),
  });
});

test('a transcript lies as a file too before its job is complete, is made up for at a start, and goes with the job', async () => {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  const transcript = transcriptJson('Hello.');
  await engine.deliver(id, transcript);
  await engine.clock.advance(0);
  expect((await engine.job(id)).state).toBe('complete');
  expect(engine.kept.get(id)).toBe(transcript.json);
  const third = new TestEngine(engine.store, engine.worker);
  await third.clock.advance(1_000);
  expect([...third.kept]).toEqual([[id, transcript.json]]);
  await third.controller.call('removeJob', { id });
  expect(third.kept.size).toBe(0);
});
