// Owns where things lie: the data directory of this user, the worker's package, its environment, its models.

import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkoutCommit } from './build-commit.ts';
import type { Environment } from './settings-source.ts';

export interface Places {
  /** Queue, transcripts, secrets, logs. */
  readonly dataDir: string;
  /** Holds `bulk_transcribe_worker/` and its locks. */
  readonly workerPackageDir: string;
  /** The worker's Python environment. */
  readonly venvDir: string;
  /** One folder a model. */
  readonly modelsDir: string;
  /** The built page; null when it was not built. */
  readonly uiDir: string | null;
  /** Short git commit of this build, null where nobody knows. */
  readonly commit: string | null;
}

/** The root of a checkout, seen from src/host. */
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The user's data directory by the custom of the system; BULK_TRANSCRIBE_DATA_DIR wins. */
export function defaultDataDir(env: Environment, platform: NodeJS.Platform = process.platform): string {
  const named = env['BULK_TRANSCRIBE_DATA_DIR'];
  if (named) return resolve(named);
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Bulk Transcribe');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Bulk Transcribe');
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'bulk-transcribe');
}

/** Permissions of others to change what lies in a folder. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Makes the data directory, for this user alone. One that is there keeps its mode, but for the right of others to write there: they could put a
 * token or a database of their own in place of ours.
 */
export function makeDataDir(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const { mode, uid } = statSync(dataDir);
  if ((mode & WRITABLE_BY_OTHERS) !== 0 && uid === process.getuid?.())
    chmodSync(dataDir, mode & 0o7777 & ~WRITABLE_BY_OTHERS);
}

/**
 * All places for a data directory. In a checkout the worker's environment lies beside its package, shared with its tests; a packaged app
 * (`resourcesDir`) makes its own in the data directory.
 */
export function places(dataDir: string, env: Environment, resourcesDir: string | null = null): Places {
  const base = resourcesDir ?? ROOT;
  const workerPackageDir = join(base, 'worker-image');
  const uiDir = join(base, 'dist', 'ui');
  return {
    dataDir: resolve(dataDir),
    workerPackageDir,
    venvDir: resourcesDir === null ? join(workerPackageDir, '.venv') : join(dataDir, 'worker', 'venv'),
    modelsDir: resolve(env['WORKER_MODELS_DIR'] || join(dataDir, 'models')),
    commit: env['BUILD_COMMIT'] || checkoutCommit(base),
    uiDir: existsSync(join(uiDir, 'index.html')) ? uiDir : null,
  };
}
