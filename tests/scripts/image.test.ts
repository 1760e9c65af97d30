// The worker's image without Docker: what the Dockerfile promises is read from it, and its own install steps, word for word, are run in
// a folder that plays its root, up to a worker that answers its health check and ends when it is told to.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { venvPython } from '../../src/workers/venv.ts';
import { ROOT, temporaryFolder, testEnvironment } from '../through/engine-process.ts';
import { until } from '../through/worker-process.ts';
import { copied, type Instruction, readDockerfile, variables } from './dockerfile.ts';
import { type Ended, shell } from './shell.ts';

const context = join(ROOT, 'worker-image');
const dockerfile = readDockerfile(join(context, 'Dockerfile'));
const named = (name: string, stage?: string): readonly Instruction[] =>
  dockerfile.filter((one) => one.name === name && (stage === undefined || one.stage === stage));
const only = (name: string, stage = ''): string => {
  const [first, ...more] = named(name, stage);
  expect(more).toEqual([]);
  return first?.text ?? '';
};
const env = variables(named('ENV', ''));
const list = z.array(z.string());
const venv = venvPython(join(context, '.venv'));
const version = named('RUN', 'packages').flatMap(({ text }) => /python(3\.\d+) -m venv/.exec(text)?.[1] ?? [])[0] ?? '';
/** The image's Python where this computer has it, since the lock holds other packages for other versions; else the worker's. */
const python = (await findPython(version)) ?? venv;

