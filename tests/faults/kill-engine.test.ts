// The engine is killed at random moments and at named points, over and over, while recordings are dropped on it: rows 1 to 5 and 46 of the
// fault matrix (reference/faults.md §3), and row 8 in between: the worker is killed too. What comes out must be the digest of what went in.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { chanceFrom } from '../small-whisper/speech/random.mjs';
import { prepareBundle, removeBundle } from './engine-host-process.ts';
import { KillLane } from './kill-lane.ts';
import { inLanes, KILLS, killedAt, SEED } from './queue-of-faults.ts';

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
  'indexed:before',
  'indexed:after',
];
/** Of the bounded run, enough to pass each point once; the long one draws its share. */
const POINT_ROUNDS = KILLS > 0 ? Math.max(1, Math.round((KILLS * 0.2) / POINTS.length)) : 1;
const RANDOM_KILLS = KILLS > 0 ? Math.ceil(KILLS * 0.8) : 500 - POINTS.length;
/** What a random kill may take on a machine that has other things to do; it takes 0.2 s where it has not. */
const KILL_MS = 4_000;
/** Queues at once, each with a worker: a kill is mostly waiting, so that more of them keep the cores of a long run busy. */
const LANES = Number(process.env['FAULT_LANES'] ?? 3);
/** The worker is killed once in so many kills of the engine. */
const WORKER_KILL_EVERY = 40;
/** Jobs that may be open before no more are dropped. */
const MOST_OPEN = 8;
/** A lane is finished and looked at after so many kills: a seed that fails is then soon found again. */
const LOOK_EVERY = 400;
/** What starting the workers and finishing all queues may take at most; one that hangs is told of well before (kill-lane.ts). */
const LIMIT_MS = 600_000;
/** After so long without reaching its point an engine is given more to do, so often at most. */
const MORE_AFTER_MS = 10_000;
const MORE_TIMES = 12;

beforeAll(prepareBundle, 120_000);
afterAll(() => removeBundle());

type Chance = ReturnType<typeof chanceFrom>;

/** Does `work` in fresh lanes at once, each with a chance of its own. */
function inFreshLanes(seed: number, work: (lane: KillLane, chance: Chance) => Promise<void>): Promise<void> {
  return inLanes(LANES, async (number) => {
    const lane = await KillLane.open();
    try {
      await work(lane, chanceFrom(seed + 1_000 * number));
    } finally {
      await lane.close();
    }
  });
}

/** Starts an engine that ends itself at the `passing`th passing of `point`, and gives it work until it does. @returns whether it did */
async function killAt(lane: KillLane, point: string, passing: number): Promise<boolean> {
  const engine = await lane.engine(killedAt(`${point}@${passing}`));
  try {
    // What an earlier life left may be enough to reach the point before the engine is asked for more.
    const started = await engine.ready.then(
      () => true,
      () => false,
    );
    for (let left = MORE_TIMES; left > 0; left -= 1) {
      // A look first: what an earlier drop left, cut off after its commit, is not to be forgotten under those that follow.
      if (started)
        await lane
          .adopt(engine)
          .then(() => lane.drop(engine))
          .catch((error: unknown) => {
            if (!engine.isOver()) throw error;
          });
      const signal = await Promise.race([engine.ended, pause(MORE_AFTER_MS, 'not yet')]);
      if (signal !== 'not yet') return signal === 'SIGKILL';
    }
    return false;
  } finally {
    await engine.kill();
  }
}

/** Starts an engine, gives it work, and ends it, and the worker too where that is asked for. */
async function killAtRandom(lane: KillLane, chance: Chance, workerToo: boolean): Promise<void> {
  const engine = await lane.engine();
  try {
    if (chance.unit() < 0.2) {
      // While it starts: the lock, the database, the queue.
      await pause(chance.between(0, 250), null);
      return;
    }
    await engine.ready;
    const open = await lane.adopt(engine);
    const adding = open < MOST_OPEN ? lane.drop(engine).catch(() => undefined) : Promise.resolve();
    // As often within the first 30 ms as between 300 ms and a second.
    await pause(10 ** chance.between(0.5, 3), null);
    if (workerToo) await lane.killWorker();
    await engine.kill();
    await adding;
  } finally {
    await engine.kill();
  }
}

test(
  `rows 1-5: SIGKILL of the engine at ${POINTS.length} named points`,
  async () => {
    const missed: string[] = [];
    const ahead = Array.from({ length: POINT_ROUNDS }, () => POINTS).flat();
    await inFreshLanes(SEED, async (lane, chance) => {
      let kills = 0;
      for (let point = ahead.pop(); point !== undefined; point = ahead.pop()) {
        const passing = point.startsWith('added') ? 1 : 1 + Math.floor(chance.unit() * 2);
        if (await killAt(lane, point, passing)) kills += 1;
        else missed.push(`${point}@${passing}`);
      }
      await lane.check('at named points', kills);
    });
    expect(missed, `seed ${SEED}`).toEqual([]);
  },
  80_000 * POINT_ROUNDS + LIMIT_MS,
);

test(
  `rows 1-5, 8, 46: ${RANDOM_KILLS} SIGKILLs of the engine at random moments, and of the worker in between`,
  async () => {
    const began = performance.now();
    let left = RANDOM_KILLS;
    await inFreshLanes(SEED + 1, async (lane, chance) => {
      let kills = 0;
      let unlooked = 0;
      while (left > 0) {
        left -= 1;
        kills += 1;
        await killAtRandom(lane, chance, kills % WORKER_KILL_EVERY === 0);
        unlooked += 1;
        if (unlooked < LOOK_EVERY) continue;
        await lane.check('at random', unlooked);
        unlooked = 0;
      }
      if (unlooked > 0) await lane.check('at random', unlooked);
    });
    const seconds = (performance.now() - began) / 1000;
    process.stdout.write(`${RANDOM_KILLS} kills at random in ${seconds.toFixed(0)} s, seed ${SEED}\n`);
  },
  RANDOM_KILLS * KILL_MS + LIMIT_MS,
);

/** A moment that was drawn, or a limit; never the time that something is hoped to take. */
function pause<Value>(ms: number, value: Value): Promise<Value> {
  return new Promise((resolve) => setTimeout(resolve, ms, value));
}
