// Owns the engine's media threads: a few, each at one task, started when there is work and ended when there is none. A thread whose task is
// canceled, takes too long or eats too much memory is ended, whatever it is doing.

import { Worker } from 'node:worker_threads';
import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import type { MediaAnswer, MediaResults, MediaTask, MediaWord } from './media-messages.ts';

/** In the packaged app each file of the engine is a bundle of its own, beside the engine's. */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './media-thread.ts' : './media-thread.js', import.meta.url);
/** Looking at a file reads a few megabytes; what takes longer wanders. Milliseconds. */
const PROBE_MS = 10_000;
/** Hashing and copying take their time; what is slower than this with a file of `size` bytes stands still. Milliseconds. */
const prepareMs = (size: number): number => 120_000 + size / 500;
/** A thread that said that it gets on, and then nothing for so long, stands still, milliseconds. */
const STALL_MS = 60_000;
/** One that gets on may take so many times as long: packing sound takes longer the slower the computer is. */
const PATIENCE = 10;
/** Memory of one thread, MiB: an index of a recording of 48 hours fits in it. */
const MEMORY_MB = 512;
/** A thread without work is ended after so long, milliseconds. */
const IDLE_MS = 30_000;

/** The file brought its reader to a standstill or ate all its memory: nothing is known of it. */
export class ReaderStopped extends AppError {
  constructor(options: ErrorOptions) {
    super('NOT_A_RECORDING', say('stops_readers'), options);
  }
}

interface Thread {
  readonly worker: Worker;
  readonly idle: NodeJS.Timeout;
  readonly forget: () => void;
}

export class MediaThreads {
  readonly #idle: Thread[] = [];
  readonly #busy = new Set<Worker>();
  readonly #probeMs: number;
  readonly #stallMs: number;
  readonly #entry: URL;

  /** @param probeMs, `stallMs` and `entry`: for tests */
  constructor({
    probeMs = PROBE_MS,
    stallMs = STALL_MS,
    entry = ENTRY,
  }: { readonly probeMs?: number; readonly stallMs?: number; readonly entry?: URL } = {}) {
    this.#probeMs = probeMs;
    this.#stallMs = stallMs;
    this.#entry = entry;
  }

  /**
   * Runs one task in a thread that has nothing else to do.
   * @throws AppError what the task refuses; USER_CANCELED when `signal` is aborted; ReaderStopped
   */
  async run<Type extends MediaTask['type']>(
    task: Extract<MediaTask, { type: Type }>,
    signal?: AbortSignal,
  ): Promise<MediaResults[Type]> {
    if (signal?.aborted === true) throw canceled(signal);
    const worker = this.#take();
    this.#busy.add(worker);
    const answered = Promise.withResolvers<MediaAnswer>();
    const died = (cause: unknown): void => answered.reject(new ReaderStopped({ cause }));
    const exited = (): void => died(new Error('The thread ended.'));
    const abort = (): void => answered.reject(canceled(signal));
    const limitMs = 'sizeBytes' in task ? prepareMs(task.sizeBytes) : this.#probeMs;
    const late = (): void => died(new Error('It took too long.'));
    let limit = setTimeout(late, Math.min(limitMs, 2 ** 31 - 1));
    const last = performance.now() + limitMs * PATIENCE;
    const heard = (word: MediaWord): void => {
      if (word !== 'going') answered.resolve(word);
      clearTimeout(limit);
      limit = setTimeout(late, Math.max(0, Math.min(this.#stallMs, last - performance.now())));
    };
    worker.on('message', heard).once('error', died).once('exit', exited);
    signal?.addEventListener('abort', abort, { once: true });
    let well = false;
    try {
      worker.postMessage(task);
      const answer = await answered.promise;
      well = true;
      if (!answer.ok) throw new AppError(answer.error.code, answer.error.message);
      // The answer is that of the task that was sent.
      return answer.result as MediaResults[Type];
    } finally {
      clearTimeout(limit);
      signal?.removeEventListener('abort', abort);
      worker.off('message', heard).off('error', died).off('exit', exited);
      this.#busy.delete(worker);
      if (well) this.#rest(worker);
      else await end(worker);
    }
  }

  /** Ends all threads, whatever they do. */
  async close(): Promise<void> {
    const idle = this.#idle.splice(0);
    for (const thread of idle) clearTimeout(thread.idle);
    await Promise.all([...this.#busy, ...idle.map(({ worker }) => worker)].map(end));
  }

  #take(): Worker {
    const rested = this.#idle.pop();
    if (rested !== undefined) {
      clearTimeout(rested.idle);
      rested.worker.off('exit', rested.forget).off('error', rested.forget);
      return rested.worker;
    }
    // Nothing of this process is for the reader of a foreign file: no environment, no standard streams. Decoders say on them what they
    // think of damage.
    const worker = new Worker(this.#entry, {
      env: {},
      stdin: false,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    worker.stdout.resume();
    worker.stderr.resume();
    // The engine ends without waiting for it.
    worker.unref();
    return worker;
  }

  #rest(worker: Worker): void {
    const forget = (): void => {
      const at = this.#idle.findIndex((thread) => thread.worker === worker);
      if (at !== -1) this.#idle.splice(at, 1);
    };
    const idle = setTimeout(() => {
      forget();
      void end(worker);
    }, IDLE_MS);
    idle.unref();
    worker.once('exit', forget).once('error', forget);
    this.#idle.push({ worker, idle, forget });
  }
}

/** An error after the end is of no interest, and would bring the process down if nobody listened. */
async function end(worker: Worker): Promise<void> {
  worker.on('error', () => undefined);
  await worker.terminate();
}

function canceled(signal: AbortSignal | undefined): AppError {
  return new AppError('USER_CANCELED', undefined, { cause: signal?.reason });
}