describe('the Dockerfile', () => {
  test('stands on the CUDA that the locked wheels are built on, for the platform of the locks', () => {
    const args = variables(named('ARG').filter(({ stage }) => stage === null));
    expect(args).toEqual({ BASE_IMAGE: 'nvidia/cuda:12.8.1-base-ubuntu24.04', BASE_DIGEST: '' });
    expect(named('FROM').map(({ text }) => text)).toEqual([
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the Dockerfile's own
      '--platform=linux/amd64 ${BASE_IMAGE}${BASE_DIGEST:+@${BASE_DIGEST}} AS base',
      'base AS packages',
      'packages AS models',
      'packages AS code',
      'base',
    ]);
    expect(readFileSync(join(context, 'requirements-image.lock'), 'utf8')).toMatch(
      /^nvidia-cublas-cu12==12\.8\.[\d.]+ \\\n {4}--hash=sha256:[0-9a-f]{64}$/m,
    );
    expect(readFileSync(join(context, 'bulk_transcribe_worker/gpu.py'), 'utf8')).toContain('"12.8"');
  });

  test('brings every library of CUDA that the locked CTranslate2 opens', () => {
    const site = ['lib', 'Lib'].flatMap((lib) => {
      const folder = join(context, '.venv', lib);
      return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name, 'site-packages')) : [];
    });
    const folder = site.map((each) => join(each, 'ctranslate2.libs')).find(existsSync) ?? '';
    const file = readdirSync(folder).find((name) => name.startsWith('libctranslate2')) ?? '';
    const library = readFileSync(join(folder, file)).toString('latin1');
    const opened = new Set(
      library.match(/\blib(?:cublas|cublasLt|cudnn\w*|cudart|cufft|curand|cusparse|cusolver|nccl|nvrtc)\.so[.\d]*/g),
    );
    // The second only to spread one model over several GPUs, which the worker does not.
    expect([...opened].sort()).toEqual(['libcublas.so.12', 'libnccl.so.2']);
    expect(env['LD_LIBRARY_PATH']).toMatch(/^\/opt\/cuda\/nvidia\/cublas\/lib/);
  });

  test('tells speakers apart with packages that no lock holds twice, on the CUDA of all others', () => {
    // As far as they are for the image's Python on Linux.
    const names = (lock: string): Map<string, string> =>
      new Map(
        [...readFileSync(join(context, lock), 'utf8').matchAll(/^([\w.-]+)==(\S+)(.*)$/gm)].flatMap(
          ([, name = '', release = '', marker = '']) =>
            /< '3\.11'|'win32'|'emscripten'/.test(marker) ? [] : [[name.toLowerCase().replaceAll('_', '-'), release]],
        ),
      );
    const speakers = names('requirements-diarization-image.lock');
    for (const lock of ['requirements.lock', 'requirements-image.lock'])
      for (const name of names(lock).keys()) expect([...speakers.keys()]).not.toContain(name);
    // torch 2.8 belongs to CUDA 12.8 and to torchcodec 0.7; pyannote is that of the tests.
    expect(Object.fromEntries(speakers)).toMatchObject({ torch: '2.8.0', torchaudio: '2.8.0', torchcodec: '0.7.0' });
    expect(speakers.get('nvidia-cuda-runtime-cu12')).toMatch(/^12\.8\./);
    expect(speakers.get('pyannote-audio')).toBe(names('requirements-diarization.lock').get('pyannote-audio'));
    expect(env['DIARIZATION_PACKAGES']).toBe('/opt/diarization');
  });

  test('copies only what is there and what .dockerignore lets through', () => {
    const ignored = readFileSync(join(context, '.dockerignore'), 'utf8').split('\n');
    expect(ignored).toContain('*');
    const sources = named('COPY').flatMap((one) => (copied(one).from === null ? copied(one).sources : []));
    expect(sources.sort()).toEqual([
      'bake_models.py',
      'bulk_transcribe_worker',
      'bulk_transcribe_worker/hub_models.py',
      'requirements-diarization-image.lock',
      'requirements-image.lock',
      'requirements.lock',
    ]);
    for (const source of sources) {
      expect(existsSync(join(context, source))).toBe(true);
      expect(ignored).toContain(`!${source.split('/')[0]}`);
    }
    const stages = named('FROM').map(({ stage }) => stage);
    for (const one of named('COPY')) {
      const { from } = copied(one);
      if (from !== null) expect(stages).toContain(from);
    }
  });

  test('orders its layers so that a commit changes only the last', () => {
    const last = dockerfile.filter(({ stage }) => stage === '');
    const copies = last.filter(({ name }) => name === 'COPY').map((one) => copied(one).to);
    expect(copies).toEqual(['/opt/cuda', '/opt/diarization', '/opt/worker', '/models', '/app']);
    const names = last.map(({ name }) => name);
    // Below the build arguments nothing makes a layer.
    expect(names.slice(names.indexOf('ARG'))).toEqual(['ARG', 'ARG', 'ENV', 'LABEL']);
    expect(names.lastIndexOf('COPY')).toBeLessThan(names.indexOf('ARG'));
  });

  test('has the settings of the guide, tells nobody anything, and holds no secret', () => {
    expect(env).toMatchObject({
      ...{ WORKER_HOST: '0.0.0.0', WORKER_PORT: '8477', WORKER_MODEL: 'large-v3', WORKER_MODELS_DIR: '/models' },
      ...{ WORKER_MAX_CONCURRENT_JOBS: '1', WORKER_MAX_FILE_MB: '2000', WORKER_TMP_DIR: '/tmp/bt-worker' },
      ...{
        HF_HUB_DISABLE_TELEMETRY: '1',
        ORT_DISABLE_TELEMETRY: '1',
        PYANNOTE_METRICS_ENABLED: '0',
        DO_NOT_TRACK: '1',
        PYTHONUNBUFFERED: '1',
        // Written to by pyannote's packages, whoever the container runs as.
        HOME: '/tmp/bt-worker',
      },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the Dockerfile's own
      ...{ BUILD_COMMIT: '${BUILD_COMMIT}', BUILD_TIME: '${BUILD_TIME}' },
    });
    expect(Object.keys(env).filter((name) => /TOKEN|KEY|SECRET/.test(name))).toEqual([]);
    expect(variables(named('ARG', ''))).toEqual({ BUILD_COMMIT: '', BUILD_TIME: '' });
    expect(variables(named('ARG', 'models'))).toEqual({ MODELS: '' });
    expect(variables(named('LABEL'))).toMatchObject({
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the Dockerfile's own
      'org.opencontainers.image.revision': '${BUILD_COMMIT}',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the Dockerfile's own
      'org.opencontainers.image.created': '${BUILD_TIME}',
    });
  });

  test('is no root, listens on one port, writes to two places, and passes signals on', () => {
    expect(only('USER')).toBe('10001:10001');
    expect(only('EXPOSE')).toBe(env['WORKER_PORT']);
    expect(list.parse(JSON.parse(only('VOLUME')))).toEqual([
      env['WORKER_TMP_DIR'],
      `${env['WORKER_MODELS_DIR']}/cache`,
    ]);
    expect(list.parse(JSON.parse(only('ENTRYPOINT')))).toEqual(['/usr/bin/tini', '--']);
    expect(list.parse(JSON.parse(only('CMD')))).toEqual(['python', '-m', 'bulk_transcribe_worker']);
  });

  test('installs by the words that a desktop installs by: hashes, wheels, the one lock', () => {
    const installs = named('RUN').filter(({ text }) => text.includes('pip install'));
    expect(installs.map(({ text }) => /pip install .*/.exec(text)?.[0])).toEqual([
      'pip install --require-hashes --only-binary :all: --target /opt/cuda -r requirements-image.lock',
      'pip install --require-hashes --only-binary :all: --no-deps --target /opt/diarization -r requirements-diarization-image.lock',
      'pip install --require-hashes --only-binary :all: -r requirements.lock',
    ]);
    const desktop = readFileSync(join(ROOT, 'src/workers/venv.ts'), 'utf8');
    expect(desktop).toContain("'--require-hashes', '--only-binary', ':all:', '-r'");
    expect(desktop).toContain("'requirements.lock'");
  });
});

