// Owns a real engine for tests: the command `serve` in a process of its own, spoken to over its local API.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { JobView } from '../../src/contract/job.ts';
import { type EngineClient, engineClient } from '../../src/host/engine-client.ts';
import { SYSTEM_CLOCK } from '../../src/host/system.ts';
import { QUEUE_MS } from '../patience.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
export const SMALL = join(ROOT, 'tests/small-whisper');
const CLI = join(ROOT, 'src/host/cli.ts');

/** The environment of every process of the tests: the small model, nothing of the person who runs them. */
export function testEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(WORKER_|REMOTE_|EXPECTED_|BULK_TRANSCRIBE_)/.test(name),
  );
  return { ...Object.fromEntries(own), WORKER_MODELS_DIR: join(SMALL, 'models'), WORKER_MODEL: 'demo-en', ...extra };
}

export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'bulk-transcribe-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Runs one command to its end. */
export async function command(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd = ROOT,
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [CLI, ...args], { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const [code] = await once(child, 'close');
  return { code: typeof code === 'number' ? code : null, out, err };
}

export interface EngineProcess {
  readonly url: string;
  readonly token: string;
  readonly client: EngineClient;
  readonly child: ChildProcess;
  /** SIGKILL: the engine gets no chance to do anything. */
  kill(): Promise<void>;
  /** SIGTERM, and waits for its end. */
  stop(): Promise<void>;
}

/** Starts `serve` on a free port and waits until it listens. */
export async function startEngine(dataDir: string, env: NodeJS.ProcessEnv): Promise<EngineProcess> {
  const child = spawn(process.execPath, [CLI, 'serve', '--port', '0', '--no-open', '--data-dir', dataDir], {
    env,
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const address = await Promise.race([
    addressIn(child),
    ended.then(([code]) => Promise.reject(new Error(`The engine ended with ${code}.`))),
  ]);
  const url = address.origin;
  const token = address.hash.slice('#token='.length);
  const client = engineClient({ url, token, clock: SYSTEM_CLOCK });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    client.close();
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return { url, token, client, child, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

async function addressIn(child: ChildProcess): Promise<URL> {
  if (child.stdout === null) throw new TypeError('The output of the engine is not read.');
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /http:\/\/\S+#token=\S+/.exec(line)?.[0];
    if (address !== undefined) {
      child.stdout.resume();
      return new URL(address);
    }
  }
  throw new Error('The engine printed no address.');
}

/** Resolves with the job as soon as `is` holds; rejects when the job ends otherwise, or after `ms`. */
export function whenJob(
  client: EngineClient,
  id: string,
  is: (job: JobView) => boolean,
  ms = QUEUE_MS,
): Promise<JobView> {
  return new Promise((resolve, reject) => {
    let last: JobView | null = null;
    const stop = (): void => {
      clearTimeout(timer);
      unsubscribe();
    };
    const look = (job: JobView): void => {
      last = job;
      if (is(job)) {
        stop();
        resolve(job);
      } else if (job.state === 'failed' || job.state === 'canceled') {
        stop();
        reject(new Error(`The job ended as ${job.state}: ${JSON.stringify(job.error)}`));
      }
    };
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`Not within ${ms} ms; the job was last seen as ${JSON.stringify(last)}`));
    }, ms);
    const unsubscribe = client.subscribe((event) => {
      if (event.type === 'ready') void client.call('getJob', { id }).then(look, reject);
      else if (event.type === 'job' && event.job.id === id) look(event.job);
      else if (event.type === 'progress' && event.id === id && last !== null)
        look({ ...last, progress: event.progress });
    });
  });
}
