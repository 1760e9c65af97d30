// Owns one worker process: starting it apart from this process, knowing when it has ended, ending it.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import type { Clock } from '../controller/ports.ts';
import { wait } from './wait.ts';
import type { WorkerFolder } from './worker-folder.ts';

export interface ProgramOptions {
  /** Program and arguments. Never carries a secret: everybody on the computer can read it. */
  readonly command: readonly [string, ...string[]];
  readonly env: NodeJS.ProcessEnv;
  readonly folder: WorkerFolder;
}

/** A process that was started here (it tells when it ends) or by an earlier engine (it is looked at). */
export interface WorkerProgram {
  readonly pid: number;
  /** Aborted when it has ended. */
  readonly ended: AbortSignal;
  /** Where its lines in the log begin, bytes. */
  readonly logFrom: number;
  /** SIGTERM, so that it drains; SIGKILL after `graceMs`. On Windows both end it at once. Resolves when it has ended. */
  stop(graceMs: number): Promise<void>;
  /** Stops looking at it. */
  leave(): void;
}

const LOOK_MS = 2_000;
const STOPPING_LOOK_MS = 50;
/** After SIGKILL nothing takes longer, unless the kernel itself holds the process. */
const KILLED_MS = 5_000;

/**
 * Starts a worker that outlives this process: a session of its own, no pipes, its output in the log.
 * @throws AppError WORKER_START_FAILED when the program cannot be run.
 */
export async function startProgram({ command, env, folder }: ProgramOptions, clock: Clock): Promise<WorkerProgram> {
  const { file, from } = await folder.openLog();
  const [program, ...args] = command;
  try {
    const child = spawn(program, args, {
      cwd: folder.path,
      env,
      stdio: ['ignore', file.fd, file.fd],
      detached: true,
      windowsHide: true,
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(cannotRun(error)));
    });
    child.unref();
    return new StartedProgram(child, from, clock);
  } finally {
    await file.close();
  }
}

/** Watches a worker that an earlier engine started. */
export function adoptProgram(pid: number, clock: Clock): WorkerProgram {
  return new AdoptedProgram(pid, clock);
}

/** False also for a pid that belongs to somebody else by now. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

class StartedProgram implements WorkerProgram {
  readonly pid: number;
  readonly logFrom: number;
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  readonly #onExit = () => this.#ended.abort();

  constructor(child: ChildProcess, logFrom: number, clock: Clock) {
    this.#child = child;
    this.#clock = clock;
    this.pid = child.pid ?? 0;
    this.logFrom = logFrom;
    child.once('exit', this.#onExit);
    child.on('error', () => undefined);
    if (child.exitCode !== null || child.signalCode !== null) this.#ended.abort();
  }

  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  async stop(graceMs: number): Promise<void> {
    await endGently((signal) => this.#child.kill(signal), this.ended, this.#clock, graceMs);
  }

  leave(): void {
    this.#child.off('exit', this.#onExit);
  }
}

class AdoptedProgram implements WorkerProgram {
  readonly pid: number;
  readonly logFrom = 0;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  #cancelLook = (): void => undefined;
  #lookMs = LOOK_MS;

  constructor(pid: number, clock: Clock) {
    this.pid = pid;
    this.#clock = clock;
    this.#look();
  }

  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  async stop(graceMs: number): Promise<void> {
    this.leave();
    this.#lookMs = STOPPING_LOOK_MS;
    this.#look();
    await endGently((signal) => isAlive(this.pid) && process.kill(this.pid, signal), this.ended, this.#clock, graceMs);
    this.leave();
  }

  leave(): void {
    this.#cancelLook();
  }

  #look(): void {
    if (isAlive(this.pid)) this.#cancelLook = this.#clock.after(this.#lookMs, () => this.#look());
    else this.#ended.abort();
  }
}

async function endGently(
  kill: (signal: NodeJS.Signals) => boolean,
  ended: AbortSignal,
  clock: Clock,
  graceMs: number,
): Promise<void> {
  if (ended.aborted) return;
  kill('SIGTERM');
  await wait(clock, graceMs, ended);
  if (ended.aborted) return;
  kill('SIGKILL');
  await wait(clock, KILLED_MS, ended);
}

function cannotRun(error: Error): AppError {
  return new AppError('WORKER_START_FAILED', say('local_no_python', { reason: error.message }), {
    cause: error,
  });
}
