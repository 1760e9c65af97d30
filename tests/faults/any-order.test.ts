// Whatever a person and workers do, in whatever order, late, doubled and at the same moment: what was promised about the queue holds after every
// step, and in the end everything is done. In process, on the real database, with a clock that the test moves: rows 7, 44 and 46 of the fault matrix and
// the races that no kill finds. A failure prints its seed and the last steps; FAULT_SEED, FAULT_STEPS and FAULT_RUNS say what is drawn, how long and how often.

import { expect, test } from 'vitest';
import { AppError } from '../../src/contract/errors.ts';
import { SqliteJobStore } from '../../src/store/job-store.ts';
import type { ModelJob } from './model-worker.ts';
import { ModelWorker, WORKER_FAILURES } from './model-worker.ts';
import type { Promised } from './model-world.ts';
import { World } from './model-world.ts';
import { report } from './report.ts';

const SEED = Number(process.env['FAULT_SEED'] ?? 1);
const STEPS = Number(process.env['FAULT_STEPS'] ?? 300);
/** The long run has time for more. */
const RUNS = Number(process.env['FAULT_RUNS'] ?? (process.env['FAULT_KILLS'] === undefined ? 6 : 60));

type Act = (world: World) => Promise<unknown>;

/** What may happen, the usual more often. */
const ACTS: readonly (readonly [weight: number, name: string, act: Act])[] = [
  [8, 'time', (world) => world.clock.advance(Math.floor(world.chance.unit() * 3_000))],
  [2, 'much time', (world) => world.clock.advance(Math.floor(world.chance.unit() * 90_000))],
  [1, 'the clock is set', async (world) => world.clock.jump(Math.floor((world.chance.unit() - 0.5) * 7_200_000))],
  [6, 'add', (world) => world.add()],
  [
    3,
    'cancel',
    (world) => person(world, 'cancelJobs', (promised) => Object.assign(promised, { canceled: true, paused: false })),
  ],
  [3, 'retry', (world) => retry(world)],
  [2, 'pause', (world) => person(world, 'pauseJobs', (promised) => Object.assign(promised, { paused: true }))],
  [2, 'resume', (world) => person(world, 'resumeJobs', (promised) => Object.assign(promised, { paused: false }))],
  [1, 'remove', (world) => remove(world)],
  [1, 'another model', (world) => chooseModel(world)],
  [2, 'move', (world) => move(world)],
  [1, 'pause the queue', (world) => world.engine.controller.call('pauseQueue', {})],
  [3, 'resume the queue', (world) => world.engine.controller.call('resumeQueue', {})],
  [1, 'pause a batch', (world) => ofBatch(world, 'pauseBatch')],
  [2, 'resume a batch', (world) => ofBatch(world, 'resumeBatch')],
  [1, 'drain', (world) => ofWorker(world, 'drainWorker')],
  [2, 'undrain', (world) => ofWorker(world, 'undrainWorker')],
  [3, 'add a worker', (world) => addWorker(world)],
  [2, 'remove a worker', (world) => ofWorker(world, 'removeWorker')],
  [1, 'check a worker', async (world) => void ofWorker(world, 'checkWorker')],
  [1, 'change a token', (world) => changeToken(world)],
  [1, 'the app ends and starts', (world) => world.restart()],
  [1, 'a recording goes', async (world) => void world.missing.add(pathOf(world))],
  [2, 'a recording comes back', async (world) => void world.missing.delete(world.pick([...world.missing]) ?? '')],
  [1, 'hashing takes long', async (world) => hashLong(world)],
  [2, 'hashing ends', async (world) => endHashing(world)],
  [1, 'the disk is full', async (world) => void Object.assign(world, { full: true })],
  [3, 'the disk has room', async (world) => void Object.assign(world, { full: false })],
  [
    9,
    'a stage',
    async (world) => atWorker(world, (_worker, job) => void Object.assign(job, { stage: world.chance.pick(STAGES) })),
  ],
  [9, 'a transcript', async (world) => atWorker(world, (worker, job) => void world.deliver(worker, job))],
  [3, 'a transcript of long ago', async (world) => longAgo(world)],
  [
    1,
    'done, it says',
    async (world) => atWorker(world, (_worker, job) => void Object.assign(job, { status: 'complete' })),
  ],
  [
    1,
    'a failure',
    async (world) => atWorker(world, (worker, job) => worker.fail(job, world.chance.pick(WORKER_FAILURES)[0])),
  ],
  [1, 'a worker dies', async (world) => world.pick(world.workers)?.restart()],
  [1, 'a worker is away', async (world) => void Object.assign(world.chance.pick(world.workers), { up: false })],
  [2, 'a worker is back', async (world) => void Object.assign(world.chance.pick(world.workers), { up: true })],
  [1, 'a worker is full', async (world) => void Object.assign(world.chance.pick(world.workers), { full: true })],
  [2, 'a worker has room', async (world) => void Object.assign(world.chance.pick(world.workers), { full: false })],
  [1, 'a gateway limits', async (world) => void Object.assign(world.chance.pick(world.workers), { limited: true })],
  [
    2,
    'a gateway lets through',
    async (world) => void Object.assign(world.chance.pick(world.workers), { limited: false }),
  ],
  [2, 'answers are late', async (world) => beLate(world.chance.pick(world.workers))],
  [6, 'a late answer', async (world) => lateAnswer(world)],
  [2, 'answers are in time', async (world) => inTime(world.chance.pick(world.workers), world.chance.unit() < 0.5)],
];
const STAGES = ['downloading', 'initializing', 'loading_model', 'transcribing', 'diarizing', 'uploading'] as const;
const DRAWN = ACTS.flatMap((act) => new Array<(typeof ACTS)[number]>(act[0]).fill(act));

