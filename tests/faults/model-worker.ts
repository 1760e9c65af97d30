// Owns a worker in memory that keeps to docs/protocol.md and does what it is told when it is told: it answers late or never, forgets, fails, dies,
// and delivers in any order. For any-order.test.ts.

import { createHash } from 'node:crypto';
import type { ErrorCode } from '../../src/contract/errors.ts';
import { AppError } from '../../src/contract/errors.ts';
import type { JobStatus } from '../../src/contract/worker-wire.ts';
import { pingSchema } from '../../src/contract/worker-wire.ts';
import { transcriptJson } from '../../src/controller/engine.cases.ts';
import type { WorkerClient } from '../../src/controller/ports.ts';
import { UnknownJob, WorkerRefusal } from '../../src/controller/ports.ts';

export interface ModelJob {
  readonly workerJobId: string;
  readonly jobId: string;
  readonly attempt: number;
  readonly body: { readonly json: string; readonly sha256: string };
  status: 'running' | 'complete' | 'failed' | 'canceled';
  stage: JobStatus['stage'];
  error: JobStatus['error'];
}

/** Recordings that a worker takes at a time, with those that it fetches ahead. */
const PLACES = 3;

const unreachable = (): AppError => new AppError('REMOTE_WORKER_UNREACHABLE', 'Nobody answers.');

/** One machine. Its fields are what the test wants it to be at the moment. */
export class ModelWorker {
  readonly name: string;
  token: string;
  up = true;
  /** It takes no more, whoever keeps it busy. */
  full = false;
  /** A gateway before it answers questions in its place. */
  limited = false;
  boot = 1;
  readonly jobs = new Map<string, ModelJob>();
  /** Set while answers are on their way: each calls back when it may arrive (true) or is cut (false). */
  late: ((arrives: boolean) => void)[] | null = null;
  /** Jobs of which it could not hear that nobody wants them. */
  readonly unheard = new Set<string>();
  /** Offers of a job that it had under the same number already, with another content: there must be none. */
  readonly confused: string[] = [];

  constructor(name: string, token: string) {
    this.name = name;
    this.token = token;
  }

  get running(): readonly ModelJob[] {
    return [...this.jobs.values()].filter(({ status }) => status === 'running');
  }

  /** Its process is gone, and with it what it was at; another is there. */
  restart(): void {
    this.boot += 1;
    this.jobs.clear();
  }

  client(token: string): WorkerClient {
    const closed = new AbortController();
    const call = async <Result>(caller: AbortSignal, effect: () => Result): Promise<Result> => {
      const signal = AbortSignal.any([caller, closed.signal]);
      if (signal.aborted || !this.up) throw unreachable();
      if (token !== this.token) throw new AppError('REMOTE_WORKER_UNAUTHORIZED');
      let outcome: { readonly result: Result } | { readonly error: unknown };
      try {
        outcome = { result: effect() };
      } catch (error) {
        outcome = { error };
      }
      if (this.late !== null && !(await this.#onItsWay(this.late, signal))) throw unreachable();
      if ('error' in outcome) throw outcome.error;
      return outcome.result;
    };
    return {
      ping: (signal) => call(signal, () => ({ ping: this.#ping(), latencyMs: 1 })),
      submit: async (request, key, signal) => {
        const workerJobId = `wk_${this.name}_${this.boot}_${key}`;
        const taken = call(signal, () => {
          const known = this.jobs.get(workerJobId);
          const [input] = request.inputs;
          const { json, sha256 } = transcriptJson(`${input?.sha256} by ${workerJobId}`, input?.sha256 ?? '');
          if (known === undefined) {
            if (this.full || this.running.length >= PLACES)
              throw new WorkerRefusal('REMOTE_WORKER_CAPACITY', 'Full.', 2_000);
            this.jobs.set(workerJobId, {
              ...{ workerJobId, jobId: request.controllerJobId, attempt: request.attempt ?? 0, body: { json, sha256 } },
              ...{ status: 'running', stage: 'queued', error: null },
            });
          } else if (known.body.sha256 !== sha256) this.confused.push(key);
          return { workerJobId, status: known?.status ?? 'running', ...this.#self() };
        });
        // Whoever does not get the answer has no name by which to take the job back.
        taken.catch(() => this.unheard.add(workerJobId));
        return taken;
      },
      status: (id, signal) => call(signal, () => this.#status(id)),
      events: (id, _after, signal) => this.#events(id, signal),
      cancel: async (id, signal) => {
        try {
          await call(signal, () => {
            const job = this.jobs.get(id);
            if (job?.status === 'running') job.status = 'canceled';
          });
        } catch (error) {
          this.unheard.add(id);
          throw error;
        }
      },
      close: async () => closed.abort(),
    };
  }

  /** It says that the job failed. */
  fail(job: ModelJob, code: string): void {
    job.status = 'failed';
    job.error = { code, message: `${code} at ${this.name}` };
  }

  #self() {
    return { bootId: `${this.name}-boot-${this.boot}`, instanceId: this.name };
  }

  #status(id: string): JobStatus {
    if (this.limited) throw new WorkerRefusal('REMOTE_WORKER_CAPACITY', 'Too many requests.', 1_000);
    const job = this.jobs.get(id);
    if (job === undefined) throw new UnknownJob(this.#self().bootId);
    const { workerJobId, jobId, status, stage, error } = job;
    return { workerJobId, controllerJobId: jobId, status, stage, error, result: null, ...this.#self() };
  }

  async *#events(id: string, signal: AbortSignal): AsyncGenerator<never> {
    if (signal.aborted || !this.up || !this.jobs.has(id)) throw unreachable();
    yield* [];
  }

  async #onItsWay(late: ((arrives: boolean) => void)[], signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      late.push(resolve);
      signal.addEventListener('abort', () => resolve(false), { once: true });
    });
  }

  #ping() {
    return pingSchema.parse({
      ...{ status: 'ok', gpu: false, models: ['small', 'medium'], diarization: false, identity: null },
      ...{ protocol: 2, features: ['tunnel', 'events'], prefetchJobs: PLACES - 1, ...this.#self() },
    });
  }
}

/** The digest by which a recording of these tests goes. */
export function contentOf(what: string): string {
  return createHash('sha256').update(what).digest('hex');
}

/** What a worker of these tests may say of a recording, and whether that is final. */
export const WORKER_FAILURES: readonly (readonly [workerCode: string, code: ErrorCode])[] = [
  ['DECODE_FAILED', 'NOT_A_RECORDING'],
  ['ENGINE_FAILED', 'ENGINE_FAILED'],
  ['OUT_OF_MEMORY', 'OUT_OF_MEMORY'],
  ['DOWNLOAD_FAILED', 'TRANSFER_FAILED'],
  ['WORKER_RESTARTED', 'REMOTE_JOB_NOT_FOUND'],
  ['MODEL_LOAD_FAILED', 'MODEL_LOAD_FAILED'],
];
