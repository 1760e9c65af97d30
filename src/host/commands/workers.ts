// Owns the commands `workers …`: the remote workers from the command line.

import { readFileSync } from 'node:fs';
import type { AppApi } from '../../contract/api.ts';
import { AppError, explain } from '../../contract/errors.ts';
import type { WorkerView } from '../../contract/worker-view.ts';
import { pause } from '../../controller/pause.ts';
import { SYSTEM_CLOCK } from '../system.ts';
import type { GlobalOptions } from './engine-access.ts';
import { accessEngine } from './engine-access.ts';

/** Exit codes: done and well; a worker that does not answer, a check that failed. */
const EXIT = { well: 0, failed: 1 } as const;
/** Milliseconds that workers are given to answer an engine that was started for this command. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 100;

export interface WorkerOptions extends GlobalOptions {
  readonly name?: string;
  readonly url?: string;
  readonly token?: string;
}

/** Prints all workers; exit code 1 when a remote one does not answer. */
export function listWorkers(options: GlobalOptions): Promise<number> {
  return withWorkers(options, async (api) => {
    const workers = await settledWorkers(api);
    for (const worker of workers) print(options.json ? JSON.stringify(worker) : workerLine(worker));
    const remotes = workers.filter(({ kind }) => kind !== 'local');
    return remotes.every(({ health }) => health === 'ok') ? EXIT.well : EXIT.failed;
  });
}

export function addWorker(url: string, options: WorkerOptions): Promise<number> {
  return withWorkers(options, async (api) => {
    const name = options.name ?? (URL.canParse(url) ? new URL(url).host : url);
    const worker = await api.call('addWorker', { name, url, token: tokenOf(options) });
    print(options.json ? JSON.stringify(worker) : workerLine(worker));
    return EXIT.well;
  });
}

export function editWorker(id: string, options: WorkerOptions): Promise<number> {
  const { name, url } = options;
  const token = options.token === undefined ? undefined : tokenOf(options);
  return withWorkers(options, async (api) => {
    const change = { id: await idOf(api, id), ...given({ name, url, token }) };
    const worker = await api.call('editWorker', change);
    print(options.json ? JSON.stringify(worker) : workerLine(worker));
    return EXIT.well;
  });
}

/** The calls that take an id and answer with the worker. */
export function changeWorker(
  name: 'checkWorker' | 'drainWorker' | 'undrainWorker' | 'adoptIdentity',
): (id: string, options: GlobalOptions) => Promise<number> {
  return (id, options) =>
    withWorkers(options, async (api) => {
      if (name === 'adoptIdentity') await settledWorkers(api);
      const worker = await api.call(name, { id: await idOf(api, id) });
      print(options.json ? JSON.stringify(worker) : workerLine(worker));
      return EXIT.well;
    });
}

export function removeWorker(id: string, options: GlobalOptions): Promise<number> {
  return withWorkers(options, async (api) => {
    await api.call('removeWorker', { id: await idOf(api, id) });
    print(options.json ? '{}' : 'Removed.');
    return EXIT.well;
  });
}

/** Sets what is expected of one worker, or (no id) of all, from what push_worker.sh printed, read from standard input. */
export function expectIdentity(id: string | undefined, options: GlobalOptions): Promise<number> {
  const pasted = readFileSync(0, 'utf8');
  return withWorkers(options, async (api) => {
    const result =
      id === undefined
        ? await api.call('expectIdentityOfAll', { pasted })
        : await api.call('expectIdentity', { id: await idOf(api, id), pasted });
    print(options.json ? JSON.stringify(result) : `Expected: ${JSON.stringify(result.expectedIdentity)}`);
    return EXIT.well;
  });
}

/** Asks an address without saving anything. */
export function testWorker(url: string, options: WorkerOptions): Promise<number> {
  return withWorkers(options, async (api) => {
    const { ok, checks } = await api.call('testWorker', { url, token: tokenOf(options) });
    if (options.json) print(JSON.stringify({ ok, checks }));
    else for (const check of checks) print(`${check.ok ? '✓' : '✗'}  ${check.name}: ${check.message}`);
    return ok ? EXIT.well : EXIT.failed;
  });
}

async function withWorkers(options: GlobalOptions, use: (api: AppApi) => Promise<number>): Promise<number> {
  const access = await accessEngine(options, 'workers');
  try {
    return await use(access.api);
  } finally {
    await access.close();
  }
}

/** The workers once each has answered or not. */
async function settledWorkers(api: AppApi): Promise<readonly WorkerView[]> {
  const until = SYSTEM_CLOCK.now() + PATIENCE_MS;
  for (;;) {
    const { workers } = await api.call('listWorkers', {});
    if (workers.every(({ health }) => health !== 'connecting') || SYSTEM_CLOCK.now() >= until) return workers;
    await pause(SYSTEM_CLOCK, LOOK_MS, new AbortController().signal);
  }
}

/** A worker by its id or its name. */
async function idOf(api: AppApi, idOrName: string): Promise<string> {
  const { workers } = await api.call('listWorkers', {});
  const found = workers.filter(({ id, name }) => id === idOrName || name === idOrName);
  const [only] = found;
  if (found.length > 1) throw new AppError('CONFLICT', `Several workers are called "${idOrName}": give the id.`);
  return only?.id ?? idOrName;
}

/** Tokens in arguments are seen by everybody on this computer: the environment is the better way. */
function tokenOf({ token }: WorkerOptions): string {
  const found = token ?? process.env['REMOTE_WORKER_TOKEN'] ?? process.env['WORKER_TOKEN'];
  if (found === undefined || found.trim() === '')
    throw new AppError('BAD_REQUEST', 'Give the token of the worker in WORKER_TOKEN, or with --token.');
  return found;
}

function workerLine(worker: WorkerView): string {
  const why = worker.error === null ? (worker.detail ?? '') : explain(worker.error).what;
  const device = worker.capabilities?.gpuName ?? worker.capabilities?.deviceName ?? '';
  const marks = [
    worker.drainedSince === null ? '' : 'drained',
    worker.verdict.matches === false ? `another build: ${worker.verdict.reason}` : '',
  ].filter((mark) => mark !== '');
  return [worker.id, worker.health.padEnd(12), worker.name, worker.url ?? '', device, why, ...marks]
    .filter((part) => part !== '')
    .join('  ');
}

function given<T extends object>(change: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
