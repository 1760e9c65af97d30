// Owns finding a Python that can make the worker's environment, and the sentence a person reads where there is none.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { AppError } from '../contract/errors.ts';
import { type Sentence, say, sayAll } from '../contract/sentences.ts';
import { runCommand } from './command.ts';

export interface FoundPython {
  /** Path of the interpreter itself, not of a shim. */
  readonly executable: string;
  /** Such as `3.12`. */
  readonly version: string;
}

export interface PythonSearch {
  /** Where what is tried runs (command.ts). */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

interface Probe extends FoundPython {
  readonly recent: boolean;
  /** Debian packs `ensurepip`, without which no environment gets its pip, apart from Python. */
  readonly makesVenvs: boolean;
}

const PROBE = `
import sys
try:
    import ensurepip, venv
    venvs = "yes"
except ImportError:
    venvs = "no"
print(f"bulk-transcribe-python|{sys.version_info[0]}.{sys.version_info[1]}|{'yes' if sys.version_info >= (3, 10) else 'no'}|{venvs}|{sys.executable}")
`;

const NAMES: readonly (readonly [string, ...string[]])[] = [
  ['python3'],
  ['python'],
  ...(process.platform === 'win32' ? ([['py', '-3']] as const) : []),
  // A system whose own python3 is old often has a newer one beside it.
  ...['3.13', '3.12', '3.11', '3.10'].map((version) => [`python${version}`] as const),
];

/**
 * Finds a Python >= 3.10: BULK_TRANSCRIBE_PYTHON alone when it is set, else the usual names on the PATH. As root on Debian a missing
 * python3-venv is installed.
 * @throws AppError WORKER_INSTALL_FAILED with the command that brings what is missing.
 */
export async function findPython(search: PythonSearch): Promise<FoundPython> {
  const named = search.env['BULK_TRANSCRIBE_PYTHON'];
  const names: readonly (readonly [string, ...string[]])[] = named ? [[named]] : NAMES;
  const probes: Probe[] = [];
  for (const [program, ...args] of names) {
    const probe = await probePython(program, args, search);
    if (probe?.recent && probe.makesVenvs) return probe;
    if (probe !== null) probes.push(probe);
  }
  const bare = probes.find((probe) => probe.recent);
  if (bare !== undefined) return withVenvModule(bare, search);
  throw new AppError('WORKER_INSTALL_FAILED', missingSentence(named, probes, search.env));
}

async function probePython(program: string, args: readonly string[], search: PythonSearch): Promise<Probe | null> {
  const { status, lines } = await runCommand(program, [...args, '-c', PROBE], {
    env: search.env,
    folder: search.folder,
    signal: search.signal,
  });
  const answer = lines.find((line) => line.startsWith('bulk-transcribe-python|'))?.split('|');
  if (status !== 0 || answer === undefined) return null;
  const [, version = '', recent, makesVenvs, ...executable] = answer;
  return { version, recent: recent === 'yes', makesVenvs: makesVenvs === 'yes', executable: executable.join('|') };
}

async function withVenvModule(bare: Probe, search: PythonSearch): Promise<FoundPython> {
  const { env, folder, signal, onProgress } = search;
  const packages = ['python3-venv', `python${bare.version}-venv`];
  if (onPath('apt-get', env) && process.getuid?.() === 0) {
    const quiet = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
    onProgress(say('setup_venv'));
    await runCommand('apt-get', ['update', '-q'], { env: quiet, folder, signal });
    for (const name of packages) {
      await runCommand('apt-get', ['install', '-q', '-y', '--no-install-recommends', name], {
        env: quiet,
        folder,
        signal,
      });
      const again = await probePython(bare.executable, [], search);
      if (again?.makesVenvs) return again;
    }
  }
  const todo = onPath('apt-get', env)
    ? say('run_command', { command: `sudo apt install ${packages.join(' ')}` })
    : howToGetPython(env);
  throw new AppError('WORKER_INSTALL_FAILED', sayAll(say('python_bare', { version: bare.version }), todo));
}

function missingSentence(named: string | undefined, probes: readonly Probe[], env: NodeJS.ProcessEnv): Sentence {
  if (named) return say('python_named', { program: named });
  const found = probes[0] === undefined ? say('python_none') : say('python_old', { version: probes[0].version });
  return sayAll(found, howToGetPython(env));
}

function howToGetPython(env: NodeJS.ProcessEnv): Sentence {
  if (process.platform === 'win32') return say('run_command', { command: 'winget install Python.Python.3.12' });
  if (process.platform === 'darwin') return say('python_brew');
  if (onPath('apt-get', env)) return say('run_command', { command: 'sudo apt install python3 python3-venv' });
  if (onPath('dnf', env)) return say('run_command', { command: 'sudo dnf install python3.12' });
  return say('python_anyhow');
}

function onPath(name: string, env: NodeJS.ProcessEnv): boolean {
  return (env['PATH'] ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, name)));
}
