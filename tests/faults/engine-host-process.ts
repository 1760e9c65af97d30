// Owns starting engine-host.ts cheaply: it is bundled once a run, so that a start reads one file and not 250, and V8's code of it is kept.
// What a start costs then is a fifth of what the command line costs (README.md has the figures).

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, rm } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { build } from 'vite';
import type { ApiName, ApiParams, ApiResult } from '../../src/contract/api.ts';
import { ROOT } from '../through/engine-process.ts';

/** Two folders below the root, as the sources are: what is found from there (package.json) is found from here. */
const FOLDER = join(ROOT, 'dist/faults');

/** Characters of what an engine wrote to stderr that are kept for the error. */
const MOST_SAID = 4_000;

let made: Promise<string> | null = null;

/** The bundled program; made by the first who asks. */
function program(): Promise<string> {
  made ??= bundle();
  return made;
}

async function bundle(): Promise<string> {
  const aside = join(FOLDER, `building-${process.pid}`);
  const target = join(FOLDER, `engine-host-${process.pid}.mjs`);
  await mkdir(aside, { recursive: true });
  await buildTo(aside, join(import.meta.dirname, 'engine-host.ts'));
  // A thread of the engine, which finds it beside its own bundle.
  await buildTo(aside, join(ROOT, 'src/media/media-thread.ts'));
  await rename(join(aside, 'media-thread.js'), join(FOLDER, 'media-thread.js'));
  await rename(join(aside, 'engine-host.js'), target);
  await rm(aside, { recursive: true, force: true });
  return target;
}

async function buildTo(outDir: string, entry: string): Promise<void> {
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: {
      ssr: entry,
      target: 'node24',
      outDir,
      emptyOutDir: false,
      minify: false,
      rolldownOptions: {
        external: ['better-sqlite3', ...builtinModules, /^node:/],
        output: { format: 'es', codeSplitting: false, entryFileNames: '[name].js' },
      },
    },
  });
}

/** Makes the bundle ahead of the first start. */
export async function prepareBundle(): Promise<void> {
  await program();
}

/** Takes the bundle away again. */
export async function removeBundle(): Promise<void> {
  if (made !== null) await rm(await made, { force: true });
  made = null;
}

type Answer = { readonly id: number; readonly result?: unknown; readonly error?: unknown };

export interface EngineHost {
  readonly child: ChildProcess;
  /** Resolves when it has taken up its queue; rejects when it ended before. */
  readonly ready: Promise<void>;
  /** Resolves with the signal that ended it, or null. */
  readonly ended: Promise<NodeJS.Signals | null>;
  /** Rejects when the engine refuses, or ends first. */
  call<Name extends ApiName>(name: Name, params: ApiParams<Name>): Promise<ApiResult<Name>>;
  /** True once it has ended, or is about to: calls are refused for that reason alone. */
  isOver(): boolean;
  /** Bytes of memory that it holds (RSS). */
  memory(): Promise<number>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts an engine on `dataDir`. */
export async function startHost(dataDir: string, env: NodeJS.ProcessEnv): Promise<EngineHost> {
  const child = fork(await program(), [dataDir], {
    env: { ...env, NODE_COMPILE_CACHE: join(FOLDER, 'code') },
    cwd: ROOT,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MOST_SAID);
  });
  const ending = (what: string): Error =>
    new Error(`${what}, with ${child.signalCode ?? `exit code ${child.exitCode}`}. It said: ${said || 'nothing'}`);
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: unknown): void }>();
  const ended = once(child, 'close').then(([, signal]) => {
    for (const { reject } of waiting.values()) reject(ending('The engine ended'));
    waiting.clear();
    return signal as NodeJS.Signals | null;
  });
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message: 'ready' | Answer | { readonly event: unknown }) => {
      // For whoever listens to the child itself.
      if (typeof message === 'object' && 'event' in message) return;
      if (message === 'ready') {
        resolve();
        return;
      }
      const waiter = waiting.get(message.id);
      waiting.delete(message.id);
      if ('error' in message) waiter?.reject(Object.assign(new Error('refused'), message.error));
      else waiter?.resolve(message.result);
    });
    void ended.then(() => reject(ending('The engine ended before it was ready')));
  });
  // Whoever kills it at random does not wait for it.
  ready.catch(() => undefined);
  let calls = 0;
  const send = (name: string, params: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      calls += 1;
      waiting.set(calls, { resolve, reject });
      child.send({ id: calls, name, params }, (error) => {
        if (error !== null) reject(error);
      });
    });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return {
    child,
    ready,
    ended,
    call: <Name extends ApiName>(name: Name, params: ApiParams<Name>) => send(name, params) as Promise<ApiResult<Name>>,
    isOver: () => child.exitCode !== null || child.signalCode !== null || !child.connected,
    memory: () => send('', null) as Promise<number>,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}
