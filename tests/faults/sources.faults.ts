// Recordings that are renamed, cut short, grown, exchanged or taken away, that are no recordings, or that have names nobody would give:
// rows 20-22, 25, 26, 29, 34, 36 and 47 of the fault matrix.

import { copyFile, mkdir, readFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JobView } from '../../src/contract/job.ts';
import { type EngineProcess, SMALL, startEngine } from '../through/engine-process.ts';
import { until, type WorkerProcess } from '../through/worker-process.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { filesIn, inspect } from './invariants.ts';
import { allJobs, engineEnvironment, type Ground, ground, whenAll, workerOn } from './queue-of-faults.ts';
import { silence, writeRecordings } from './recordings.ts';
import { report } from './report.ts';

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

async function check(fault: string, jobs: readonly JobView[], sources: readonly string[]): Promise<void> {
  await worker.stop();
  const found = inspect({
    dataDir: place.dataDir,
    jobs: jobs.map(({ id }) => id),
    outputDirs: [place.recordings],
    sources,
    workDir: place.workDir,
  });
  report({ fault, kills: 0, jobs: found.jobs, lost: found.lost, twice: found.twice });
  expect(found.broken).toEqual([]);
  expect({ lost: found.lost, twice: found.twice }).toEqual({ lost: 0, twice: 0 });
}

const byName = (jobs: readonly JobView[]) =>
  Object.fromEntries(jobs.map(({ name, state, error }) => [name, error === null ? state : error.code]));

/** Holds the queue still, so that a recording can be changed while it waits: the line to the worker leads nowhere until it is opened. */
async function heldEngine(): Promise<{ engine: EngineProcess; open(): void; close(): Promise<void> }> {
  let held = true;
  const proxy = await startFaultProxy(worker.port, () =>
    held ? { kind: 'answer', status: 502, contentType: 'text/plain', body: '' } : { kind: 'pass' },
  );
  const engine = await startEngine(place.dataDir, engineEnvironment(proxy.url));
  return {
    engine,
    open() {
      held = false;
    },
    async close() {
      await engine.stop();
      await proxy.close();
    },
  };
}

test('rows 20-22: recordings that change after they were looked at become what they are then, or are waited for', async () => {
  const held = await heldEngine();
  const [renamed = '', shorter = '', longer = '', other = '', away = ''] = await writeRecordings(
    place.recordings,
    1,
    5,
  );
  const { jobs } = await held.engine.client.call('addJobs', { paths: [renamed, shorter, longer, other] });
  const later = await held.engine.client.call('addJobs', { paths: [away] });
  // The first four are hashed ahead; the fifth is not looked at before one of them is given away.
  await until(async () => {
    const hashed = (await allJobs(held.engine)).filter(({ sha256 }) => sha256 !== null);
    return hashed.length >= 4 ? hashed : null;
  });
  await rename(renamed, `${renamed}.elsewhere`);
  await truncate(shorter, (await stat(shorter)).size - 2_000);
  await writeFile(longer, Buffer.alloc(3_200), { flag: 'a' });
  // Same size, and the time of its last change set back: only the bytes tell.
  const { mtime, atime, size } = await stat(other);
  await writeFile(other, silence(4_321));
  expect((await stat(other)).size).toBe(size);
  await utimes(other, atime, mtime);
  await rm(away);
  held.open();
  const waits = await until(async () => {
    const now = await allJobs(held.engine);
    const missing = now.filter(({ waiting }) => waiting?.reason === 'source_missing').map(({ name }) => name);
    return missing.length === 2 && now.filter(({ state }) => state === 'complete').length === 3 ? missing : null;
  });
  expect(waits.sort()).toEqual(['recording-1.wav', 'recording-5.wav']);
  await rename(`${renamed}.elsewhere`, renamed);
  await writeFile(away, silence(55));
  for (const job of [...jobs, ...later.jobs])
    await held.engine.client.call('retryJob', { id: job.id }).catch(() => undefined);
  const done = await whenAll(held.engine);
  expect(done.map(({ state }) => state)).toEqual(done.map(() => 'complete'));
  await held.close();
  await check('sources changed, away and back', done, [renamed, shorter, longer, other, away]);
});

