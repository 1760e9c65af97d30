// Owns the worker on this computer: adopts one that an earlier engine left, else makes its environment and starts one, and starts it
// again while it is wanted. The process outlives the engine on purpose: a crash of the app loses no transcribing.
//
// off         not wanted.
// installing  its Python environment is being made.
// starting    the process runs and does not answer yet, or waits to be started again after it died.
// running     it answers with our token. `adopted` says that an earlier engine started it.
// failed      installing failed, or it died three times in a row. Tried again by itself after a while.

import { request } from 'undici';
import { AppError, toAppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import { healthSchema } from '../contract/worker-wire.ts';
import type { Chance, Clock, LocalWorker, LocalWorkerState, Log, WorkerAddress } from '../controller/ports.ts';
import { ensureWorkerVenv, venvPython } from './venv.ts';
import { wait } from './wait.ts';
import { connectWorker } from './worker-client.ts';
import { workerEnvironment } from './worker-environment.ts';
import { WorkerFolder } from './worker-folder.ts';
import type { WorkerProgram } from './worker-program.ts';
import { adoptProgram, isAlive, startProgram } from './worker-program.ts';

export interface LocalWorkerOptions {
  readonly dataDir: string;
  /** Folder of the worker's package (worker-image). */
  readonly packageDir: string;
  readonly venvDir: string;
  /** The engine's environment with WORKER_MODELS_DIR. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** What is run. Default: the environment's Python with the worker's package. */
  readonly command?: readonly [string, ...string[]];
  /** Makes the environment. Default: {@link ensureWorkerVenv}. */
  readonly install?: (onProgress: (line: string) => void, signal: AbortSignal) => Promise<void>;
  /** Asks who is at `address`. Default: `GET /v1/ping`. */
  readonly fetchPing?: (address: WorkerAddress, signal: AbortSignal) => Promise<Presence>;
}

/** Ours, somebody else or nobody, or one that took too long to tell: a worker with all its threads at work may be slow. */
export type Presence = 'ours' | 'other' | 'busy';

const READY_MS = 60_000;
const LOOK_MS = 100;
const CALL_MS = 5_000;
const ADOPT_TRIES = 6;
/** Before the second, third, … start in a row. */
const RESTART_MS = [1_000, 5_000, 30_000];
const MAX_QUICK_DEATHS = 3;
/** A worker that lived so long did not die of its start. */
const WELL_MS = 60_000;
const FAILED_RETRY_MS = 120_000;
const WORDS_KEPT = 12;
/** How often a worker that runs is asked whether it is still there. */
const WATCH_MS = 40_000;
/**
 * Silences in a row after which it hangs: eleven minutes, for which nothing else would end it. Counted and not timed, so that a night in which the
 * computer slept is none.
 */
const HANGS_AFTER = 15;

export class LocalWorkerProcess implements LocalWorker {
  readonly #options: LocalWorkerOptions;
  readonly #folder: WorkerFolder;
  #state: LocalWorkerState = { state: 'off' };
  #onChange: (state: LocalWorkerState) => void = () => undefined;
  /** Aborted when the worker is no longer wanted; null while it is not. */
  #wanted: AbortController | null = null;
  #program: WorkerProgram | null = null;
  #watching: Promise<void> = Promise.resolve();

  constructor(options: LocalWorkerOptions) {
    this.#options = options;
    this.#folder = new WorkerFolder(options.dataDir);
  }

  get current(): LocalWorkerState {
    return this.#state;
  }

  start(onChange: (state: LocalWorkerState) => void): void {
    this.#onChange = onChange;
    if (this.#wanted !== null) return;
    const wanted = new AbortController();
    this.#wanted = wanted;
    // An earlier life may still be ending.
    this.#watching = this.#watching.then(() => this.#watch(wanted.signal));
  }

  async stop(graceMs: number): Promise<void> {
    const program = this.#giveUp();
    await program?.stop(graceMs);
    await this.#watching;
    // A process may have come up in the moment in which it was no longer wanted.
    await this.#program?.stop(graceMs);
    if (program !== null || this.#program !== null) await this.#folder.forgetToken();
    this.#program = null;
    if (this.#wanted === null) this.#become({ state: 'off' });
  }

  release(): void {
    this.#giveUp()?.leave();
    this.#program = null;
    this.#state = { state: 'off' };
    this.#onChange = () => undefined;
  }

  #giveUp(): WorkerProgram | null {
    this.#wanted?.abort();
    this.#wanted = null;
    return this.#program;
  }

  /** One life of being wanted: up, watch, up again. Throws nothing. */
  async #watch(wanted: AbortSignal): Promise<void> {
    let deaths = 0;
    while (!wanted.aborted) {
      const { clock, log } = this.#options;
      try {
        const began = clock.now();
        const { program, address, adopted } = (await this.#adopt(wanted)) ?? (await this.#launch(wanted));
        if (wanted.aborted) return;
        if (address !== null) {
          log.info('local_worker_running', { pid: program.pid, adopted });
          this.#become({ state: 'running', address, adopted });
          if (!(await this.#livesOn(program, address, wanted))) {
            log.error('local_worker_hangs', { pid: program.pid, silences: HANGS_AFTER });
            await program.stop(0);
          }
          if (wanted.aborted) return;
        }
        deaths = clock.now() - began >= WELL_MS ? 1 : deaths + 1;
        log.warn('local_worker_ended', { pid: program.pid, deaths });
        const words = await this.#folder.lastWords(program.logFrom, WORDS_KEPT);
        if (deaths >= MAX_QUICK_DEATHS) throw died(words);
      } catch (thrown) {
        if (wanted.aborted) return;
        deaths = 0;
        this.#fail(thrown);
        await wait(clock, FAILED_RETRY_MS, wanted);
        continue;
      } finally {
        if (!wanted.aborted) this.#program = null;
      }
      this.#become({ state: 'starting' });
      await wait(clock, RESTART_MS[Math.min(deaths, RESTART_MS.length) - 1] ?? 0, wanted);
    }
  }

  /** Waits until it ended or is no longer wanted. @returns false when it lives and has not answered for long */
  async #livesOn(program: WorkerProgram, address: WorkerAddress, wanted: AbortSignal): Promise<boolean> {
    const over = AbortSignal.any([program.ended, wanted]);
    for (let silences = 0; silences < HANGS_AFTER; ) {
      await wait(this.#options.clock, WATCH_MS, over);
      if (over.aborted) return true;
      // Whoever answers, even with a refusal, does not hang.
      silences = (await this.#ping(address, over)) === 'busy' ? silences + 1 : 0;
    }
    return over.aborted;
  }

  /** The worker of an earlier engine, if it lives and knows our token. */
  async #adopt(wanted: AbortSignal): Promise<Up | null> {
    const [token, state] = [await this.#folder.token(), await this.#folder.state()];
    if (token === null || state === null || !isAlive(state.pid)) return null;
    const address = addressOf(state.port, token);
    // Started beside one that is only slow, a second worker would find their work directory taken.
    let presence: Presence = 'busy';
    for (let tries = 0; presence === 'busy' && tries < ADOPT_TRIES; tries += 1) {
      presence = await this.#ping(address, wanted);
      if (wanted.aborted) return null;
    }
    if (presence !== 'ours') return null;
    this.#program = adoptProgram(state.pid, this.#options.clock);
    return { program: this.#program, address, adopted: true };
  }

  async #launch(wanted: AbortSignal): Promise<Up> {
    const { clock, chance, env, dataDir, venvDir, command } = this.#options;
    await this.#install(wanted);
    this.#become({ state: 'starting' });
    await this.#folder.make();
    // One that an engine started just before it was killed may have come up by now. If it comes up later, the one that is started here finds the
    // work directory taken and ends, and the other, which has the same token, is adopted.
    const up = await this.#adopt(wanted);
    if (up !== null) return up;
    await this.#folder.forgetState();
    const token = await this.#folder.tokenToStartWith(chance);
    wanted.throwIfAborted();
    const program = await startProgram(
      {
        command: command ?? [venvPython(venvDir), '-m', 'bulk_transcribe_worker'],
        env: workerEnvironment(env, this.#folder, dataDir, token),
        folder: this.#folder,
      },
      clock,
    );
    this.#program = program;
    const port = await this.#untilReady(program, wanted);
    if (port === null && !wanted.aborted) await program.stop(0);
    return { program, address: port === null ? null : addressOf(port, token), adopted: false };
  }

  async #install(wanted: AbortSignal): Promise<void> {
    const { packageDir, venvDir, env, install } = this.#options;
    const onProgress = (detail: string) => this.#become({ state: 'installing', detail });
    if (install !== undefined) await install(onProgress, wanted);
    else await ensureWorkerVenv({ packageDir, venvDir, dev: false, onProgress, signal: wanted, env: { ...env } });
  }

  /** The port once the worker answers; null when it died, took too long, or is no longer wanted. */
  async #untilReady(program: WorkerProgram, wanted: AbortSignal): Promise<number | null> {
    const { clock } = this.#options;
    const over = AbortSignal.any([program.ended, wanted]);
    for (let waited = 0; waited < READY_MS && !over.aborted; waited += LOOK_MS) {
      const state = await this.#folder.state();
      if (state !== null && (await isHealthy(state.port, over))) return state.port;
      await wait(clock, LOOK_MS, over);
    }
    return null;
  }

  async #ping(address: WorkerAddress, signal: AbortSignal): Promise<Presence> {
    if (this.#options.fetchPing !== undefined) return this.#options.fetchPing(address, signal);
    const client = connectWorker({ version: 'local', callMs: CALL_MS })(address);
    try {
      await client.ping(signal);
      return 'ours';
    } catch (thrown) {
      return isTimeout(thrown) ? 'busy' : 'other';
    } finally {
      await client.close();
    }
  }

  #fail(thrown: unknown): void {
    const error = toAppError(thrown, 'WORKER_START_FAILED');
    const code = error.code === 'WORKER_INSTALL_FAILED' ? 'WORKER_INSTALL_FAILED' : 'WORKER_START_FAILED';
    this.#options.log.error('local_worker_failed', { code, message: error.message });
    this.#become({ state: 'failed', code, message: error.message });
  }

  #become(state: LocalWorkerState): void {
    this.#state = state;
    this.#onChange(state);
  }
}

interface Up {
  readonly program: WorkerProgram;
  /** Null when it ended, or was ended, before it answered. */
  readonly address: WorkerAddress | null;
  readonly adopted: boolean;
}

function addressOf(port: number, token: string): WorkerAddress {
  return { url: `http://127.0.0.1:${port}`, token };
}

async function isHealthy(port: number, signal: AbortSignal): Promise<boolean> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]);
    const answer = await request(`http://127.0.0.1:${port}/health`, { signal: limit });
    return healthSchema.safeParse(await answer.body.json()).success;
  } catch {
    // Not yet.
    return false;
  }
}

function isTimeout(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.cause instanceof Error && thrown.cause.name === 'TimeoutError';
}

function died(words: string): AppError {
  return new AppError(
    'WORKER_START_FAILED',
    words === '' ? say('local_not_started') : say('local_not_started_why', { reason: words }),
  );
}
