// The engine is killed at random moments and at named points, over and over, while recordings are dropped on it: rows 1 to 5 of the
// fault matrix (reference/faults.md §3).

import { afterAll, beforeAll, expect, test } from 'vitest';
import { chanceFrom } from '../small-whisper/speech/random.mjs';
import { type EngineProcess, startEngine } from '../through/engine-process.ts';
import type { WorkerProcess } from '../through/worker-process.ts';
import { inspect } from './invariants.ts';
import {
  allJobs,
  engineEnvironment,
  finish,
  type Ground,
  ground,
  KILLS,
  killedAt,
  SEED,
  spawnEngine,
  workerOn,
} from './queue-of-faults.ts';
import { writeRecordings } from './recordings.ts';
import { report } from './report.ts';

const RANDOM_KILLS = KILLS > 0 ? Math.ceil(KILLS * 0.8) : 5;
const POINT_ROUNDS = KILLS > 0 ? Math.max(1, Math.round((KILLS * 0.2) / 27)) : 1;

let place: Ground;
let worker: WorkerProcess;
beforeAll(async () => {
  place = await ground();
  worker = await workerOn(place);
}, 60_000);
afterAll(async () => {
  await worker.kill();
  await place.remove();
});

/** Passes of the points in one life of an engine that has several recordings to do. */
const POINTS = [
  'added:before',
  'added:after',
  'prepare_started:before',
  'prepare_started:after',
  'prepared:before',
  'prepared:after',
  'attempt_opened:before',
  'attempt_opened:after',
  'offer:sent',
  'attempt_accepted:before',
  'attempt_accepted:after',
  'attempt_stage:before',
  'attempt_stage:after',
  'recording:part-sent',
  'recording:before',
  'recording:after',
  'delivered:before',
  'delivered:after',
  'worker-ack:before',
  'worker-ack:after',
  'part-file:made',
  'fsync:after',
  'rename:before',
  'rename:after',
  'part-file:before-removal',
  'folder-fsync:after',
  'outputs_written:before',
  'outputs_written:after',
];

const known = new Set<string>();
const sources: string[] = [];
let dropped = 0;

/** Drops new recordings. A call that the kill cuts off is all there or not there at all, which the next engine tells. */
async function drop(engine: EngineProcess, count: number): Promise<void> {
  const paths = await writeRecordings(place.recordings, dropped, count);
  dropped += count;
  sources.push(...paths);
  const { jobs } = await engine.client.call('addJobs', { paths });
  for (const { id } of jobs) known.add(id);
}

/** What is in the queue beyond the acknowledged jobs came in calls that were cut off: whole batches. */
async function adopt(engine: EngineProcess, size: number): Promise<void> {
  const strangers = (await allJobs(engine)).filter(({ id }) => !known.has(id));
  for (const [, batch] of Map.groupBy(strangers, ({ batchId }) => batchId)) expect(batch).toHaveLength(size);
  for (const { id } of strangers) known.add(id);
}

test(
  'rows 1-5: SIGKILL of the engine at every named point, each time it is reached',
  async () => {
    const env = engineEnvironment(worker.url);
    const chance = chanceFrom(SEED);
    let kills = 0;
    const missed: string[] = [];
    for (let round = 0; round < POINT_ROUNDS; round += 1)
      for (const point of POINTS) {
        const passing = point.startsWith('added') ? 1 : 1 + Math.floor(chance.unit() * 2);
        // What an earlier life left may be enough to reach the point before the engine listens.
        const engine = await startEngine(place.dataDir, { ...env, ...killedAt(`${point}@${passing}`) }).catch(
          () => null,
        );
        if (engine === null) {
          kills += 1;
          continue;
        }
        const died = new Promise((resolve) => engine.child.once('exit', (_code, signal) => resolve(signal)));
        await drop(engine, 2).catch(() => undefined);
        const signal = await Promise.race([died, pause(15_000, 'not reached')]);
        if (signal === 'SIGKILL') kills += 1;
        else missed.push(point);
        await engine.kill();
        if (point.startsWith('added')) {
          const next = await startEngine(place.dataDir, env);
          await adopt(next, 2);
          await next.kill();
        }
      }
    expect(missed, `seed ${SEED}`).toEqual([]);
    await check('at named points', kills);
  },
  60_000 * POINT_ROUNDS + 120_000,
);

test(
  `rows 1-5: ${RANDOM_KILLS} SIGKILLs of the engine at random moments`,
  async () => {
    const env = engineEnvironment(worker.url);
    const chance = chanceFrom(SEED + 1);
    for (let kill = 0; kill < RANDOM_KILLS; kill += 1) {
      if (chance.unit() < 0.25) {
        // While it starts: the lock, the database, the address.
        const { child, ended } = spawnEngine(place.dataDir, env);
        await pause(chance.between(0, 900), null);
        child.kill('SIGKILL');
        await ended;
        continue;
      }
      const engine = await startEngine(place.dataDir, env);
      await adopt(engine, 3);
      const open = (await allJobs(engine)).filter(({ finishedAt }) => finishedAt === null).length;
      const adding = open < 12 ? drop(engine, 3).catch(() => undefined) : Promise.resolve();
      await pause(chance.between(0, 1_200), null);
      await engine.kill();
      await adding;
    }
    const last = await startEngine(place.dataDir, env);
    await adopt(last, 3);
    await last.stop();
    await check('at random', RANDOM_KILLS);
  },
  RANDOM_KILLS * 4_000 + 120_000,
);

/** A moment that was drawn, or a limit; never the time that something is hoped to take. */
function pause<Value>(ms: number, value: Value): Promise<Value> {
  return new Promise((resolve) => setTimeout(resolve, ms, value));
}

/** Lets everything finish, stops the worker, looks at all of it, and starts the worker again. */
async function check(what: string, kills: number): Promise<void> {
  await finish(place.dataDir, engineEnvironment(worker.url), 90_000);
  await worker.stop();
  const found = inspect({
    dataDir: place.dataDir,
    jobs: [...known],
    outputDirs: [place.recordings],
    sources,
    workDir: place.workDir,
  });
  worker = await workerOn(place, worker.port);
  report({ fault: `engine killed ${what}`, kills, jobs: found.jobs, lost: found.lost, twice: found.twice });
  expect(found.broken, `seed ${SEED}`).toEqual([]);
  expect({ lost: found.lost, twice: found.twice, states: Object.keys(found.states) }).toEqual({
    lost: 0,
    twice: 0,
    states: ['complete'],
  });
}