test('rows 25, 26, 29, 47: in a batch of 60 exactly the bad ones fail, each with its own code', async () => {
  const good = await writeRecordings(place.recordings, 0, 54);
  const bad: Record<string, string> = {
    'empty.wav': 'EMPTY_FILE',
    'head-only.wav': 'complete',
    'noise.mp3': 'NOT_A_RECORDING',
    'text.wav': 'NOT_A_RECORDING',
    'cut.wav': 'complete',
    'picture.png.mp4': 'NOT_A_RECORDING',
  };
  const path = (name: string) => join(place.recordings, name);
  await writeFile(path('empty.wav'), '');
  await writeFile(path('head-only.wav'), silence(1).subarray(0, 44));
  await writeFile(
    path('noise.mp3'),
    Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 7919 + (index >> 3)) & 0xff)),
  );
  await writeFile(path('text.wav'), 'This is no recording.\n'.repeat(50));
  await writeFile(path('cut.wav'), silence(2, 3).subarray(0, 30_001));
  await writeFile(
    path('picture.png.mp4'),
    Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(900, 7)]),
  );
  const engine = await startEngine(place.dataDir, engineEnvironment(worker.url));
  try {
    const { jobs } = await engine.client.call('addJobs', { paths: [place.recordings] });
    expect(jobs).toHaveLength(60);
    const done = byName(await whenAll(engine));
    const wrong = good.filter((source) => done[source.slice(place.recordings.length + 1)] !== 'complete');
    expect(wrong).toEqual([]);
    const codes = Object.fromEntries(Object.keys(bad).map((name) => [name, done[name]]));
    // A head without sound may be called empty or soundless; it never fails in silence and never holds up the others.
    expect(['complete', 'EMPTY_FILE', 'NO_AUDIO', 'NOT_A_RECORDING']).toContain(codes['head-only.wav']);
    expect(['NO_AUDIO', 'NOT_A_RECORDING']).toContain(codes['picture.png.mp4']);
    expect({ ...codes, 'head-only.wav': 'complete', 'picture.png.mp4': 'NOT_A_RECORDING' }).toEqual(bad);
    await engine.stop();
    await check('60 recordings, 6 of them bad', jobs, [...good, ...Object.keys(bad).map(path)]);
  } finally {
    await engine.kill();
  }
});

test('rows 34 and 36: hostile names, and the same folder dropped twice at once', async () => {
  const parts = [
    'a"b',
    "it's",
    'new\nline',
    'tab\there',
    '..dots..',
    'CON',
    'nul',
    'trailing.',
    ' space ',
    '👩‍👩‍👧',
    'e\u0301',
    '\u00e9',
    '\u202Eright-to-left',
    '$(id)',
    '`id`',
    '%s%n',
    '--flag',
    '<b>',
    '&amp;',
    '..\\..',
    'semi;colon',
    '*?[',
    '%00',
    '漢字',
    '{{x}}',
  ];
  const names = parts.flatMap((part, index) => [
    `${part}.wav`,
    `x${part}.wav`,
    `${part}${index}.WAV`,
    `${part} ${'y'.repeat(100)}.wav`,
  ]);
  names.push(`${'\u00fc'.repeat(125)}.wav`);
  const unique = [...new Set(names)].filter((name) => !name.startsWith('.'));
  expect(unique.length).toBeGreaterThanOrEqual(95);
  await mkdir(join(place.recordings, 'deep'));
  for (const [index, name] of unique.entries())
    await writeFile(join(place.recordings, index % 2 === 0 ? '' : 'deep', name), silence(index, 0.2));
  const demo = join(place.recordings, 'demo.wav');
  await copyFile(join(SMALL, 'demo/demo.wav'), demo);
  expect((await readFile(demo)).length).toBeGreaterThan(0);
  const sources = filesIn(place.recordings);
  const engine = await startEngine(place.dataDir, engineEnvironment(worker.url));
  try {
    const both = await Promise.all([
      engine.client.call('addJobs', { paths: [place.recordings] }),
      engine.client.call('addJobs', { paths: [place.recordings] }),
    ]);
    const jobs = both.flatMap((one) => one.jobs);
    expect(new Set(jobs.map(({ sourcePath }) => sourcePath))).toEqual(
      new Set(both[0].jobs.map(({ sourcePath }) => sourcePath)),
    );
    const done = await whenAll(engine);
    expect(done.filter(({ state }) => state !== 'complete').map(({ name, error }) => ({ name, error }))).toEqual([]);
    for (const { name, sourcePath } of done) expect(sourcePath.endsWith(name)).toBe(true);
    await engine.stop();
    await check('hostile names, dropped twice', jobs, sources);
  } finally {
    await engine.kill();
  }
});