async function person(
  world: World,
  call: 'cancelJobs' | 'pauseJobs' | 'resumeJobs',
  then: (promised: Promised) => void,
): Promise<void> {
  const ids = [...new Set([world.some(), world.some()].flatMap((id) => id ?? []))];
  if (ids.length === 0) return;
  const { changed } = await world.engine.controller.call(call, { ids });
  for (const id of changed) {
    const promised = world.jobs.get(id);
    if (promised !== undefined) then(promised);
  }
}

async function retry(world: World): Promise<void> {
  const id = world.some();
  if (id === undefined) return;
  await world.engine.controller.call('retryJob', { id });
  Object.assign(world.jobs.get(id) ?? {}, { canceled: false, paused: false });
}

async function remove(world: World): Promise<void> {
  const id = world.some();
  if (id === undefined) return;
  await world.engine.controller.call('removeJob', { id });
  world.jobs.delete(id);
  world.removed.add(id);
}

async function chooseModel(world: World): Promise<void> {
  const id = world.some();
  if (id !== undefined)
    await world.engine.controller.call('chooseModel', { ids: [id], model: world.chance.pick(['small', 'medium']) });
}

async function move(world: World): Promise<void> {
  const [id, other] = [world.some(), world.some()];
  if (id === undefined || other === undefined) return;
  const place = world.chance.pick([
    { to: 'top' as const },
    { to: 'bottom' as const },
    { before: other },
    { after: other },
  ]);
  await world.engine.controller.call('moveJobs', { ids: [id], place });
}

async function ofBatch(world: World, call: 'pauseBatch' | 'resumeBatch'): Promise<void> {
  const id = world.pick(world.batches);
  if (id !== undefined) await world.engine.controller.call(call, { id });
}

async function ofWorker(
  world: World,
  call: 'drainWorker' | 'undrainWorker' | 'removeWorker' | 'checkWorker',
): Promise<void> {
  const { workers } = await world.engine.controller.call('listWorkers', {});
  const id = world.pick(workers.filter(({ kind }) => kind !== 'local'))?.id;
  if (id !== undefined) await world.engine.controller.call(call, { id });
}

async function addWorker(world: World): Promise<void> {
  if (world.workers.length >= 4) return;
  const worker = new ModelWorker(`more-${world.workers.length}`, `token-of-${world.workers.length}`);
  world.workers.push(worker);
  await world.engine.controller.call('addWorker', {
    name: worker.name,
    url: `http://${worker.name}`,
    token: worker.token,
  });
}

/** At the worker, and soon or later here. */
async function changeToken(world: World): Promise<void> {
  const { workers } = await world.engine.controller.call('listWorkers', {});
  const view = world.pick(workers.filter(({ kind }) => kind === 'saved'));
  const worker = world.workers.find(({ name }) => name === view?.name);
  if (view === undefined || worker === undefined) return;
  if (world.chance.unit() < 0.5) worker.token = `${worker.name}-${world.steps.length}`;
  await world.engine.controller.call('editWorker', { id: view.id, token: worker.token });
}

function pathOf(world: World): string {
  return world.jobs.get(world.some() ?? '')?.path ?? '';
}

function hashLong(world: World): void {
  world.hashing ??= [];
}

function beLate(worker: ModelWorker): void {
  worker.late ??= [];
}

