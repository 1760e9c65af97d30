// Owns the virtual environment of the worker on this computer: makes it when it is missing, brings it up to date when the package's
// lock changed, and does nothing when it is right. The package itself is imported from where it lies (a .pth file), so no build
// backend is needed and an edited worker runs at once. Used by the engine and, before any build, by scripts/worker-venv.mjs.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, toAppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import { renameOver } from '../store/rename-over.ts';
import { type CommandOptions, runCommand } from './command.ts';
import { hasDiarization, installDiarization, isDiarizationUpToDate } from './diarization-packages.ts';
import { withFolderLock } from './folder-lock.ts';
import { pipProgress } from './pip-progress.ts';
import { findPython } from './python.ts';

export interface WorkerVenv {
  /** Folder that holds `bulk_transcribe_worker/`, `pyproject.toml`, `requirements.lock` and `requirements-dev.lock`. */
  readonly packageDir: string;
  /** Where the environment is or will be. Its parent is made when missing. */
  readonly venvDir: string;
  /** True adds what the worker's own checks want. An environment that has it serves without it, too. */
  readonly dev: boolean;
  /** True adds what tells speakers apart. Where it was added once, it is kept up to date without being asked for. */
  readonly diarization?: boolean | undefined;
  /** Called with one line for a person whenever it is at something else. Not called at all when there is nothing to do. */
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** Environment in which Python is looked for and run. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** What the environment was made from; the last file written, so that one that is there speaks of a whole environment. */
interface Stamp {
  readonly packageDir: string;
  readonly venvDir: string;
  /** SHA-256, hex, over the lock and the package's version. */
  readonly base: string;
  /** The same for the development lock, null when it was not installed. */
  readonly dev: string | null;
}

const PIP_LINES_IN_ERROR = 12;

/** The Python inside an environment. */
export function venvPython(venvDir: string): string {
  return process.platform === 'win32' ? join(venvDir, 'Scripts', 'python.exe') : join(venvDir, 'bin', 'python');
}

/**
 * Sees to it that `venvDir` holds an environment in which `python -m bulk_transcribe_worker` runs. Two processes may call it at
 * once: the second waits for the first. Costs a few file reads when nothing is to be done.
 * @throws AppError WORKER_INSTALL_FAILED with a sentence that says what is missing, or with the last lines of pip.
 */
export async function ensureWorkerVenv(venv: WorkerVenv): Promise<void> {
  const wanted = await wantedStamp(venv);
  if (await isWhole(venv, wanted)) return;
  try {
    await mkdir(dirname(venv.venvDir), { recursive: true });
    const waiting = () => venv.onProgress(say('setup_waits'));
    await withFolderLock(`${venv.venvDir}.lock`, { waiting, signal: venv.signal }, async () => {
      // Asked before the folder that says it may be made anew.
      const diarization = venv.diarization || hasDiarization(venv.venvDir);
      if (!(await isUpToDate(venv.venvDir, wanted))) await build(venv, wanted);
      if (!(await hasItsDiarization({ ...venv, diarization }))) await addDiarization(venv);
    });
  } catch (thrown) {
    throw toAppError(thrown, 'WORKER_INSTALL_FAILED');
  }
}

async function isWhole(venv: WorkerVenv, wanted: Stamp): Promise<boolean> {
  return (await isUpToDate(venv.venvDir, wanted)) && (await hasItsDiarization(venv));
}

async function hasItsDiarization({ packageDir, venvDir, diarization }: WorkerVenv): Promise<boolean> {
  if (!diarization && !hasDiarization(venvDir)) return true;
  return isDiarizationUpToDate(packageDir, venvDir);
}

async function addDiarization(venv: WorkerVenv): Promise<void> {
  const { packageDir, venvDir, onProgress, signal } = venv;
  const env = venv.env ?? process.env;
  try {
    await installDiarization({ packageDir, venvDir, python: venvPython(venvDir), onProgress, signal, env });
  } catch (thrown) {
    // Who did not ask for it now can transcribe without; whether the older one still does, the worker finds out, and it is tried again.
    if (venv.diarization || signal?.aborted) throw thrown;
    onProgress(say('setup_speakers_old'));
  }
}

async function build(venv: WorkerVenv, wanted: Stamp): Promise<void> {
  const env = venv.env ?? process.env;
  const stamped = await readStamp(venv.venvDir);
  const python = venvPython(venv.venvDir);
  // Without a stamp an earlier try was cut short: nothing in the folder can be trusted.
  const keeps = stamped !== null && stamped.venvDir === venv.venvDir && existsSync(python);
  if (!keeps) {
    venv.onProgress(say('setup_looks'));
    const found = await findPython({ env, folder: venv.packageDir, onProgress: venv.onProgress, signal: venv.signal });
    venv.onProgress(say('setup_makes', { version: found.version }));
    await rm(venv.venvDir, { recursive: true, force: true });
    const made = await runCommand(found.executable, ['-m', 'venv', venv.venvDir], at(venv, env));
    if (made.status !== 0) throw installFailed(say('setup_no_environment', { folder: venv.venvDir }), made.lines);
  }
  await rm(stampPath(venv.venvDir), { force: true });
  await install(venv, python, env);
  await pointAtPackage(venv, python, env);
  const stamp = stampPath(venv.venvDir);
  await writeFile(`${stamp}.new`, `${JSON.stringify(wanted, null, 2)}\n`);
  await renameOver(`${stamp}.new`, stamp);
}

async function install(venv: WorkerVenv, python: string, env: NodeJS.ProcessEnv): Promise<void> {
  const lock = lockPath(venv);
  const progress = pipProgress(venv.onProgress);
  const { status, lines } = await runCommand(
    python,
    [
      ...['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--progress-bar', 'off'],
      // Wheels only: a person's computer has no compiler, and a source package would run its own code.
      ...['--require-hashes', '--only-binary', ':all:', '-r', lock],
    ],
    { ...at(venv, env), onLine: progress },
  );
  if (status === 0) return;
  throw installFailed(say('setup_no_packages'), lines);
}

/** How everything here is run. */
function at({ packageDir, signal }: WorkerVenv, env: NodeJS.ProcessEnv): CommandOptions {
  return { env, folder: packageDir, signal };
}

/** Makes the package importable by its place, with no build and no copy. */
async function pointAtPackage(venv: WorkerVenv, python: string, env: NodeJS.ProcessEnv): Promise<void> {
  const code = 'import sysconfig; print(sysconfig.get_path("purelib"))';
  const { status, lines } = await runCommand(python, ['-c', code], at(venv, env));
  const folder = lines.at(-1);
  if (status !== 0 || folder === undefined) throw installFailed(say('setup_not_running'), lines);
  await writeFile(join(folder, 'bulk_transcribe_worker.pth'), `${venv.packageDir}\n`);
}

function installFailed(sentence: string, lines: readonly string[]): AppError {
  return new AppError('WORKER_INSTALL_FAILED', [sentence, ...lines.slice(-PIP_LINES_IN_ERROR)].join('\n'));
}

function lockPath({ packageDir, dev }: WorkerVenv): string {
  return join(packageDir, dev ? 'requirements-dev.lock' : 'requirements.lock');
}

function stampPath(venvDir: string): string {
  return join(venvDir, 'bulk-transcribe-worker.json');
}

async function wantedStamp(venv: WorkerVenv): Promise<Stamp> {
  try {
    const version = packageVersion(await readFile(join(venv.packageDir, 'pyproject.toml'), 'utf8'));
    const digest = async (file: string) =>
      createHash('sha256')
        .update(`${version}\n`)
        .update(await readFile(join(venv.packageDir, file)))
        .digest('hex');
    return {
      packageDir: venv.packageDir,
      venvDir: venv.venvDir,
      base: await digest('requirements.lock'),
      dev: venv.dev ? await digest('requirements-dev.lock') : null,
    };
  } catch (thrown) {
    throw notWhole(venv.packageDir, thrown);
  }
}

function notWhole(packageDir: string, cause: unknown): AppError {
  return new AppError('WORKER_INSTALL_FAILED', say('setup_not_whole', { folder: packageDir }), { cause });
}

function packageVersion(pyproject: string): string {
  return /^version\s*=\s*"([^"]+)"/m.exec(pyproject)?.[1] ?? '';
}

async function isUpToDate(venvDir: string, wanted: Stamp): Promise<boolean> {
  const stamp = await readStamp(venvDir);
  if (stamp === null || !existsSync(venvPython(venvDir))) return false;
  const same = stamp.packageDir === wanted.packageDir && stamp.venvDir === wanted.venvDir && stamp.base === wanted.base;
  return same && (wanted.dev === null || stamp.dev === wanted.dev);
}

async function readStamp(venvDir: string): Promise<Stamp | null> {
  try {
    const read: unknown = JSON.parse(await readFile(stampPath(venvDir), 'utf8'));
    if (typeof read !== 'object' || read === null) return null;
    const { packageDir, venvDir: made, base, dev } = read as Record<string, unknown>;
    if (typeof packageDir !== 'string' || typeof made !== 'string' || typeof base !== 'string') return null;
    return { packageDir, venvDir: made, base, dev: typeof dev === 'string' ? dev : null };
  } catch {
    // Absent or damaged is the same here: the environment is made anew.
    return null;
  }
}
