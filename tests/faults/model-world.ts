// Owns the world of any-order.test.ts: an engine on the real database with a clock that the test moves, its person and its workers, what was promised to
// them, and what must hold after every step.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { AppEvent } from '../../src/contract/api.ts';
import { AppError, toAppError } from '../../src/contract/errors.ts';
import type { JobView } from '../../src/contract/job.ts';
import { isFinal } from '../../src/contract/job.ts';
import { TestEngine } from '../../src/controller/engine.cases.ts';
import { TestClock } from '../../src/controller/test-clock.cases.ts';
import { SOURCE } from '../../src/jobs/job.cases.ts';
import type { PreparedSource } from '../../src/jobs/record.ts';
import { SqliteBatchStore } from '../../src/store/batch-store.ts';
import type { Database } from '../../src/store/database.ts';
import { openDatabase } from '../../src/store/database.ts';
import { SqliteEditStore } from '../../src/store/edit-store.ts';
import { SqliteJobStore } from '../../src/store/job-store.ts';
import { SqliteSearchStore } from '../../src/store/search-store.ts';
import { SqliteWorkerRecords } from '../../src/store/worker-records.ts';
import { SqliteWorkerStore } from '../../src/store/worker-store.ts';
import { exportText } from '../../src/transcript/text-formats.ts';
import { chanceFrom } from '../small-whisper/speech/random.mjs';
import { inspect } from './invariants.ts';
import type { ModelJob } from './model-worker.ts';
import { contentOf, ModelWorker } from './model-worker.ts';

/** What a person was told of a job, and must find again. */
export interface Promised {
  readonly path: string;
  paused: boolean;
  canceled: boolean;
  /** Digest of the transcript for which a worker got its acknowledgement. */
  acknowledged: string | null;
  attempts: number;
  deaths: number;
}

/** A queue, its person and its workers, and what must hold between them. */
export class World {
  readonly chance;
  readonly clock = new TestClock(() => new Promise((resolve) => setImmediate(resolve)), 4);
  readonly folder: string;
  readonly db: Database;
  readonly workers: ModelWorker[] = [new ModelWorker('first', 'token-1')];
  readonly tokens = new Map<string, string>();
  readonly jobs = new Map<string, Promised>();
  readonly removed = new Set<string>();
  readonly steps: string[] = [];
  readonly missing = new Set<string>();
  /** The last that was told of each job; null that it is gone. */
  readonly told = new Map<string, JobView | null>();
  readonly batches: string[] = [];
  /** Hashing that goes on until it is let go. */
  hashing: (() => void)[] | null = null;
  full = false;
  engine!: TestEngine;
  #made = 0;

  constructor(seed: number) {
    this.chance = chanceFrom(seed);
    this.folder = mkdtempSync(join(tmpdir(), 'bt-any-order-'));
    for (const name of ['out', 'transcripts']) mkdirSync(join(this.folder, name));
    this.db = openDatabase(join(this.folder, 'queue.sqlite'), 1);
    // What is tried here is the order of things, not the disk.
    this.db.pragma('synchronous = OFF');
    this.start();
  }