describe(`the steps of the Dockerfile, run with ${basename(python)}`, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let worker: ChildProcess;
  let port = 0;
  const inside = (path: string): string => join(folder.path, path);
  /** A path of the image as it is here. Nothing else of a step is changed. */
  const moved = (text: string): string =>
    text
      .replaceAll(/--mount=\S+/g, '')
      .replaceAll(/(?<![\w/])\/(opt\/worker|app|models|build)\b/g, (path) => inside(path))
      .replaceAll(`python${version}`, python);

  beforeAll(async () => {
    folder = await temporaryFolder();
    await mkdir(inside('/build'));
    for (const one of dockerfile.filter(({ stage }) => ['packages', 'models', 'code'].includes(stage ?? ''))) {
      if (one.name === 'COPY')
        for (const source of copied(one).sources) {
          const to = moved(copied(one).to.replace(/^\.\//, '/build/'));
          const target = basename(to) === source ? to : join(to, basename(source));
          await cp(join(context, source), target, { recursive: true, filter: (path) => !path.includes('__pycache__') });
        }
      // Left out: what apt installs, and 3 GB of CUDA and torch that no computer without a GPU can try.
      if (one.name !== 'RUN' || /apt-get|--target \/opt\/(?:cuda|diarization)/.test(one.text)) continue;
      const ended = await shell('sh', ['-c', moved(one.text)], {
        env: { ...testEnvironment(), MODELS: '', PIP_DISABLE_PIP_VERSION_CHECK: '1' },
        cwd: inside('/build'),
      });
      expect({ step: one.text, code: ended.code, err: ended.code === 0 ? '' : ended.err }).toEqual({
        ...{ step: one.text, code: 0, err: '' },
      });
    }
    port = await freePort();
    worker = spawn(inside('/opt/worker/bin/python'), list.parse(JSON.parse(only('CMD'))).slice(1), {
      cwd: inside('/app'),
      env: imageEnvironment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    worker.stdout?.resume();
    await until(async () => ((await healthCheck()).code === 0 ? true : null));
    // All packages of the worker are installed.
  }, 900_000);
  afterAll(async () => {
    worker.kill('SIGKILL');
    await folder.remove();
  });

  /** The environment that the image gives, and that of nobody else; the port is a free one. */
  function imageEnvironment(): NodeJS.ProcessEnv {
    return {
      ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, moved(value)])),
      ...{ PATH: `${inside('/opt/worker/bin')}:${process.env['PATH']}`, LD_LIBRARY_PATH: '' },
      ...{ WORKER_PORT: String(port), WORKER_HOST: '127.0.0.1', WORKER_TOKEN: 'a-token-for-this-test' },
      ...{
        WORKER_TMP_DIR: inside('work'),
        HOME: inside('home'),
        TMPDIR: folder.path,
        BUILD_COMMIT: 'b4b98e5',
        BUILD_TIME: '2026-01-25T15:30:00Z',
      },
    };
  }

  async function healthCheck(): Promise<Ended> {
    const [program = '', ...args] = list.parse(JSON.parse(/CMD (.*)$/.exec(only('HEALTHCHECK'))?.[1] ?? ''));
    return shell(inside(`/opt/worker/bin/${program}`), args, { env: imageEnvironment() });
  }

  test('leave a worker that answers, with the build in its identity, from the code that was copied', async () => {
    const asked = async (path: string): Promise<unknown> => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        headers: { authorization: 'Bearer a-token-for-this-test' },
      });
      return answer.json();
    };
    expect(await asked('/health')).toMatchObject({
      service: 'bulk-transcribe-worker',
      model: 'large-v3',
      maxFileMB: 2000,
    });
    expect(await asked('/v1/ping')).toMatchObject({
      version: 'b4b98e5',
      identity: { gitCommit: 'b4b98e5', buildTime: '2026-01-25T15:30:00Z', declaredImageDigest: null },
    });
    // No model is in there, so nothing is inferred; everything else of a preflight is.
    expect(await asked('/v1/preflight')).toMatchObject({
      status: 'ok',
      checks: { 'voice detection': true, decode: true },
    });
    const where = await shell(
      inside('/opt/worker/bin/python'),
      ['-I', '-c', 'import bulk_transcribe_worker as w; print(w.__file__)'],
      {
        env: { PATH: process.env['PATH'] },
      },
    );
    expect(where.out.trim()).toBe(inside('/app/bulk_transcribe_worker/__init__.py'));
  });

  test('leave a worker that writes nothing about its user anywhere, as a library that reports home does', () => {
    // The preflight above has used every one of them.
    expect(existsSync(inside('home'))).toBe(false);
  });

  test('leave no pip, and code that is compiled already', () => {
    expect(existsSync(inside('/opt/worker/bin/pip'))).toBe(false);
    expect(readdirSync(inside('/app/bulk_transcribe_worker/__pycache__')).length).toBeGreaterThan(30);
  });

  test('leave a worker that ends by itself at SIGTERM; then the health check fails', async () => {
    expect((await healthCheck()).code).toBe(0);
    const ended = once(worker, 'exit');
    worker.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect((await healthCheck()).code).not.toBe(0);
  });
});

