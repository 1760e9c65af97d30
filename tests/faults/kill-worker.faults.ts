// The worker is killed at random moments while the engine lives, with its work directory kept or wiped: rows 8, 9 and 45 of the fault
// matrix. Only a recording that was at the engine or the decoder at two deaths is set aside; nothing else is held against anybody.

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isFinal, JOB_STATES } from '../../src/contract/job.ts';
import { RETRY_DELAYS } from '../../src/jobs/retry.ts';
import { QUEUE_MS } from '../patience.ts';
import { chanceFrom } from '../small-whisper/speech/random.mjs';
import { encodeWav } from '../small-whisper/speech/wav.mjs';
import { inventRecording, toWav } from '../small-whisper/speech.mjs';
import { type EngineProcess, startEngine, whenJob } from '../through/engine-process.ts';
import { until } from '../through/worker-process.ts';
import { inspect } from './invariants.ts';
import {
  engineEnvironment,
  ground,
  inLanes,
  KILLS,
  SEED,
  scriptedWorkerOn,
  whenAll,
  whenHandedOver,
  workerOn,
} from './queue-of-faults.ts';
import { silence, writeRecordings } from './recordings.ts';
import { report } from './report.ts';

const ROUNDS = KILLS > 0 ? Math.ceil(KILLS / 20) : 3;
/** Queues side by side, each with a worker of its own: a round is mostly waiting for the next worker. */
const LANES = KILLS > 0 ? 4 : 1;
/**
 * Every so many rounds the worker is the product's own, with its model; in between it is the one that hears nothing, which gets as far in a
 * second as the other in five, so that kills also meet what comes late.
 */
const OWN_EVERY = KILLS > 0 ? 10 : 1;
/** Jobs that are kept open at the worker. */
const OPEN = 8;
const NOT_OVER = JOB_STATES.filter((state) => !isFinal(state));
/** A job that was lost seven times with a worker waits two minutes before it goes to the next. */
const END_MS = KILLS > 0 ? 900_000 : QUEUE_MS;
const OWN_MS = 6_000;
const SCRIPTED_MS = 1_500;

for (const wiped of [false, true]) {
  const row = wiped ? 'row 9: SIGKILL of the worker, its disk wiped' : 'row 8: SIGKILL of the worker, its disk kept';
  test.concurrent(
    `${row}, ${ROUNDS} times`,
    async () => {
      const each = Math.ceil(ROUNDS / LANES);
      await inLanes(LANES, (lane) => killRounds(wiped, each, chanceFrom(SEED + (wiped ? 9 : 8) + 100 * lane)));
    },
    ROUNDS * 8_000 + END_MS + 180_000,
  );
}

/** Whether a job that was lost with its worker had every attempt that the table of retries gives it. */
function isLostTooOften(code: string | undefined, attempt: number): boolean {
  return code === 'REMOTE_JOB_NOT_FOUND' && attempt > (RETRY_DELAYS.REMOTE_JOB_NOT_FOUND?.length ?? 0);
}

/** Resolves when the worker has its tunnel. */
function connected({ client }: EngineProcess): Promise<true> {
  return until(async () => {
    const { workers } = await client.call('listWorkers', {});
    return workers.some(({ health, tunnel }) => health === 'ok' && tunnel.state === 'open') ? true : null;
  });
}

/** One lane: kills its worker `rounds` times while recordings are at it, lets all end, and looks at everything. */
async function killRounds(wiped: boolean, rounds: number, chance: ReturnType<typeof chanceFrom>): Promise<void> {
  const place = await ground();
  let worker = await workerOn(place);
  const engine = await startEngine(place.dataDir, engineEnvironment(worker.url));
  const ids: string[] = [];
  const sources: string[] = [];
  const add = async (count: number): Promise<void> => {
    const paths = await writeRecordings(place.recordings, sources.length, count);
    sources.push(...paths);
    ids.push(...(await engine.client.call('addJobs', { paths })).jobs.map(({ id }) => id));
  };
  const reasons: string[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      const { counts } = await engine.client.call('getQueue', {});
      const open = NOT_OVER.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
      if (open < OPEN) await add(OPEN - open);
      // Some while the two still find each other, most when they have: a worker that comes back is dialled with patience.
      if (chance.unit() > 0.2) await connected(engine);
      const own = round % OWN_EVERY === 0;
      await new Promise((resolve) => setTimeout(resolve, chance.between(0, own ? OWN_MS : SCRIPTED_MS)));
      await worker.kill();
      // What the worker had started may write for a moment longer.
      if (wiped) await rm(place.workDir, { recursive: true, force: true, maxRetries: 20 });
      const next = (round + 1) % OWN_EVERY === 0 || round + 1 === rounds ? workerOn : scriptedWorkerOn;
      worker = await next(place, worker.port);
    }
    const all = await whenAll(engine, END_MS);
    // Of so many kills one recording may be in line at more than a person would want to go unseen.
    const failed = all.filter(
      ({ state, error, attempt }) => state === 'failed' && !isLostTooOften(error?.code, attempt),
    );
    reasons.push(...failed.map(({ error }) => error?.code ?? ''));
    await whenHandedOver(place.workDir);
    await engine.stop();
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
      kills: rounds,
      jobs: found.jobs,
      lost: found.lost,
      twice: found.twice,
    });
    expect(found.broken, `seed ${SEED}`).toEqual([]);
    expect(found.lost).toBe(0);
    // What lay finished on the worker's disk is never made again.
    if (!wiped) expect(found.twice).toBe(0);
    // A kill at random may meet the same recording at the engine twice; nothing fails for any other reason.
    expect(
      reasons.filter((code) => code !== 'POISONED'),
      `seed ${SEED}`,
    ).toEqual([]);
  } finally {
    await engine.kill();
    await worker.kill();
    await place.remove();
  }
}

test('row 45: the recording at the engine at two deaths is set aside, and those that waited behind it are not', async () => {
  const place = await ground();
  let worker = await workerOn(place);
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
    await worker.kill();
    await place.remove();
  }
});
