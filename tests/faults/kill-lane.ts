// Owns one lane of the kill tests: a queue and a worker of its own, recordings that are dropped on it, and what must hold of it in the end.
// Several lanes run side by side, since a kill is mostly waiting.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { JobView } from '../../src/contract/job.ts';
import { isFinal } from '../../src/contract/job.ts';
import type { WorkerProcess } from '../through/worker-process.ts';
import { until } from '../through/worker-process.ts';
import { type EngineHost, startHost } from './engine-host-process.ts';
import { inspect } from './invariants.ts';
import {
  engineEnvironment,
  type Ground,
  ground,
  logOf,
  SEED,
  scriptedWorkerOn,
  whenHandedOver,
  whenSearchable,
} from './queue-of-faults.ts';
import { silence } from './recordings.ts';
import { report } from './report.ts';

/** Jobs of one drop. */
const BATCH = 2;
/** What a queue may take to be done on a machine that has other things to do; a job whose transfer failed is tried again after a minute. */
const FINISH_MS = 300_000;
/** Characters of the engine's log in a failure. */
const LOG_TAIL = 6_000;
/** More than can be open at once, and than come between two looks; and the most that one call lists. */
const RECENT = 60;
const MOST = 1_000;

export class KillLane {
  readonly #place: Ground;
  readonly #known = new Set<string>();
  readonly #sources: string[] = [];
  readonly #env: NodeJS.ProcessEnv;
  #worker: WorkerProcess;

  private constructor(place: Ground, worker: WorkerProcess) {
    this.#place = place;
    this.#worker = worker;
    this.#env = engineEnvironment(worker.url, { REMOTE_WORKER_POLL_SECONDS: '0.2' });
  }

  static async open(): Promise<KillLane> {
    const place = await ground();
    return new KillLane(place, await scriptedWorkerOn(place));
  }

  async close(): Promise<void> {
    await this.#worker.kill();
    await this.#place.remove();
  }

  engine(more: Record<string, string> = {}): Promise<EngineHost> {
    return startHost(this.#place.dataDir, { ...this.#env, ...more });
  }

  /** SIGKILL of the worker; the next one has its disk and its port. */
  async killWorker(): Promise<void> {
    await this.#worker.kill();
    this.#worker = await scriptedWorkerOn(this.#place, this.#worker.port);
  }

  /** Drops new recordings. A call that the kill cuts off is all there or not there at all, which the next engine tells. */
  async drop(engine: EngineHost): Promise<void> {
    const paths: string[] = [];
    for (let left = BATCH; left > 0; left -= 1) {
      const number = this.#sources.length;
      const path = join(this.#place.recordings, `recording-${number}.wav`);
      this.#sources.push(path);
      paths.push(path);
      await writeFile(path, silence(number));
    }
    const { jobs } = await engine.call('addJobs', { paths });
    for (const { id } of jobs) this.#known.add(id);
  }

  /**
   * What is in the queue beyond the acknowledged jobs came in calls that were cut off: whole batches.
   * @returns how many jobs are open
   */
  async adopt(engine: EngineHost, limit = RECENT): Promise<number> {
    const jobs = await newest(engine, limit);
    const strangers = jobs.filter(({ id }) => !this.#known.has(id));
    for (const [, batch] of Map.groupBy(strangers, ({ batchId }) => batchId)) expect(batch).toHaveLength(BATCH);
    for (const { id } of strangers) this.#known.add(id);
    return jobs.filter(({ state }) => !isFinal(state)).length;
  }

  /** Lets everything finish, stops the worker, looks at all of it, and starts the worker again. */
  async check(what: string, kills: number): Promise<void> {
    const engine = await this.engine();
    try {
      await engine.ready;
      await this.adopt(engine, MOST);
      await this.#finish(engine);
      await whenSearchable(engine, FINISH_MS);
      await whenHandedOver(this.#place.workDir, FINISH_MS);
      await engine.stop();
    } finally {
      // One that hangs would hold the queue against all that come after it.
      await engine.kill();
    }
    await this.#worker.stop();
    const found = inspect({
      dataDir: this.#place.dataDir,
      jobs: [...this.#known],
      outputDirs: [this.#place.recordings],
      sources: this.#sources,
      workDir: this.#place.workDir,
      textOf: soundDigest,
    });
    this.#worker = await scriptedWorkerOn(this.#place, this.#worker.port);
    report({ fault: `engine killed ${what}`, kills, jobs: found.jobs, lost: found.lost, twice: found.twice });
    expect(found.broken, `seed ${SEED}`).toEqual([]);
    expect({ lost: found.lost, twice: found.twice }).toEqual({ lost: 0, twice: 0 });
    // A recording that was at the engine at two deaths of the worker is set aside (row 45); nothing fails for any other reason.
    expect(found.failures.filter((why) => !why.startsWith('POISONED'))).toEqual([]);
  }

  /** Waits until every job is final. @throws with the open ones, as the engine, the worker and the log see them */
  async #finish(engine: EngineHost): Promise<void> {
    let open: readonly JobView[] = [];
    try {
      await until(async () => {
        open = (await newest(engine, MOST)).filter(({ state }) => !isFinal(state));
        return open.length === 0 ? true : null;
      }, FINISH_MS);
    } catch (cause) {
      const seen = await Promise.all(open.slice(0, 5).map(async (job) => this.#describe(engine, job)));
      const log = (await logOf(this.#place.dataDir)).slice(-LOG_TAIL);
      throw new Error(`${open.length} jobs did not end, seed ${SEED}.\n${seen.join('\n')}\n${log}`, { cause });
    }
  }

  async #describe(engine: EngineHost, { id, name, state, stage, waiting, error, attempt }: JobView): Promise<string> {
    const { attempts } = await engine.call('jobHistory', { id });
    const open = attempts.at(-1);
    const { url, token } = this.#worker;
    const at = await fetch(`${url}/v1/jobs/${open?.workerJobId ?? 'none'}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(10_000),
    }).then((answer) => answer.text(), String);
    return JSON.stringify({ name, state, stage, waiting, error, attempt, open, atWorker: at.slice(0, 1_500) });
  }
}

async function newest(engine: EngineHost, limit: number): Promise<readonly JobView[]> {
  return (await engine.call('listJobs', { limit })).jobs;
}

/** What the scripted worker says of a recording: the digest of its samples. */
function soundDigest(path: string): string {
  return createHash('sha256').update(readFileSync(path).subarray(44)).digest('hex');
}
