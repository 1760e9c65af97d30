// Owns a real worker for tests: the Python package in a process of its own, as a remote one would be.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { venvPython } from '../../src/workers/venv.ts';
import { PATIENCE_MS } from '../patience.ts';
import { ROOT } from './engine-process.ts';

export interface WorkerProcess {
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly child: ChildProcess;
  /** Every line that it logged so far, parsed. */
  log(): Promise<readonly { readonly event: string }[]>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const stateFile = z.object({ port: z.number() });
const logLine = z.looseObject({ event: z.string() });

/**
 * Starts a worker in `dir` (its own state, work and log) and waits until it has bound its port.
 * @param program what Python is to run; the product's own by default
 */
export async function startWorker(
  dir: string,
  env: NodeJS.ProcessEnv,
  port = 0,
  program: readonly string[] = ['-m', 'bulk_transcribe_worker'],
): Promise<WorkerProcess> {
  const token = env['WORKER_TOKEN'] ?? randomBytes(24).toString('hex');
  const state = join(dir, `state-${randomBytes(4).toString('hex')}.json`);
  const logFile = join(dir, 'worker.log');
  const output = openSync(logFile, 'a', 0o600);
  const child = spawn(venvPython(join(ROOT, 'worker-image/.venv')), program, {
    env: {
      ...env,
      WORKER_TOKEN: token,
      WORKER_HOST: '127.0.0.1',
      WORKER_PORT: String(port),
      WORKER_STATE_FILE: state,
      WORKER_TMP_DIR: join(dir, 'work'),
    },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const ended = once(child, 'close');
  const bound = await until(async () => {
    if (child.exitCode !== null) throw new Error(`The worker ended: ${await readFile(logFile, 'utf8')}`);
    const text = await readFile(state, 'utf8').catch(() => null);
    return text === null ? null : stateFile.parse(JSON.parse(text));
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return {
    url: `http://127.0.0.1:${bound.port}`,
    port: bound.port,
    token,
    child,
    log: () => readLog(logFile),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

/** The JSON lines of a worker's log; what libraries print otherwise is passed over. */
export async function readLog(file: string): Promise<readonly { readonly event: string }[]> {
  const text = await readFile(file, 'utf8');
  return text.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    const parsed = logLine.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  });
}

/** Looks every 20 ms until there is something; a condition is waited for, never a time. */
export async function until<Found>(look: () => Promise<Found | null>, ms = PATIENCE_MS): Promise<Found> {
  const end = performance.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > end) throw new Error(`Not within ${ms} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
