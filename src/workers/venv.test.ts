import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withFolderLock } from './folder-lock.ts';
import { sentenceFor } from './pip-progress.ts';
import { ensureWorkerVenv, venvPython } from './venv.ts';

/** Both Pythons of a real set-up in one: the system's, and the one inside the environment that runs pip. */
const PYTHON = `#!/bin/sh
echo "$*" | head -c 60 | tr '\\n' ' ' >> "$FAKE_CALLS"; echo >> "$FAKE_CALLS"
case "$*" in
  "-m venv"*) mkdir -p "$3/bin" "$3/site" && touch "$3/pyvenv.cfg" && cp "$0" "$3/bin/python" ;;
  "-m pip"*--target*) mkdir -p "$(echo "$*" | sed 's/.*--target \\([^ ]*\\).*/\\1/')" && echo "$*" >> "$FAKE_CALLS.pip" ;;
  *importlib.metadata*) [ -n "$FAKE_CUDA" ] && echo "nvidia-cublas-cu12==12.8.4.1"; exit 0 ;;
  *torchaudio*) echo "\${FAKE_FITS:-fits}" ;;
  "-m pip"*)
    echo "Collecting faster-whisper==1.2.1"
    echo "  Downloading faster_whisper-1.2.1-py3-none-any.whl (1.1 MB)"
    echo "Installing collected packages: av, faster-whisper, numpy"
    [ -n "$FAKE_PIP_HANGS" ] && exec sleep 60
    [ -n "$FAKE_PIP_FAILS" ] && echo "ERROR: No matching distribution found for av==17" >&2 && exit 1
    exit 0 ;;
  *sysconfig*) echo "$(dirname "$(dirname "$0")")/site" ;;
  *) echo "bulk-transcribe-python|$FAKE_VERSION|$FAKE_RECENT|$FAKE_VENVS|$0" ;;
esac
`;

let folder: string;
let env: NodeJS.ProcessEnv;
let said: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bt-venv-'));
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'package'));
  await writeFile(join(folder, 'bin', 'python3'), PYTHON);
  await chmod(join(folder, 'bin', 'python3'), 0o755);
  await writeFile(join(folder, 'package', 'pyproject.toml'), '[project]\nversion = "0.1.0"\n');
  await writeFile(join(folder, 'package', 'requirements.lock'), 'faster-whisper==1.2.1\n');
  await writeFile(join(folder, 'package', 'requirements-dev.lock'), 'pytest==8\n');
  await writeFile(join(folder, 'package', 'requirements-diarization.lock'), 'pyannote-audio==4.0.7\n');
  env = {
    PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    FAKE_CALLS: join(folder, 'calls'),
    FAKE_VERSION: '3.12',
    FAKE_RECENT: 'yes',
    FAKE_VENVS: 'yes',
  };
  said = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const venvDir = () => join(folder, 'deep', 'venv');
const ensure = (
  more: { dev?: boolean; diarization?: boolean; signal?: AbortSignal; say?: (line: string) => void } = {},
) =>
  ensureWorkerVenv({
    packageDir: join(folder, 'package'),
    venvDir: venvDir(),
    dev: more.dev ?? false,
    diarization: more.diarization,
    onProgress: (line) => {
      said.push(line);
      more.say?.(line);
    },
    signal: more.signal,
    env,
  });
const calls = async (what: string) =>
  (await readFile(join(folder, 'calls'), 'utf8')).split('\n').filter((line) => line.startsWith(what)).length;

