import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../contract/errors.ts';
import type { Chance, LocalWorkerState, Log } from '../controller/ports.ts';
import type { HastyClock } from './hasty-clock.ts';
import { hastyClock } from './hasty-clock.ts';
import type { LocalWorkerOptions } from './local-worker.ts';
import { LocalWorkerProcess } from './local-worker.ts';
import { isAlive } from './worker-program.ts';

const FAKE = join(import.meta.dirname, 'fake-worker.mjs');
let ids = 0;
const chance: Chance = { fraction: () => 0.5, id: (prefix) => `${prefix}_${process.pid}_${ids++}_secret` };
const lines: string[] = [];
const keep = (event: string, fields?: Record<string, unknown>) => void lines.push(JSON.stringify([event, fields]));
const log: Log = { info: keep, warn: keep, error: keep };
/** Waiting before a restart or a retry is cut short; looking, grace and limits keep their pace. */
const hurry = (delayMs: number) => ([1_000, 5_000, 30_000, 120_000].includes(delayMs) ? 10 : delayMs);

let dataDir: string;
let clock: HastyClock;
const pids = new Set<number>();
const made = new Set<LocalWorkerProcess>();

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'bt-local-'));
  clock = hastyClock(hurry);
});

afterEach(async () => {
  for (const worker of made) await worker.stop(0);
  made.clear();
  expect(clock.pending.size).toBe(0);
  // The hurried clock waits less for a kill than the kernel may take.
  for (const pid of pids) await expect.poll(() => isAlive(pid)).toBe(false);
  pids.clear();
  expect(lines.join('\n')).not.toContain('_secret');
  lines.length = 0;
  await rm(dataDir, { recursive: true, force: true });
});

interface Watched {
  readonly worker: LocalWorkerProcess;
  readonly states: LocalWorkerState[];
  /** The next state for which `holds` is true, the present one included. */
  until(name: LocalWorkerState['state'], count?: number): Promise<LocalWorkerState>;
}

function local(options: Partial<LocalWorkerOptions> & { fake?: string } = {}): Watched {
  const { fake = '', ...more } = options;
  const states: LocalWorkerState[] = [];
  let changed = (): void => undefined;
  const worker = new LocalWorkerProcess({
    dataDir,
    packageDir: '/nowhere',
    venvDir: '/nowhere',
    env: { ...process.env, FAKE_WORKER: fake, FAKE_WORKER_FLAG: join(dataDir, 'flag'), REMOTE_WORKER_TOKEN: 'theirs' },
    clock,
    chance,
    log,
    command: [process.execPath, FAKE],
    install: async () => undefined,
    ...more,
  });
  made.add(worker);
  worker.start((state) => {
    states.push(state);
    changed();
  });
  const until = async (name: LocalWorkerState['state'], count = 1): Promise<LocalWorkerState> => {
    for (;;) {
      const found = states.filter(({ state }) => state === name)[count - 1];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        changed = resolve;
      });
    }
  };
  return { worker, states, until };
}

async function pidOf(): Promise<number> {
  const { pid } = JSON.parse(await readFile(join(dataDir, 'worker', 'state.json'), 'utf8')) as { pid: number };
  pids.add(pid);
  return pid;
}

async function environmentOf(state: LocalWorkerState): Promise<{ env: Record<string, string>; argv: string[] }> {
  if (state.state !== 'running') throw new Error('It does not run.');
  const headers = { Authorization: `Bearer ${state.address.token}` };
  return (await fetch(`${state.address.url}/environment`, { headers })).json() as never;
}

