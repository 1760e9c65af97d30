// Owns what the fault tests share: the temp folders of a run, its one long-lived worker, and engines that may die at any moment.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Sqlite from 'better-sqlite3';
import { isFinal, type JobView } from '../../src/contract/job.ts';
import type { EngineClient } from '../../src/host/engine-client.ts';
import { QUEUE_MS } from '../patience.ts';
import { type EngineProcess, ROOT, startEngine, temporaryFolder, testEnvironment } from '../through/engine-process.ts';
import { startWorker, until, type WorkerProcess } from '../through/worker-process.ts';

/** The seed of everything that is drawn in this run, printed by every test that fails. */
export const SEED = Number(process.env['FAULT_SEED'] ?? 20_261_123);
/** How many kills in all the long run makes; 0 = the bounded part of `npm test`. */
export const KILLS = Number(process.env['FAULT_KILLS'] ?? 0);

export const WORKER_TOKEN = 'a token of the fault tests, forty bytes long'.replaceAll(' ', '-');

export interface Ground {
  readonly root: string;
  readonly dataDir: string;
  readonly recordings: string;
  readonly workerDir: string;
  readonly workDir: string;
  remove(): Promise<void>;
}

/** Folders of their own for one test. */
export async function ground(): Promise<Ground> {
  const folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  await mkdir(at('recordings'));
  await mkdir(at('worker'));
  return {
    root: folder.path,
    dataDir: at('data'),
    recordings: at('recordings'),
    workerDir: at('worker'),
    workDir: at('worker/work'),
    remove: folder.remove,
  };
}

export function workerOn(place: Ground, port = 0, extra: Record<string, string> = {}): Promise<WorkerProcess> {
  return startWorker(place.workerDir, testEnvironment({ WORKER_TOKEN, WORKER_CPU_THREADS: '1', ...extra }), port);
}

/** The worker whose text is the digest of what it was sent: quick enough to be asked thousands of times. */
export function scriptedWorkerOn(place: Ground, port = 0): Promise<WorkerProcess> {
  const env = testEnvironment({ WORKER_TOKEN, WORKER_CPU_THREADS: '1' });
  return startWorker(place.workerDir, env, port, [join(import.meta.dirname, 'scripted_worker.py')]);
}

export function engineEnvironment(url: string, extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  return testEnvironment({
    REMOTE_WORKER_URL: url,
    REMOTE_WORKER_TOKEN: WORKER_TOKEN,
    REMOTE_WORKER_MODE: 'required',
    REMOTE_WORKER_POLL_SECONDS: '1',
    ...extra,
  });
}

/** The environment of an engine that ends by SIGKILL at a point of kill-points.mjs. */
export function killedAt(point: string): Record<string, string> {
  return {
    NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'kill-points.mjs')).href}`,
    FAULT_KILL_AT: point,
  };
}

/** Does `work` in so many lanes at once. One that fails stops no other: each comes to its end, and ends what it started. */
export async function inLanes(count: number, work: (lane: number) => Promise<void>): Promise<void> {
  const settled = await Promise.allSettled(Array.from({ length: count }, (_, lane) => work(lane)));
  const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (failures.length > 0)
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, failures.join('\n'));
}

/** An engine of which nothing is awaited, so that it can be killed before it listens. */
export function spawnEngine(dataDir: string, env: NodeJS.ProcessEnv): { child: ChildProcess; ended: Promise<unknown> } {
  const child = spawn(
    process.execPath,
    [join(ROOT, 'src/host/cli.ts'), 'serve', '--port', '0', '--no-open', '--data-dir', dataDir],
    { env, cwd: ROOT, stdio: 'ignore' },
  );
  return { child, ended: once(child, 'close') };
}

export async function allJobs(engine: EngineProcess): Promise<readonly JobView[]> {
  const jobs: JobView[] = [];
  let cursor: string | undefined;
  do {
    const page = await engine.client.call('listJobs', { limit: 1000, ...(cursor === undefined ? {} : { cursor }) });
    jobs.push(...page.jobs);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return jobs;
}

const isOver = (job: JobView): boolean => isFinal(job.state);

/** Resolves when every stored transcript can be found, which the engine sees to by itself: a later page of hits waits for none. */
export async function whenSearchable(client: Pick<EngineClient, 'call'>, ms = QUEUE_MS): Promise<void> {
  await until(async () => {
    const { pending } = await client.call('searchTranscripts', { query: 'a', limit: 1, cursor: '0' });
    return pending === 0 ? true : null;
  }, ms);
}

/**
 * Resolves when the worker with this work directory, which runs, has handed over every transcript that it keeps. A job may be over before: what was
 * stored in the moment of a kill is offered once more, for the sake of its acknowledgement.
 */
export async function whenHandedOver(workDir: string, ms = QUEUE_MS): Promise<void> {
  const folder = await temporaryFolder();
  try {
    await until(async () => ((await offersNone(workDir, folder.path)) ? true : null), ms);
  } finally {
    await folder.remove();
  }
}

/** The worker holds its journal for itself alone, so a copy is read. One that was made in the middle of a write says nothing. */
async function offersNone(workDir: string, folder: string): Promise<boolean> {
  const copy = join(folder, 'journal.sqlite');
  for (const end of ['', '-wal', '-shm']) await rm(`${copy}${end}`, { force: true });
  try {
    for (const end of ['', '-wal']) {
      const from = join(workDir, `journal.sqlite${end}`);
      if (existsSync(from)) await copyFile(from, `${copy}${end}`);
    }
    if (!existsSync(copy)) return true;
    const db = new Sqlite(copy);
    try {
      return db.prepare(OFFERED).get() === undefined;
    } finally {
      db.close();
    }
  } catch {
    return false;
  }
}

const OFFERED = `select 1 from outputs join jobs on jobs.id = outputs.job_id where acknowledged = 0 and status <> 'failed'`;

/** Resolves with all jobs once `is` holds for each of them; where that is to be final, with their transcripts in the search index. */
export async function whenAll(
  engine: EngineProcess,
  ms = QUEUE_MS,
  is: (job: JobView) => boolean = isOver,
): Promise<readonly JobView[]> {
  let last: readonly JobView[] = [];
  try {
    const all = await until(async () => {
      last = await allJobs(engine);
      return last.every(is) ? last : null;
    }, ms);
    if (is === isOver) await whenSearchable(engine.client);
    return all;
  } catch (cause) {
    const open = last.filter((job) => !is(job));
    const said = open
      .slice(0, 5)
      .map(({ name, state, stage, waiting, error, attempt }) =>
        JSON.stringify({ name, state, stage, waiting, error, attempt }),
      );
    throw new Error(`${open.length} of ${last.length} jobs are not there yet: ${said.join('\n')}`, { cause });
  }
}

/** Starts an engine, lets it finish everything, and stops it. */
export async function finish(dataDir: string, env: NodeJS.ProcessEnv, ms = 60_000): Promise<readonly JobView[]> {
  const engine = await startEngine(dataDir, env);
  try {
    return await whenAll(engine, ms);
  } finally {
    await engine.stop();
  }
}

export async function logOf(dataDir: string): Promise<string> {
  return readFile(join(dataDir, 'logs', 'engine.log'), 'utf8').catch(() => '');
}