describe('the environment of the worker', () => {
  test('is made with words for a person, and points at the package', async () => {
    await ensure();
    expect(said).toEqual([
      'Looking for Python',
      'Making a Python 3.12 environment',
      'Asking the package index',
      'Downloading faster-whisper (1.1 MB)',
      'Installing faster-whisper and 2 other packages',
    ]);
    const path = await readFile(join(venvDir(), 'site', 'bulk_transcribe_worker.pth'), 'utf8');
    expect(path).toBe(`${join(folder, 'package')}\n`);
    expect(venvPython(venvDir())).toBe(join(venvDir(), 'bin', 'python'));
  });

  test('is left alone when it is right, without a word and without running anything', async () => {
    await ensure();
    said = [];
    await rm(join(folder, 'calls'));
    await ensure();
    expect(said).toEqual([]);
    await expect(readFile(join(folder, 'calls'))).rejects.toThrow();
  });

  test('is brought up to date, not made anew, when the lock or the version changed', async () => {
    await ensure();
    await writeFile(join(folder, 'package', 'requirements.lock'), 'faster-whisper==1.2.2\n');
    await ensure();
    expect([await calls('-m venv'), await calls('-m pip')]).toEqual([1, 2]);
    await writeFile(join(folder, 'package', 'pyproject.toml'), '[project]\nversion = "0.2.0"\n');
    await ensure();
    expect([await calls('-m venv'), await calls('-m pip')]).toEqual([1, 3]);
  });

  test('with what the checks want serves without it, but not the other way round', async () => {
    await ensure({ dev: true });
    await ensure();
    expect(await calls('-m pip')).toBe(1);
    await rm(venvDir(), { recursive: true });
    await ensure();
    await ensure({ dev: true });
    expect(await calls('-m pip')).toBe(3);
  });

  test('has what tells speakers apart only where a person asked for it once, and then keeps that up to date', async () => {
    const installed = async () =>
      (await readFile(join(folder, 'calls.pip'), 'utf8').catch(() => '')).split('\n').slice(0, -1);
    await ensure();
    expect(existsSync(join(venvDir(), 'diarization'))).toBe(false);
    await ensure({ diarization: true });
    expect(existsSync(join(venvDir(), 'diarization'))).toBe(true);
    const [lock, torch, ...more] = await installed();
    expect(lock).toMatch(/--only-binary :all: .*--no-deps --require-hashes -r \S+requirements-diarization\.lock$/);
    expect(torch).toMatch(/--no-deps torch==[\d.]+$/);
    expect(more).toEqual([]);
    await ensure();
    await ensure({ diarization: true });
    expect(await installed()).toHaveLength(2);
    await writeFile(join(folder, 'package', 'requirements-diarization.lock'), 'pyannote-audio==4.0.8\n');
    env['FAKE_CUDA'] = 'yes';
    await ensure();
    // A CUDA build of torch gets what it wants of CUDA, too.
    expect((await installed()).slice(2).at(-1)).toMatch(/nvidia-cublas-cu12==12\.8\.4\.1$/);
    // An environment that is made anew has it again.
    await rm(join(venvDir(), 'bin'), { recursive: true });
    await ensure();
    expect(await installed()).toHaveLength(8);
  });

  test('says the last words of torchaudio where it does not go with torch, and keeps what was there', async () => {
    await ensure({ diarization: true });
    await writeFile(join(folder, 'package', 'requirements-diarization.lock'), 'pyannote-audio==4.0.8\n');
    env['FAKE_FITS'] = 'OSError: libtorch.so';
    await ensure();
    expect(said.at(-1)).toBe('What tells speakers apart could not be brought up to date');
    await expect(ensure({ diarization: true })).rejects.toThrow(
      /What tells speakers apart could not be installed.\nOSError: libtorch\.so/,
    );
    expect(existsSync(join(venvDir(), 'diarization'))).toBe(true);
  });

  test('is made anew when it was moved or half made', async () => {
    await mkdir(join(venvDir(), 'bin'), { recursive: true });
    await writeFile(join(venvDir(), 'bin', 'leftover'), '');
    await ensure();
    expect(await readdir(join(venvDir(), 'bin'))).toEqual(['python']);
  });

  test('is not half made when pip fails: its last words are told, and the next try begins anew', async () => {
    env['FAKE_PIP_FAILS'] = 'yes';
    await expect(ensure()).rejects.toMatchObject({
      code: 'WORKER_INSTALL_FAILED',
      message: expect.stringContaining('ERROR: No matching distribution found for av==17'),
    });
    env['FAKE_PIP_FAILS'] = '';
    await ensure();
    expect(await calls('-m venv')).toBe(2);
  });

  test('can be stopped in the middle', async () => {
    env['FAKE_PIP_HANGS'] = 'yes';
    const stop = new AbortController();
    const made = ensure({ signal: stop.signal, say: (line) => line.startsWith('Installing') && stop.abort() });
    await expect(made).rejects.toMatchObject({ code: 'WORKER_INSTALL_FAILED' });
    await expect(ensure({ signal: stop.signal })).rejects.toMatchObject({ code: 'WORKER_INSTALL_FAILED' });
  });

  test('is made once when two want it at once', async () => {
    await Promise.all([ensure(), ensure(), ensure()]);
    expect([await calls('-m venv'), await calls('-m pip')]).toEqual([1, 1]);
    expect(await readdir(join(folder, 'deep'))).toEqual(['venv']);
  });

  test('wants a Python that is new enough, and says how to get one', async () => {
    env['FAKE_RECENT'] = 'no';
    env['FAKE_VERSION'] = '3.8';
    env['PATH'] = `${join(folder, 'bin')}:/bin`;
    await mkdir(join(folder, 'empty'));
    // Only the fake one may be found.
    env['BULK_TRANSCRIBE_PYTHON'] = join(folder, 'bin', 'python3');
    await expect(ensure()).rejects.toMatchObject({
      code: 'WORKER_INSTALL_FAILED',
      message: expect.stringMatching(/BULK_TRANSCRIBE_PYTHON names .*python3, which is no Python 3\.10 or newer/),
    });
    env = { ...env, BULK_TRANSCRIBE_PYTHON: '', PATH: join(folder, 'empty') };
    await expect(ensure()).rejects.toMatchObject({
      message: expect.stringMatching(/none was found.*\b(Run|Install)\b/),
    });
  });

  test('needs the whole package', async () => {
    await rm(join(folder, 'package', 'requirements.lock'));
    await expect(ensure()).rejects.toMatchObject({ code: 'WORKER_INSTALL_FAILED', cause: expect.any(Error) });
  });
});