describe('the worker on this computer', () => {
  test('is installed, started, and ended', async () => {
    const installed = async (say: (line: string) => void) => say('Making a Python environment');
    const { worker, states, until } = local({ install: installed });
    const running = await until('running');
    expect(states.map(({ state }) => state)).toEqual(['installing', 'starting', 'running']);
    expect(states[0]).toEqual({ state: 'installing', detail: 'Making a Python environment' });
    expect(running).toMatchObject({
      adopted: false,
      address: { url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) },
    });
    expect(worker.current).toBe(running);
    const pid = await pidOf();
    await worker.stop(5_000);
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(worker.current).toEqual({ state: 'off' });
  });

  test('knows what it must and no more, and keeps the token to itself', async () => {
    const { until } = local();
    const state = await until('running');
    const { env, argv } = await environmentOf(state);
    await pidOf();
    expect(env).toMatchObject({
      WORKER_HOST: '127.0.0.1',
      WORKER_PORT: '0',
      WORKER_DEVICE: 'auto',
      WORKER_IDLE_STOP_SECONDS: '180',
      WORKER_STATE_FILE: join(dataDir, 'worker', 'state.json'),
      WORKER_TMP_DIR: join(dataDir, 'worker', 'work'),
      WORKER_MODELS_DIR: join(dataDir, 'models'),
    });
    expect(env['WORKER_TOKEN']).toBe(await readFile(join(dataDir, 'worker', 'token'), 'utf8'));
    expect(env['WORKER_TOKEN']?.length).toBeGreaterThan(40);
    expect(env['REMOTE_WORKER_TOKEN']).toBeUndefined();
    expect(argv.join(' ')).not.toContain('_secret');
    const files = ['', 'token', 'worker.log'].map((name) => join(dataDir, 'worker', name));
    const modes = await Promise.all(files.map(async (file) => (await stat(file)).mode & 0o777));
    expect(modes).toEqual([0o700, 0o600, 0o600]);
    expect(await readFile(join(dataDir, 'worker', 'worker.log'), 'utf8')).not.toContain('_secret');
  });

  test('that lives and does not answer for long is ended, and another is started', async () => {
    const asked: string[] = [];
    const hung = new Set<string>();
    const { until } = local({
      clock: hastyClock((delayMs) => (delayMs === 40_000 ? 10 : hurry(delayMs))),
      fetchPing: async ({ url }) => {
        asked.push(url);
        return hung.has(url) ? 'busy' : 'ours';
      },
    });
    const first = await until('running');
    if (first.state !== 'running') throw new Error('It does not run.');
    const pid = await pidOf();
    // One silence, or a few, between answers are none.
    await expect.poll(() => asked.length).toBeGreaterThan(30);
    hung.add(first.address.url);
    await expect.poll(() => isAlive(pid)).toBe(false);
    const second = await until('running', 2);
    if (second.state !== 'running') throw new Error('It does not run.');
    expect(second.address.url).not.toBe(first.address.url);
    expect(isAlive(await pidOf())).toBe(true);
    expect(lines.filter((line) => line.includes('local_worker_hangs'))).toHaveLength(1);
  });

  test('is left alone by release, and adopted by the next engine', async () => {
    const first = local();
    const before = await first.until('running');
    const pid = await pidOf();
    first.worker.release();
    expect(first.worker.current).toEqual({ state: 'off' });
    expect(isAlive(pid)).toBe(true);
    const second = local({ install: () => Promise.reject(new Error('Nothing is to be installed.')) });
    const after = await second.until('running');
    expect(second.states.map(({ state }) => state)).toEqual(['running']);
    expect(after).toEqual({ ...before, adopted: true });
    await second.worker.stop(5_000);
    // The hurried clock waits less for its end than the kernel may take.
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test('is adopted when it comes up only after its engine was killed and the next one began to start another', async () => {
    const first = local({ fake: 'alone' });
    await expect.poll(() => existsSync(join(dataDir, 'worker', 'work', 'taken'))).toBe(true);
    first.worker.release();
    // The one that it starts finds the work directory taken, which lets the first one come up.
    const second = local({ fake: 'alone' });
    const up = await second.until('running');
    const { env } = await environmentOf(up);
    expect(env['WORKER_TOKEN']).toBe(up.state === 'running' ? up.address.token : null);
    const pid = await pidOf();
    await second.worker.stop(5_000);
    await expect.poll(() => isAlive(pid)).toBe(false);
    await expect(stat(join(dataDir, 'worker', 'token'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is not adopted when its token is not ours', async () => {
    const first = local();
    await first.until('running');
    const pid = await pidOf();
    first.worker.release();
    await writeFile(join(dataDir, 'worker', 'token'), 'another');
    const second = local();
    expect(await second.until('running')).toMatchObject({ adopted: false });
    expect(await pidOf()).not.toBe(pid);
    process.kill(pid, 'SIGKILL');
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test('is adopted when it is only slow to answer', async () => {
    const first = local();
    await first.until('running');
    const pid = await pidOf();
    first.worker.release();
    let asked = 0;
    const fetchPing = async () => (++asked < 3 ? ('busy' as const) : ('ours' as const));
    const second = local({ fetchPing });
    expect(await second.until('running')).toMatchObject({ adopted: true });
    expect([asked, await pidOf()]).toEqual([3, pid]);
  });

  test('is not looked for under a pid that is somebody else', async () => {
    await mkdir(join(dataDir, 'worker'), { recursive: true });
    await writeFile(join(dataDir, 'worker', 'token'), 'old');
    await writeFile(join(dataDir, 'worker', 'state.json'), JSON.stringify({ pid: process.pid, port: 9 }));
    const { until } = local();
    expect(await until('running')).toMatchObject({ adopted: false });
    await pidOf();
  });

  test.each(['started', 'adopted'])('is started again when it dies (%s)', async (how) => {
    let watched = local();
    await watched.until('running');
    if (how === 'adopted') {
      watched.worker.release();
      clock = hastyClock((delayMs) => (delayMs === 2_000 ? 10 : hurry(delayMs)));
      watched = local();
      await watched.until('running');
    }
    process.kill(await pidOf(), 'SIGKILL');
    const again = await watched.until('running', 2);
    expect(again).toMatchObject({ adopted: false });
    expect(clock.asked).toContain(1_000);
    await pidOf();
  });

  test('that dies at its start is tried again, and runs', async () => {
    const { states, until } = local({ fake: 'dies-once' });
    await until('running');
    expect(states.map(({ state }) => state)).toEqual(['starting', 'starting', 'starting', 'running']);
    await pidOf();
  });

  test('that dies three times has failed, with its last words, and is tried again later', async () => {
    const { until } = local({ fake: 'dies' });
    const failed = await until('failed');
    expect(failed).toMatchObject({ code: 'WORKER_START_FAILED' });
    if (failed.state === 'failed') {
      expect(failed.message).toContain('ImportError: no module named ctranslate2');
      expect(failed.message).toContain('The fake worker begins.');
    }
    expect(clock.asked.filter((delayMs) => delayMs >= 1_000)).toEqual([1_000, 5_000, 120_000]);
    await until('failed', 2);
  });

  test('whose environment cannot be made has failed, with the reason', async () => {
    const install = () => Promise.reject(new AppError('WORKER_INSTALL_FAILED', 'Python 3.10 or newer is needed.'));
    const { until } = local({ install });
    expect(await until('failed')).toEqual({
      state: 'failed',
      code: 'WORKER_INSTALL_FAILED',
      message: 'Python 3.10 or newer is needed.',
    });
  });

  test('whose program is not there has failed', async () => {
    const { until } = local({ command: ['/nowhere/python'] });
    expect(await until('failed')).toMatchObject({ code: 'WORKER_START_FAILED' });
  });

  test('that does not answer to SIGTERM is killed after its grace', async () => {
    const { worker, until } = local({ fake: 'stubborn' });
    await until('running');
    const pid = await pidOf();
    await worker.stop(50);
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test('can be ended while it is being installed or started', async () => {
    const installing = local({
      install: (say, signal) => {
        say('Downloading');
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    });
    await installing.until('installing');
    await installing.worker.stop(0);
    expect(installing.worker.current).toEqual({ state: 'off' });
    const starting = local({ fake: 'mute' });
    await starting.until('starting');
    await starting.worker.stop(0);
    expect(starting.worker.current).toEqual({ state: 'off' });
  });

  test('can be started again after it was stopped', async () => {
    const { worker, until } = local();
    await until('running');
    await pidOf();
    await worker.stop(5_000);
    const again = new Promise<void>((resolve) => worker.start(({ state }) => state === 'running' && resolve()));
    await again;
    await pidOf();
  });

  test('begins a new log when the old one is large', async () => {
    await mkdir(join(dataDir, 'worker'), { recursive: true });
    const file = join(dataDir, 'worker', 'worker.log');
    await writeFile(file, Buffer.alloc(10 * 1024 * 1024 + 1));
    await chmod(file, 0o600);
    const { until } = local();
    await until('running');
    await pidOf();
    expect((await stat(file)).size).toBeLessThan(1_000);
    expect((await stat(`${file}.1`)).size).toBeGreaterThan(10 * 1024 * 1024);
  });
});