  start(): void {
    const { db, folder, clock } = this;
    const store = this.#store();
    const kept = join(folder, 'transcripts');
    const engine = new TestEngine(undefined, undefined, null, undefined, (parts) => ({
      ...parts,
      clock,
      jobs: store,
      batches: new SqliteBatchStore(db),
      edits: new SqliteEditStore(db),
      search: new SqliteSearchStore(db),
      workers: new SqliteWorkerStore(db),
      workerRecords: new SqliteWorkerRecords(db),
      secrets: {
        get: (name) => this.tokens.get(name) ?? null,
        set: (name, value) => void this.tokens.set(name, value),
        delete: (name) => void this.tokens.delete(name),
      },
      environmentWorker: { url: 'http://first', token: 'token-1' },
      connect: ({ url, token }) =>
        (this.workers.find(({ name }) => `http://${name}` === url) ?? new ModelWorker('nobody', '')).client(token),
      keptTranscripts: {
        put: async (id, json) => writeFileSync(join(kept, `${id}.json`), json),
        drop: (id) => rmSync(join(kept, `${id}.json`), { force: true }),
        jobs: () => readdirSync(kept).map((name) => name.replace(/\.json$/, '')),
      },
      media: {
        ...parts.media,
        prepare: ({ path }, signal) => this.#prepare(path, signal),
        identify: async (path) => {
          if (this.missing.has(path)) throw new AppError('SOURCE_MISSING');
          return parts.media.identify(path);
        },
      },
      outputs: {
        write: async (job, transcript) => {
          const path = join(folder, 'out', `${job.id}.srt`);
          writeFileSync(path, exportText(transcript, 'srt').text);
          return [{ format: 'srt', path, digests: [] }];
        },
        rewrite: async () => ({ files: [], kept: [] }),
      },
      chance: { fraction: () => this.chance.unit(), id: (prefix) => `${prefix}_${this.#next()}` },
    }));
    engine.settings = {
      ...engine.settings,
      jobDefaults: { ...engine.settings.jobDefaults, formats: ['srt'], whenDone: 'skip' },
    };
    this.engine = engine;
    engine.controller.subscribe((event) => this.#hear(event));
  }

  async restart(): Promise<void> {
    const closing = this.engine.controller.close();
    // Nothing that is on its way keeps the app from ending.
    await this.clock.advance(0);
    await closing;
    expect(this.clock.pending, 'what is planned when the engine is closed').toBe(0);
    this.start();
  }

  pick<T>(of: readonly T[]): T | undefined {
    return of.length === 0 ? undefined : this.chance.pick(of);
  }

  /** A job that is there. */
  some(): string | undefined {
    return this.pick([...this.jobs.keys()]);
  }

  async add(): Promise<void> {
    const paths = Array.from({ length: 1 + Math.floor(this.chance.unit() * 4) }, () => {
      // One in four is a copy of another.
      const number = this.chance.unit() < 0.25 ? Math.floor(this.chance.unit() * 4) : this.#next();
      return `/recordings/${number}.wav`;
    });
    const again = this.chance.unit() < 0.3 ? { whenDone: 'again' as const } : {};
    const { jobs, batch } = await this.engine.controller.call('addJobs', { paths, options: again });
    if (batch !== null) this.batches.push(batch.id);
    for (const { id, sourcePath } of jobs)
      this.jobs.set(id, {
        ...{ path: sourcePath, paused: false, canceled: false, acknowledged: null, attempts: 0, deaths: 0 },
      });
  }

  /** The worker sends what it made, as the routes do; the same or another number of times, and for attempts that are long over too. */
  async deliver(worker: ModelWorker, job: ModelJob): Promise<void> {
    const { facing } = this.engine;
    if (!worker.up) return;
    const before = this.jobs.get(job.jobId);
    try {
      if (!facing.authorized(job.jobId, worker.token)) throw new AppError('UNAUTHORIZED');
      await facing.deliver(job.jobId, job.attempt, job.body);
    } catch (thrown) {
      const { code } = toAppError(thrown);
      if (code !== 'DISK_FULL' && job.status === 'running') worker.fail(job, 'DELIVERY_REFUSED');
      return;
    }
    if (job.status === 'running') {
      job.status = 'complete';
      job.stage = 'complete';
    }
    if (before === undefined) throw new Error(`A transcript was taken for ${job.jobId}, which is not there.`);
    if (before.acknowledged !== null)
      expect(before.acknowledged, `${job.jobId} has one transcript`).toBe(job.body.sha256);
    before.acknowledged = job.body.sha256;
  }

  /** What was promised, after every step. */
  check(before: ReadonlyMap<string, number>, wasHeld: ReadonlySet<string>, drained: ReadonlySet<string>): void {
    const store = new SqliteJobStore(this.db);
    for (const [id, promised] of this.jobs) {
      const job = store.get(id);
      if (job === null) throw new Error(`${id} is gone.`);
      if (promised.canceled) expect(job.state, `${id} was canceled`).toBe('canceled');
      if (promised.paused) expect(job.waiting?.reason, `${id} was paused`).toBe('paused');
      if (promised.acknowledged !== null) {
        expect(job.transcriptSha256, `${id}: the transcript that was acknowledged`).toBe(promised.acknowledged);
        expect(store.transcriptText(id), `${id}: its text`).not.toBeNull();
      }
      if (job.error?.code === 'INTERNAL') throw new Error(`${id}: ${job.error.message}`);
      if (job.open !== null && job.transcriptSha256 !== null) throw new Error(`${id} is at a worker and done.`);
      if (job.attempt > (before.get(id) ?? 0)) {
        expect(wasHeld.has(job.batchId), `${id} was begun though its batch was paused`).toBe(false);
        expect(drained.has(job.lastWorkerId ?? ''), `${id} was given to a drained worker`).toBe(false);
      }
      if (job.state === 'waiting' && job.waiting === null) throw new Error(`${id} waits for nothing.`);
    }
    for (const worker of this.workers) expect(worker.confused).toEqual([]);
  }

  attempts(): ReadonlyMap<string, number> {
    const store = new SqliteJobStore(this.db);
    return new Map([...this.jobs.keys()].map((id) => [id, store.get(id)?.attempt ?? 0]));
  }

  /** Batches of which nothing may be begun now. */
  held(): ReadonlySet<string> {
    const batches = new SqliteBatchStore(this.db);
    return new Set(batches.queuePausedSince() === null ? batches.paused() : this.batches);
  }

  drained(): ReadonlySet<string> {
    const records = new SqliteWorkerRecords(this.db);
    const ids = ['environment', ...new SqliteWorkerStore(this.db).workers().map(({ id }) => id)];
    return new Set(ids.filter((id) => records.choices(id).drainedSince !== null));
  }

  /** What workers that could hear otherwise still work at for nobody, in sentences. */
  async unwanted(): Promise<readonly string[]> {
    const store = new SqliteJobStore(this.db);
    const { workers } = await this.engine.controller.call('listWorkers', {});
    const known = new Set(workers.flatMap(({ url }) => url ?? []));
    const found: string[] = [];
    for (const worker of this.workers)
      for (const { workerJobId, jobId, attempt } of worker.running) {
        const job = store.get(jobId);
        if (job?.open && job.attempt === attempt) continue;
        if (known.has(`http://${worker.name}`) && !worker.unheard.has(workerJobId))
          found.push(`${worker.name} still works at ${workerJobId}: ${JSON.stringify(job)}`);
      }
    return found;
  }

  #next(): number {
    this.#made += 1;
    return this.#made;
  }

