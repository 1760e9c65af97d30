// Disks that are full or may not be written: row 23 of the fault matrix. The engine stays, says so, and goes on when there is room.

import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EngineProcess, startEngine } from '../through/engine-process.ts';
import { until, type WorkerProcess } from '../through/worker-process.ts';
import { inspect } from './invariants.ts';
import { allJobs, engineEnvironment, type Ground, ground, whenAll, workerOn } from './queue-of-faults.ts';
import { writeRecordings } from './recordings.ts';
import { report } from './report.ts';

const MAY_MOUNT = process.platform === 'linux' && process.getuid?.() === 0;
if (!MAY_MOUNT) process.stderr.write('NOT RUN: row 23 on a full disk needs Linux and root, to mount a small tmpfs.\n');

let place: Ground;
let worker: WorkerProcess;
let engine: EngineProcess;
const mounted: string[] = [];
beforeEach(async () => {
  place = await ground();
  worker = await workerOn(place);
});
afterEach(async () => {
  // Also one that does not answer any more.
  await engine.kill();
  await worker.kill();
  for (const path of mounted.splice(0)) execFileSync('umount', ['--lazy', path]);
  await place.remove();
});

async function smallDisk(name: string, size: string): Promise<string> {
  const path = join(place.root, name);
  await mkdir(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', path]);
  mounted.push(path);
  return path;
}

/** Takes the last byte of a disk. @returns gives it back */
async function fill(disk: string): Promise<() => Promise<void>> {
  const ballast = join(disk, 'ballast');
  const { bavail, bsize } = await statfs(disk);
  for (let bytes = bavail * bsize, part = 0; bytes > 0; bytes = Math.floor(bytes / 2), part += 1)
    await writeFile(`${ballast}-${part}`, Buffer.alloc(bytes)).catch(() => undefined);
  return async () => {
    for (let part = 0; part < 64; part += 1) await rm(`${ballast}-${part}`, { force: true });
  };
}

test.runIf(MAY_MOUNT)(
  'row 23: the disk of the app is full: the engine stays, and goes on when there is room',
  async () => {
    const dataDir = await smallDisk('data', '32m');
    engine = await startEngine(dataDir, engineEnvironment(worker.url));
    let ended = false;
    engine.child.once('exit', () => {
      ended = true;
    });
    const ids: string[] = [];
    const sources: string[] = [];
    try {
      for (let round = 0; round < 3; round += 1) {
        const paths = await writeRecordings(place.recordings, sources.length, 6);
        sources.push(...paths);
        ids.push(...(await engine.client.call('addJobs', { paths })).jobs.map(({ id }) => id));
        // Full while they are prepared, given away, at work, delivered or written: each round at another moment.
        await until(async () =>
          (await allJobs(engine)).some((job) => job.attempt > 0 && ids.slice(-6 + round).includes(job.id))
            ? true
            : null,
        );
        const free = await fill(dataDir);
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        expect(ended, 'the engine ended').toBe(false);
        // New ones are refused in words, and nothing of them is kept.
        const refused = await engine.client
          .call('addJobs', { paths: sources.slice(0, 1), options: { whenDone: 'again' } })
          .then(
            ({ jobs }) => {
              ids.push(...jobs.map(({ id }) => id));
              return null;
            },
            (error: unknown) => error,
          );
        if (refused !== null) expect(refused).toMatchObject({ code: 'DISK_FULL' });
        await free();
        await whenAll(engine);
      }
      expect((await allJobs(engine)).map(({ state, error }) => `${state} ${error?.code ?? ''}`)).toEqual(
        ids.map(() => 'complete '),
      );
    } finally {
      await engine.stop();
    }
    await worker.stop();
    const found = inspect({ dataDir, jobs: ids, outputDirs: [place.recordings], sources, workDir: place.workDir });
    report({ fault: 'disk of the app full', kills: 3, jobs: found.jobs, lost: found.lost, twice: found.twice });
    expect(found.broken).toEqual([]);
    expect({ lost: found.lost, twice: found.twice }).toEqual({ lost: 0, twice: 0 });
  },
);

test.runIf(MAY_MOUNT)(
  'row 23: the folder of the transcripts is full, then read-only, then neither: each file is written, none twice',
  async () => {
    const outDir = await smallDisk('out', '64k');
    const sources = await writeRecordings(place.recordings, 0, 4);
    engine = await startEngine(place.dataDir, engineEnvironment(worker.url));
    try {
      const free = await fill(outDir);
      const { jobs } = await engine.client.call('addJobs', { paths: sources, options: { outDir } });
      const full = await whenAll(engine);
      expect(full.map(({ state, error, hasTranscript }) => ({ state, code: error?.code, hasTranscript }))).toEqual(
        jobs.map(() => ({ state: 'failed', code: 'DISK_FULL', hasTranscript: true })),
      );
      execFileSync('mount', ['-o', 'remount,ro', outDir]);
      for (const { id } of jobs) await engine.client.call('retryJob', { id });
      const readOnly = await whenAll(engine);
      expect(readOnly.map(({ error }) => error?.code)).toEqual(jobs.map(() => 'EXPORT_FAILED'));
      execFileSync('mount', ['-o', 'remount,rw', outDir]);
      await free();
      for (const { id } of jobs) await engine.client.call('retryJob', { id });
      const written = await whenAll(engine);
      expect(written.map(({ state, attempt }) => ({ state, attempt }))).toEqual(
        jobs.map(() => ({ state: 'complete', attempt: 1 })),
      );
      await engine.stop();
      await worker.stop();
      const found = inspect({
        dataDir: place.dataDir,
        jobs: jobs.map(({ id }) => id),
        outputDirs: [place.recordings, outDir],
        sources,
        workDir: place.workDir,
      });
      report({
        fault: 'folder of the transcripts full, read-only',
        kills: 2,
        jobs: found.jobs,
        lost: found.lost,
        twice: found.twice,
      });
      expect(found.broken).toEqual([]);
      expect({ lost: found.lost, twice: found.twice }).toEqual({ lost: 0, twice: 0 });
    } finally {
      await engine.kill();
      await chmod(outDir, 0o700).catch(() => undefined);
    }
  },
);
