// Owns the environment in which the worker on this computer runs (docs/protocol.md, "Worker settings").

import { join } from 'node:path';
import type { WorkerFolder } from './worker-folder.ts';

/** Secrets and places of the app that its worker has no need of, and variables that would bend its Python. */
const KEPT_BACK = [
  'REMOTE_WORKER_URL',
  'REMOTE_WORKER_TOKEN',
  'SECRET_KEY',
  'RUNPOD_API_KEY',
  'RUNPOD_API_URL',
  'RUNPOD_PROXY_URL',
  'RUNPOD_POD_ID',
  'CLOUDFLARED_TOKEN',
  'CLOUDFLARED_URL',
  'WORKER_PING_PUBLIC',
  'WORKER_CONTROLLER_HOSTS',
  'PYTHONHOME',
  'PYTHONPATH',
  'ELECTRON_RUN_AS_NODE',
  'NODE_OPTIONS',
];

/** A file on the same computer costs no upload, so the limit of rented workers (2000) has no place here. */
const MAX_FILE_MB = 50_000;
/** Seconds after which a worker that nobody adopts ends itself. */
const IDLE_STOP_SECONDS = 180;

/** `env` is the engine's own: what a person set there for the worker (device, threads, models, HF_TOKEN) is passed on. */
export function workerEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  folder: WorkerFolder,
  dataDir: string,
  token: string,
): NodeJS.ProcessEnv {
  // On Windows a variable may be written in any letters.
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !KEPT_BACK.includes(name.toUpperCase())));
  return {
    ...kept,
    WORKER_HOST: '127.0.0.1',
    WORKER_PORT: '0',
    WORKER_TOKEN: token,
    WORKER_STATE_FILE: folder.stateFile,
    WORKER_TMP_DIR: folder.workDir,
    WORKER_MODELS_DIR: env['WORKER_MODELS_DIR'] || join(dataDir, 'models'),
    WORKER_DEVICE: env['WORKER_DEVICE'] || 'auto',
    WORKER_MAX_FILE_MB: env['WORKER_MAX_FILE_MB'] || String(MAX_FILE_MB),
    WORKER_IDLE_STOP_SECONDS: String(IDLE_STOP_SECONDS),
    PYTHONUTF8: '1',
    PYTHONUNBUFFERED: '1',
    PYTHONNOUSERSITE: '1',
  };
}