  #store(): SqliteJobStore {
    const store = new SqliteJobStore(this.db);
    const writes: ReadonlySet<string> = new Set([
      'save',
      'saveAll',
      'saveDelivered',
      'saveCopied',
      'saveOutputs',
      'addBatch',
      'move',
    ]);
    return new Proxy(store, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name, target);
        if (typeof method !== 'function') return method;
        return (...given: unknown[]): unknown => {
          if (this.full && writes.has(String(name))) throw new AppError('DISK_FULL');
          return Reflect.apply(method, target, given);
        };
      },
    });
  }

  async #prepare(path: string, signal: AbortSignal): Promise<PreparedSource> {
    const { hashing } = this;
    if (hashing !== null)
      await new Promise<void>((resolve) => {
        hashing.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    if (signal.aborted) throw new AppError('USER_CANCELED');
    if (this.missing.has(path)) throw new AppError('SOURCE_MISSING');
    return { ...SOURCE, sha256: contentOf(path) };
  }

  #hear(event: AppEvent): void {
    if (event.type === 'job') this.told.set(event.job.id, event.job);
    else if (event.type === 'job-removed') this.told.set(event.id, null);
  }

  /** What is wrong in the end, in sentences. */
  async faults(): Promise<readonly string[]> {
    const found: string[] = [];
    const store = new SqliteJobStore(this.db);
    for (const id of this.jobs.keys()) {
      const view = await this.engine.job(id);
      if (!isFinal(view.state)) found.push(`${id} did not end: ${JSON.stringify(store.get(id))}`);
      const told = this.told.get(id);
      if (told?.state !== view.state || told.updatedAt !== view.updatedAt)
        found.push(`${id} is ${view.state}, and was last told as ${told?.state}`);
    }
    for (const id of this.removed)
      if (this.told.get(id) !== null) found.push(`${id} is removed, and was told of after that`);
    return [...found, ...inspect({ dataDir: this.folder, jobs: [...this.jobs.keys()] }).broken];
  }

  /** The engine is closed already, or nobody asks it any more. */
  end(): void {
    this.db.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
