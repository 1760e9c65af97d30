// The worker is killed at random moments while the engine lives, with its work directory kept or wiped: rows 8, 9 and 45 of the fault
// matrix. Only a recording that was at the engine or the decoder at two deaths is set aside; nothing else is held against anybody.

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chanceFrom } from '../small-whisper/speech/random.mjs';
import { encodeWav } from '../small-whisper/speech/wav.mjs';
import { inventRecording, toWav } from '../small-whisper/speech.mjs';
import { startEngine, whenJob } from '../through/engine-process.ts';
import type { WorkerProcess } from '../through/worker-process.ts';
import { inspect } from './invariants.ts';
import { allJobs, engineEnvironment, type Ground, ground, KILLS, SEED, whenAll, workerOn } from './queue-of-faults.ts';
import { silence, writeRecordings } from './recordings.ts';
import { report } from './report.ts';

const ROUNDS = KILLS > 0 ? Math.ceil(KILLS / 20) : 3;

let place: Ground;
let worker: WorkerProcess;
beforeEach(async () => {
  place = await ground();
  worker = await workerOn(place);
});
afterEach(async () => {
  await worker.kill();
  await place.remove();
});

for (const wiped of [false, true]) {
  const row = wiped ? 'row 9: SIGKILL of the worker, its disk wiped' : 'row 8: SIGKILL of the worker, its disk kept';
  test(
    `${row}, ${ROUNDS} times`,
    async () => {
      const chance = chanceFrom(SEED + (wiped ? 9 : 8));
      const engine = await startEngine(place.dataDir, engineEnvironment(worker.url));
      const ids: string[] = [];
      const sources: string[] = [];
      const add = async (count: number): Promise<void> => {
        const paths = await writeRecordings(place.recordings, sources.length, count);
        sources.push(...paths);
        ids.push(...(await engine.client.call('addJobs', { paths })).jobs.map(({ id }) => id));
      };
      try {
        for (let round = 0; round < ROUNDS; round += 1) {
          const open = (await allJobs(engine)).filter(({ finishedAt }) => finishedAt === null).length;
          if (open < 8) await add(8 - open);
          await new Promise((resolve) => setTimeout(resolve, chance.between(0, 1_500)));
          await worker.kill();
          if (wiped) await rm(place.workDir, { recursive: true, force: true });
          worker = await workerOn(place, worker.port);
        }
        await whenAll(engine);
      } finally {
        await engine.stop();
      }
      await worker.stop();
      const found = inspect({
        dataDir: place.dataDir,
        jobs: ids,
        outputDirs: [place.recordings],
        sources,
        workDir: place.workDir,
      });
      report({
        fault: `worker killed, disk ${wiped ? 'wiped' : 'kept'}`,
        kills: ROUNDS,
        jobs: found.jobs,
        lost: found.lost,
        twice: found.twice,
      });
      expect(found.broken, `seed ${SEED}`).toEqual([]);
      expect(found.lost).toBe(0);
      // What lay finished on the worker's disk is never made again.
      if (!wiped) expect(found.twice).toBe(0);
      // A kill at random may meet the same recording at the engine twice; nothing fails for any other reason.
      const others = (await reasons()).filter((code) => code !== 'POISONED');
      expect(others, `seed ${SEED}`).toEqual([]);
    },
    ROUNDS * 8_000 + 180_000,
  );
}

/** The codes of all failed jobs. */
async function reasons(): Promise<readonly string[]> {
  const engine = await startEngine(place.dataDir, engineEnvironment(worker.url));
  try {
    return (await allJobs(engine)).flatMap(({ state, error }) => (state === 'failed' ? [error?.code ?? ''] : []));
  } finally {
    await engine.stop();
  }
}

test('row 45: the recording at the engine at two deaths is set aside, and those that waited behind it are not', async () => {
  const long = join(place.recordings, 'long.wav');
  // The same minute over and over: long enough that the small model is at it until it is killed.
  const minute = toWav(await inventRecording({ seed: 45, seconds: 60 })).subarray(44);
  const whole = encodeWav(new Int16Array(0), 16_000);
  whole.writeUInt32LE(36 + 8 * minute.length, 4);
  whole.writeUInt32LE(8 * minute.length, 40);
  await writeFile(long, Buffer.concat([whole, ...Array.from({ length: 8 }, () => minute)]));
  const short: string[] = [];
  for (let number = 0; number < 4; number += 1) {
    const path = join(place.recordings, `waits-${number}.wav`);
    await writeFile(path, silence(number));
    short.push(path);
  }
  const engine = await startEngine(place.dataDir, engineEnvironment(worker.url));
  try {
    const first = await engine.client.call('addJobs', { paths: [long] });
    const id = first.jobs[0]?.id ?? '';
    await whenJob(engine.client, id, (job) => job.stage === 'transcribing');
    const behind = await engine.client.call('addJobs', { paths: short });
    const jobs = [...first.jobs, ...behind.jobs];
    for (let death = 1; death <= 2; death += 1) {
      await whenJob(engine.client, id, (job) => job.attempt === death && job.stage === 'transcribing');
      await worker.kill();
      worker = await workerOn(place, worker.port);
    }
    const done = await whenAll(engine);
    expect(done.map(({ name, state, error }) => `${name} ${state} ${error?.code ?? ''}`).sort()).toEqual([
      'long.wav failed POISONED',
      ...short.map((_, number) => `waits-${number}.wav complete `),
    ]);
    await engine.stop();
    await worker.stop();
    const found = inspect({
      dataDir: place.dataDir,
      jobs: jobs.map((job) => job.id),
      outputDirs: [place.recordings],
      sources: [long, ...short],
      workDir: place.workDir,
    });
    report({
      fault: 'worker killed twice on one recording',
      kills: 2,
      jobs: found.jobs,
      lost: found.lost,
      twice: found.twice,
    });
    expect(found.broken).toEqual([]);
    expect({ lost: found.lost, twice: found.twice }).toEqual({ lost: 0, twice: 0 });
  } finally {
    await engine.kill();
  }
});