function endHashing(world: World): void {
  for (const go of world.hashing?.splice(0) ?? []) go();
  world.hashing = null;
}

function atWorker(world: World, then: (worker: ModelWorker, job: ModelJob) => void): void {
  const worker = world.chance.pick(world.workers);
  const job = world.pick(worker.running);
  if (job !== undefined) then(worker, job);
}

/** Again, or of an attempt that is over. */
function longAgo(world: World): void {
  const worker = world.chance.pick(world.workers);
  const job = world.pick([...worker.jobs.values()]);
  if (job !== undefined) void world.deliver(worker, job);
}

function lateAnswer({ chance, workers }: World): void {
  const { late } = chance.pick(workers);
  if (late === null || late.length === 0) return;
  const [answer] = late.splice(Math.floor(chance.unit() * late.length), 1);
  answer?.(chance.unit() < 0.8);
}

function inTime(worker: ModelWorker, arrive: boolean): void {
  for (const answer of worker.late?.splice(0) ?? []) answer(arrive);
  worker.late = null;
}

async function step(world: World): Promise<void> {
  const before = world.attempts();
  const held = world.held();
  const drained = world.drained();
  const [, name, act] = world.chance.pick(DRAWN);
  world.steps.push(name);
  try {
    const acting = Promise.allSettled([act(world)]);
    await world.clock.advance(0);
    const [outcome] = await acting;
    if (outcome.status === 'rejected') throw outcome.reason;
  } catch (thrown) {
    // A person is refused what is not possible now, or cannot be written.
    if (!(thrown instanceof AppError) || thrown.code === 'INTERNAL') throw thrown;
    world.steps.push(`  ${thrown.code}`);
  }
  await world.clock.advance(0);
  const stays = <T>(was: ReadonlySet<T>, is: ReadonlySet<T>): ReadonlySet<T> =>
    new Set([...was].filter((each) => is.has(each)));
  world.check(before, stays(held, world.held()), stays(drained, world.drained()));
}

/** All that is wrong with the world is put right, and workers do their work. */
async function heal(world: World): Promise<void> {
  const { controller } = world.engine;
  world.full = false;
  world.missing.clear();
  endHashing(world);
  for (const worker of world.workers) {
    Object.assign(worker, { up: true, full: false, limited: false });
    inTime(worker, true);
  }
  await controller.call('resumeQueue', {});
  for (const id of world.batches) await controller.call('resumeBatch', { id }).catch(() => undefined);
  const paused = [...world.jobs].flatMap(([id, promised]) => (promised.paused ? [id] : []));
  if (paused.length > 0) await controller.call('resumeJobs', { ids: paused });
  for (const promised of world.jobs.values()) promised.paused = false;
  const { workers } = await controller.call('listWorkers', {});
  for (const { id, kind, name } of workers) {
    if (kind === 'local') continue;
    await controller.call('undrainWorker', { id });
    const worker = world.workers.find((each) => each.name === name);
    if (kind === 'saved' && worker !== undefined) await controller.call('editWorker', { id, token: worker.token });
  }
  const store = new SqliteJobStore(world.db);
  // What nobody wants any more, its worker has heard of by now.
  await world.clock.advance(60_000);
  expect(await world.unwanted()).toEqual([]);
  for (let minute = 0; minute < 240; minute += 1) {
    for (const worker of world.workers)
      for (const job of worker.running) {
        job.stage = 'transcribing';
        await world.deliver(worker, job);
      }
    await world.clock.advance(5_000 + minute * 500);
    if (store.unfinished().length === 0) break;
  }
  // What is stored last is taken into the index, and told.
  await world.clock.advance(120_000);
}

test.each(Array.from({ length: RUNS }, (_, run) => SEED + run))(
  'whatever a person and workers do in any order, nothing is lost and nothing done twice (seed %i)',
  async (seed) => {
    const world = new World(seed);
    try {
      for (let number = 0; number < STEPS; number += 1) await step(world);
      await heal(world);
      expect(await world.faults()).toEqual([]);
      const closing = world.engine.controller.close();
      await world.clock.advance(0);
      await closing;
      expect(world.clock.pending).toBe(0);
      report({
        fault: `any order, seed ${seed}`,
        kills: STEPS,
        jobs: world.jobs.size + world.removed.size,
        lost: 0,
        twice: 0,
      });
    } catch (thrown) {
      throw new Error(`seed ${seed}: ${String(thrown)}; after:\n${world.steps.slice(-40).join('\n')}`, {
        cause: thrown,
      });
    } finally {
      world.end();
    }
  },
  120_000,
);