describe('bake_models.py', () => {
  test('knows every model of the worker by a commit, and refuses others before it fetches any', async () => {
    const script = [
      'import bake_models as b, bulk_transcribe_worker.models as m, json, re',
      'print(json.dumps([sorted(b.PINNED), sorted(m.HUB_MODELS), [r for _, r in b.PINNED.values() if not re.fullmatch("[0-9a-f]{40}", r)]]))',
    ].join('\n');
    const { out } = await shell(venv, ['-c', script], { env: process.env, cwd: context });
    const [pinned, hub, wrong] = z.tuple([list, list, list]).parse(JSON.parse(out));
    expect(pinned).toEqual(hub);
    expect(wrong).toEqual([]);
    const refused = await bake(['large-v3', 'large-v9']);
    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('No such model: large-v9.') });
  });

  test('puts each model where the worker looks first, at its commit, and no more than it needs', async () => {
    const { code, out } = await bake(['large-v3', 'tiny.en']);
    expect(code).toBe(0);
    const lines = out.trim().split('\n');
    expect(lines).toEqual([
      expect.stringMatching(
        /^asked Systran\/faster-whisper-large-v3 edaa852\w{33} .*\/models\/large-v3 config\.json,.*model\.bin/,
      ),
      expect.stringMatching(/^large-v3: /),
      expect.stringMatching(/^asked Systran\/faster-whisper-tiny\.en 0d3d19a\w{33} /),
      expect.stringMatching(/^tiny\.en: /),
    ]);
  });

  /** Runs it with the hub's client replaced by one that only says what it was asked. */
  async function bake(names: readonly string[]): Promise<Ended> {
    const folder = await temporaryFolder();
    const hub = [
      'import pathlib',
      'def snapshot_download(repository, revision, local_dir, allow_patterns):',
      '    print("asked", repository, revision, local_dir, ",".join(allow_patterns), flush=True)',
      '    pathlib.Path(local_dir).mkdir(parents=True)',
      '    (pathlib.Path(local_dir) / "model.bin").write_bytes(b"weights")',
    ];
    await writeFile(join(folder.path, 'huggingface_hub.py'), `${hub.join('\n')}\n`);
    const models = join(folder.path, 'models');
    const ended = await shell(venv, [join(context, 'bake_models.py'), models, ...names], {
      env: { ...process.env, PYTHONPATH: folder.path, PYTHONDONTWRITEBYTECODE: '1' },
    });
    if (ended.code === 0) {
      expect(readdirSync(models).sort()).toEqual(['cache', ...names].sort());
      // Baked again, they make the same layer.
      for (const name of ['', 'cache', ...names, ...names.map((each) => `${each}/model.bin`)])
        expect(statSync(join(models, name)).mtimeMs).toBe(0);
    }
    await folder.remove();
    return ended;
  }
});

/** A Python of this version: on the PATH, or among those of pyenv. */
async function findPython(wanted: string): Promise<string | null> {
  const places = `command -v python${wanted}; ls -d "$(pyenv root)"/versions/${wanted}.*/bin/python${wanted}`;
  const { out } = await shell('sh', ['-c', places], { env: process.env });
  for (const candidate of out.split('\n').filter(Boolean)) {
    // A place that pyenv keeps for a version that is not chosen is there, and does not run.
    const { code } = await shell(candidate, ['-c', 'import venv, ensurepip'], { env: process.env });
    if (code === 0) return candidate;
  }
  return null;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  server.close();
  await once(server, 'close');
  return port;
}