describe('a lock between processes', () => {
  const lock = () => join(folder, 'lock');
  const waiting = () => said.push('waiting');

  test('that a dead process left is broken', async () => {
    await mkdir(lock());
    // No process has this number: it is above what Linux and macOS give out.
    await writeFile(join(lock(), 'owner'), '999999999 gone');
    expect(await withFolderLock(lock(), { waiting }, async () => 'done')).toBe('done');
    expect(await readdir(folder)).not.toContain('lock');
  });

  test('is let go when the work fails', async () => {
    const failing = withFolderLock(lock(), { waiting }, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await withFolderLock(lock(), { waiting }, async () => 'done')).toBe('done');
    expect(said).toEqual([]);
  });

  test('of a living process is waited for, until the caller gives up', async () => {
    await mkdir(lock());
    await writeFile(join(lock(), 'owner'), `${process.pid} alive`);
    const stop = new AbortController();
    const held = withFolderLock(lock(), { waiting: () => stop.abort(), signal: stop.signal }, async () => 'done');
    await expect(held).rejects.toMatchObject({ code: 'WORKER_INSTALL_FAILED' });
    expect(await readdir(folder)).toContain('lock');
  });
});

test.each([
  ['Collecting numpy==2.1', null],
  ['  Downloading numpy-2.1-cp312-cp312-manylinux.whl.metadata (60 kB)', null],
  ['Downloading https://host/simple/onnxruntime-1.23-cp312.whl (17.4 MB)', 'Downloading onnxruntime (17.4 MB)'],
  ['Downloading ctranslate2-4.8.1-cp312-cp312-win_amd64.whl (42.6 MB)', 'Downloading ctranslate2 (42.6 MB)'],
  ['Installing collected packages: numpy', 'Installing numpy'],
  ['Installing collected packages: numpy, av', 'Installing av and 1 other package'],
  ['Successfully installed numpy-2.1', null],
])('pip says %j', (line, sentence) => {
  expect(sentenceFor(line.trim())).toBe(sentence);
});
