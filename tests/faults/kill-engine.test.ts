// The engine is killed at random moments and at named points, over and over, while recordings are dropped on it: rows 1 to 5 and 46 of the
// fault matrix (reference/faults.md §3), and row 8 in between: the worker is killed too. What comes out must be the digest of what went in.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { chanceFrom } from '../small-whisper/speech/random.mjs';
import { removeBundle } from './engine-host-process.ts';
import { KillLane } from './kill-lane.ts';
import { KILLS, killedAt, SEED } from './queue-of-faults.ts';

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
/** Of the bounded run, enough to pass each point once; the long one draws its share. */
const POINT_ROUNDS = KILLS > 0 ? Math.max(1, Math.round((KILLS * 0.2) / POINTS.length)) : 1;
const RANDOM_KILLS = KILLS > 0 ? Math.ceil(KILLS * 0.8) : 500 - POINTS.length;
/** A machine that has other things to do makes fewer in the bounded run: it ends then, with what it made. */
const BOUNDED_MS = 95_000;
const FEWEST = 40;
const LANES = 3;
/** The worker is killed once in so many kills of the engine. */
const WORKER_KILL_EVERY = 40;
/** Jobs that may be open before no more are dropped. */
const MOST_OPEN = 8;
/** A lane is finished and looked at after so many kills: a seed that fails is then soon found again. */
const LOOK_EVERY = 400;

const lanes: KillLane[] = [];
beforeAll(async () => {
  for (let lane = 0; lane < LANES; lane += 1) lanes.push(await KillLane.open());
}, 60_000);
afterAll(async () => {
  for (const lane of lanes) await lane.close();
  await removeBundle();
});

/** Does `work` in all lanes at once, each with a chance of its own. */
async function inLanes(
  seed: number,
  work: (lane: KillLane, chance: ReturnType<typeof chanceFrom>, number: number) => Promise<void>,
) {
  const settled = await Promise.allSettled(
    lanes.map((lane, number) => work(lane, chanceFrom(seed + 1_000 * number), number)),
  );
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

test(
  `rows 1-5: SIGKILL of the engine at ${POINTS.length} named points`,
  async () => {
    const missed: string[] = [];
    const ahead = Array.from({ length: POINT_ROUNDS }, () => POINTS).flat();
    await inLanes(SEED, async (lane, chance) => {
      let kills = 0;
      for (let point = ahead.pop(); point !== undefined; point = ahead.pop()) {
        const passing = point.startsWith('added') ? 1 : 1 + Math.floor(chance.unit() * 2);
        const engine = await lane.engine(killedAt(`${point}@${passing}`));
        // What an earlier life left may be enough to reach the point before the engine is asked for more.
        const started = await engine.ready.then(
          () => true,
          () => false,
        );
        // A look first: what an earlier drop left, cut off after its commit, is not to be forgotten under those that follow.
        if (started)
          await lane
            .adopt(engine)
            .then(() => lane.drop(engine))
            .catch((error: unknown) => {
              if (!engine.isOver()) throw error;
            });
        const signal = await Promise.race([engine.ended, pause(20_000, 'not reached')]);
        if (signal === 'SIGKILL') kills += 1;
        else missed.push(point);
        await engine.kill();
      }
      await lane.check('at named points', kills);
    });
    expect(missed, `seed ${SEED}`).toEqual([]);
  },
  80_000 * POINT_ROUNDS + 240_000,
);

test(
  `rows 1-5, 8, 46: up to ${RANDOM_KILLS} SIGKILLs of the engine at random moments, and of the worker in between`,
  async () => {
    const began = performance.now();
    let left = RANDOM_KILLS;
    const isTime = () => KILLS > 0 || performance.now() - began < BOUNDED_MS;
    await inLanes(SEED + 1, async (lane, chance) => {
      let kills = 0;
      let unlooked = 0;
      while (left > 0 && (isTime() || RANDOM_KILLS - left < FEWEST)) {
        left -= 1;
        kills += 1;
        const engine = await lane.engine();
        if (chance.unit() < 0.2) {
          // While it starts: the lock, the database, the queue.
          await pause(chance.between(0, 250), null);
          await engine.kill();
        } else {
          await engine.ready;
          const open = await lane.adopt(engine);
          const adding = open < MOST_OPEN ? lane.drop(engine).catch(() => undefined) : Promise.resolve();
          // As often within the first 30 ms as between 300 ms and a second.
          await pause(10 ** chance.between(0.5, 3), null);
          if (kills % WORKER_KILL_EVERY === 0) await lane.killWorker();
          await engine.kill();
          await adding;
        }
        unlooked += 1;
        if (unlooked < LOOK_EVERY) continue;
        await lane.check('at random', unlooked);
        unlooked = 0;
      }
      if (unlooked > 0) await lane.check('at random', unlooked);
    });
    const seconds = (performance.now() - began) / 1000;
    process.stdout.write(`${RANDOM_KILLS - left} kills at random in ${seconds.toFixed(0)} s, seed ${SEED}\n`);
  },
  RANDOM_KILLS * 4_000 + 240_000,
);

/** A moment that was drawn, or a limit; never the time that something is hoped to take. */
function pause<Value>(ms: number, value: Value): Promise<Value> {
  return new Promise((resolve) => setTimeout(resolve, ms, value));
}
