// Owns the packages with which the worker on this computer tells speakers apart: torch and pyannote.audio, about 1 GB and more, so they are
// installed only where a person asks. They lie in a folder of their own inside the worker's environment, which only the process that needs
// them looks into (diarize_child.py).

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import { renameOver } from '../store/rename-over.ts';
import { type CommandEnd, runCommand } from './command.ts';
import { pipProgress } from './pip-progress.ts';

export interface DiarizationInstall {
  /** Folder that holds `requirements-diarization.lock`. */
  readonly packageDir: string;
  readonly venvDir: string;
  /** The environment's Python. */
  readonly python: string;
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Its newest on 25 November 2026 that has a CPU build for the Python of the tests, and that torchaudio 2.11 loads with. Not in the lock: see there.
 */
const TORCH = 'torch==2.13.0';
const STAMP = 'bulk-transcribe-diarization.json';
const PIP_LINES_IN_ERROR = 12;
const PIP = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];

/** What torch wants of CUDA: nothing in a CPU build. One requirement a line. */
const CUDA_OF_TORCH = `
import importlib.metadata, re, sys
for found in importlib.metadata.distributions(name="torch", path=[sys.argv[1]]):
    for requirement in found.requires or []:
        if re.match(r"(nvidia|cuda|triton|pytorch-triton)", requirement) and "extra ==" not in requirement:
            print(requirement)
`;

/**
 * torchaudio's Linux wheel is compiled against the CUDA build of torch, and beside a CPU build its libraries do not load. It goes without
 * them, as it is made to (torchaudio/_extension/utils.py): pyannote calls none of what is in them. The last line says whether it loads.
 */
const FIT_TORCHAUDIO = `
import pathlib, subprocess, sys
folder = sys.argv[1]
probe = [sys.executable, "-W", "ignore", "-c", "import sys; sys.path.append(sys.argv[1]); import torchaudio.compliance.kaldi", folder]
if subprocess.run(probe, capture_output=True).returncode != 0:
    for library in (pathlib.Path(folder) / "torchaudio" / "lib").glob("*.so"):
        library.unlink()
ended = subprocess.run(probe, capture_output=True, text=True)
print(ended.stderr[-2000:] if ended.returncode else "fits")
`;

/** Where the packages are looked for: diarization_packages in config.py says the same. */
export function diarizationDir(venvDir: string): string {
  return join(venvDir, 'diarization');
}

/** False also where an older lock, or another Python, made what is there. */
export async function isDiarizationUpToDate(packageDir: string, venvDir: string): Promise<boolean> {
  try {
    const read: unknown = JSON.parse(await readFile(join(diarizationDir(venvDir), STAMP), 'utf8'));
    return (
      typeof read === 'object' && read !== null && 'made' in read && read.made === (await digest(packageDir, venvDir))
    );
  } catch {
    // Absent or damaged is the same here.
    return false;
  }
}

/** Whether a person once asked for it here: then it is brought up to date with the rest. */
export function hasDiarization(venvDir: string): boolean {
  return existsSync(diarizationDir(venvDir));
}

/**
 * Installs the packages; what was there is replaced when all of it has arrived. Call it with the environment's lock held.
 * @throws AppError WORKER_INSTALL_FAILED with the last lines of pip.
 */
export async function installDiarization(install: DiarizationInstall): Promise<void> {
  const folder = `${diarizationDir(install.venvDir)}.new`;
  await rm(folder, { recursive: true, force: true });
  const lock = join(install.packageDir, 'requirements-diarization.lock');
  // Compiled when it is first used: 20,000 modules, of which few ever are.
  const wheels = ['--only-binary', ':all:', '--no-compile', '--target', folder];
  await pip(install, [...wheels, '--no-deps', '--require-hashes', '-r', lock]);
  await pip(install, [...wheels, '--no-deps', TORCH]);
  const cuda = await python(install, CUDA_OF_TORCH, folder);
  if (cuda.length > 0) await pip(install, [...wheels, ...cuda]);
  install.onProgress(say('setup_audio'));
  const fits = await python(install, FIT_TORCHAUDIO, folder);
  if (fits.at(-1) !== 'fits') throw failed(fits);
  const made = await digest(install.packageDir, install.venvDir);
  await writeFile(join(folder, STAMP), `${JSON.stringify({ made })}\n`);
  await rm(diarizationDir(install.venvDir), { recursive: true, force: true });
  await renameOver(folder, diarizationDir(install.venvDir));
}

async function pip(install: DiarizationInstall, args: readonly string[]): Promise<void> {
  const { onProgress, packageDir, signal, env } = install;
  const ended = await runCommand(install.python, [...PIP, ...args], {
    ...{ env, folder: packageDir, signal },
    onLine: pipProgress(onProgress),
  });
  if (ended.status !== 0) throw failed(ended.lines);
}

async function python(install: DiarizationInstall, code: string, folder: string): Promise<readonly string[]> {
  const { packageDir, signal, env } = install;
  const ended: CommandEnd = await runCommand(install.python, ['-c', code, folder], { env, folder: packageDir, signal });
  if (ended.status !== 0) throw failed(ended.lines);
  return ended.lines.filter((line) => line.trim() !== '');
}

function failed(lines: readonly string[]): AppError {
  const sentence = say('setup_no_speakers');
  return new AppError('WORKER_INSTALL_FAILED', [sentence, ...lines.slice(-PIP_LINES_IN_ERROR)].join('\n'));
}

/** SHA-256, hex, over the lock, torch, and the Python that compiled packages were chosen for. */
async function digest(packageDir: string, venvDir: string): Promise<string> {
  const made = createHash('sha256').update(`${TORCH}\n`);
  made.update(await readFile(join(packageDir, 'requirements-diarization.lock')));
  made.update(await readFile(join(venvDir, 'pyvenv.cfg')));
  return made.digest('hex');
}
