// Faults of the whole queue: the computer sleeps (row 6), two workers of which one dies (row 49), ten thousand recordings and kills (row 35),
// fifty programs started at once (row 37), a full disk at the worker (row 24), a clock that jumps (row 19).

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import type { JobView } from '../../src/contract/job.ts';
import { isFinal } from '../../src/contract/job.ts';
import { QUEUE_MS } from '../patience.ts';
import { chanceFrom } from '../small-whisper/speech/random.mjs';
import { until, type WorkerProcess } from '../through/worker-process.ts';
import { type EngineHost, removeBundle, startHost } from './engine-host-process.ts';
import { inspect } from './invariants.ts';
import {
  engineEnvironment,
  type Ground,
  ground,
  SEED,
  scriptedWorkerOn,
  WORKER_TOKEN,
  whenSearchable,
} from './queue-of-faults.ts';
import { silence } from './recordings.ts';
import { report } from './report.ts';

const MAY_MOUNT = process.platform === 'linux' && process.getuid?.() === 0;

let place: Ground;
let worker: WorkerProcess;
let engine: EngineHost | null = null;
beforeEach(async () => {
  place = await ground();
  worker = await scriptedWorkerOn(place);
});
afterEach(async () => {
  await engine?.kill();
  engine = null;
  await worker.kill();
  await place.remove();
});
afterAll(() => removeBundle());

async function start(more: Record<string, string> = {}): Promise<EngineHost> {
  const env = engineEnvironment(worker.url, { REMOTE_WORKER_POLL_SECONDS: '0.2', ...more });
  const started = await startHost(place.dataDir, env);
  engine = started;
  await started.ready;
  return started;
}

async function recordings(count: number, seconds = 0.5, first = 0): Promise<string[]> {
  const paths = Array.from({ length: count }, (_, index) => join(place.recordings, `recording-${first + index}.wav`));
  for (const [index, path] of paths.entries()) await writeFile(path, silence(first + index, seconds));
  return paths;
}

async function allJobs(host: EngineHost): Promise<readonly JobView[]> {
  const jobs: JobView[] = [];
  for (let cursor: string | undefined, more = true; more; ) {
    const page = await host.call('listJobs', { limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
    jobs.push(...page.jobs);
    cursor = page.nextCursor ?? undefined;
    more = cursor !== undefined;
  }
  return jobs;
}

async function done(host: EngineHost): Promise<readonly JobView[]> {
  const all = await until(async () => {
    const jobs = await allJobs(host);
    return jobs.every(({ state }) => isFinal(state)) ? jobs : null;
  }, QUEUE_MS);
  await whenSearchable(host);
  return all;
}

const soundDigest = (path: string): string =>
  createHash('sha256').update(readFileSync(path).subarray(44)).digest('hex');

async function check(
  fault: string,
  strikes: number,
  jobs: readonly string[],
  sources: readonly string[],
): Promise<void> {
  await engine?.stop();
  engine = null;
  await worker.stop();
  const { dataDir, workDir } = place;
  const found = inspect({ dataDir, workDir, jobs, sources, outputDirs: [place.recordings], textOf: soundDigest });
  report({ fault, kills: strikes, jobs: found.jobs, lost: found.lost, twice: found.twice });
  expect(found.broken, `seed ${SEED}`).toEqual([]);
  expect([found.lost, found.twice, ...found.failures]).toEqual([0, 0]);
}

const ids = (jobs: readonly JobView[]) => jobs.map(({ id }) => id);

test('row 6: the computer sleeps while recordings are sent, worked on and delivered: all goes on, nothing begins anew', async () => {
  const host = await start();
  const sources = await recordings(12, 20);
  const { jobs } = await host.call('addJobs', { paths: sources });
  for (let nap = 0; nap < 6; nap += 1) {
    await until(async () => ((await allJobs(host)).some(({ state }) => state === 'running') ? true : null));
    host.child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    host.child.kill('SIGCONT');
  }
  const all = await done(host);
  expect(all.map(({ attempt }) => attempt)).toEqual(all.map(() => 1));
  await check('asleep in mid-work', 6, ids(jobs), sources);
});

test('row 19: the clock stands an hour, a day, ten years off at each start: what is due is done all the same', async () => {
  const sources = await recordings(10);
  const jobs: JobView[] = [];
  const skews = ['+1h', '-1h', '+1d', '-1d', '+3650d', '-3650d', '+1h', '-1d', '+0', '-1h'];
  for (const [index, skew] of skews.entries()) {
    const host = await start({
      NODE_OPTIONS: `--import=${join(import.meta.dirname, 'clock-skew.mjs')}`,
      FAULT_CLOCK: skew,
    });
    jobs.push(...(await host.call('addJobs', { paths: sources.slice(index, index + 1) })).jobs);
    await done(host);
    await host.kill();
  }
  await start();
  await check('clock off by up to ten years', skews.length, ids(jobs), sources);
});

test('row 49: of two workers one dies for good: its recordings are done by the other', async () => {
  const second = await ground();
  let other = await scriptedWorkerOn(second);
  try {
    const host = await start();
    await host.call('addWorker', { name: 'second', url: other.url, token: WORKER_TOKEN });
    await until(async () => {
      const { workers } = await host.call('listWorkers', {});
      return workers.filter(({ tunnel }) => tunnel.state === 'open').length === 2 ? true : null;
    });
    const sources = await recordings(16, 25);
    const { jobs } = await host.call('addJobs', { paths: sources });
    await until(async () =>
      (await allJobs(host)).filter(({ state }) => state === 'running').length > 3 ? true : null,
    );
    // Its process and its disk are gone; what comes back under its address knows of nothing.
    await other.kill();
    await rm(second.workDir, { recursive: true, force: true });
    other = await scriptedWorkerOn(second, other.port);
    await done(host);
    await check('one of two workers gone', 1, ids(jobs), sources);
  } finally {
    await other.kill();
    await second.remove();
  }
});

test('row 35: ten thousand recordings are queued in one call, and twenty kills lose none of them', async () => {
  const count = 10_000;
  await recordings(count, 0.01);
  let host = await start({ REMOTE_WORKER_MODE: 'off', REMOTE_WORKER_URL: '' });
  const began = performance.now();
  const { jobs } = await host.call('addJobs', { paths: [place.recordings] });
  process.stdout.write(`10,000 recordings queued in ${Math.round(performance.now() - began)} ms\n`);
  expect(jobs).toHaveLength(count);
  const chance = chanceFrom(SEED);
  for (let kill = 0; kill < 20; kill += 1) {
    await new Promise((resolve) => setTimeout(resolve, chance.between(0, 500)));
    await host.kill();
    host = await start();
    expect((await host.call('listJobs', { limit: 1 })).jobs).toHaveLength(1);
  }
  const there = await allJobs(host);
  expect(new Set(there.map(({ sourcePath }) => sourcePath)).size).toBe(count);
  await host.stop();
  engine = null;
  const found = inspect({ dataDir: place.dataDir, jobs: ids(jobs), mayWait: () => true });
  report({ fault: '10,000 queued, 20 kills', kills: 20, jobs: found.jobs, lost: found.lost, twice: found.twice });
  expect([found.lost, ...found.broken]).toEqual([0]);
});

test('row 37: of fifty programs started at once on one folder, one runs', async () => {
  const hosts = await Promise.all(
    Array.from({ length: 50 }, () => startHost(place.dataDir, engineEnvironment(worker.url))),
  );
  const ready = await Promise.allSettled(hosts.map(({ ready }) => ready));
  expect(ready.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await Promise.all(hosts.map((host) => host.kill()));
  await start();
  await check('fifty starts at once', 50, [], []);
});

test.runIf(MAY_MOUNT)(
  'row 24: the disk of the worker is full: recordings wait for it, and go on when there is room',
  async () => {
    await worker.kill();
    const disk = join(place.root, 'small');
    mkdirSync(disk);
    // More than the 256 MB that a worker keeps free: with less it would take no recording at all.
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=320m,mode=700', 'tmpfs', disk]);
    try {
      const small: Ground = { ...place, workerDir: join(disk, 'worker'), workDir: join(disk, 'worker/work') };
      await mkdir(small.workerDir);
      place = small;
      worker = await scriptedWorkerOn(small);
      const ballast = join(disk, 'ballast');
      const { bavail, bsize } = await statfs(disk);
      execFileSync('fallocate', ['--length', String(bavail * bsize - 300_000), ballast]);
      const host = await start();
      const sources = await recordings(6, 20);
      const { jobs } = await host.call('addJobs', { paths: sources });
      const full = await until(async () => {
        const all = await allJobs(host);
        return all.some(({ waiting, error }) => waiting !== null || error !== null) ? all : null;
      });
      expect(full.filter(({ state }) => state === 'complete')).toEqual([]);
      await rm(ballast);
      // What a person does who has made room; by itself it would be tried again after a minute, five, fifteen.
      const all = await until(async () => {
        const now = await allJobs(host);
        for (const { id, state, waiting } of now)
          if (state === 'failed' || waiting !== null) await host.call('retryJob', { id }).catch(() => undefined);
        return now.every(({ state }) => state === 'complete') ? now : null;
      });
      expect(all.map(({ state, error }) => `${state} ${error?.code ?? ''}`)).toEqual(all.map(() => 'complete '));
      await whenSearchable(host);
      await check('disk of the worker full', 1, ids(jobs), sources);
    } finally {
      await worker.kill();
      execFileSync('umount', ['--lazy', disk]);
    }
  },
);
