// Holds docs/gpu-worker-runpod.md to what is there: its variables, scripts, messages, links, and the answers that it shows.

import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR_ADVICE } from '../../src/contract/errors.ts';
import { runtimeSchema } from '../../src/contract/runtime.ts';
import { command, ROOT, SMALL, startEngine, temporaryFolder, testEnvironment } from '../through/engine-process.ts';
import { startWorker, until, type WorkerProcess } from '../through/worker-process.ts';
import { readDockerfile, variables } from './dockerfile.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const guide = read('docs/gpu-worker-runpod.md');
/** Cells of the table rows that begin with a variable or a message. */
const rows = guide
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe('the guide', () => {
  test('names no variable that nothing reads', () => {
    const known = `${read('.env.example')}\n${read('scripts/build_worker.sh')}\n${read('scripts/smoke_remote_worker.sh')}`;
    const named = new Set(guide.match(/\b[A-Z]{2,}(?:_[A-Z]+)+(?:=|`|\b)/g)?.map((name) => name.replace(/[=`]$/, '')));
    const codes = Object.keys(ERROR_ADVICE);
    const missing = [...named].filter(
      (name) => !codes.includes(name) && !name.startsWith('EXPECTED_WORKER_') && !known.includes(name),
    );
    expect(missing).toEqual([]);
    expect(named.size).toBeGreaterThan(20);
  });

  test('gives the defaults that the image has', () => {
    const image = variables(
      readDockerfile(join(ROOT, 'worker-image/Dockerfile')).filter(({ name, stage }) => name === 'ENV' && stage === ''),
    );
    const defaults = rows.filter(([, , note]) => note?.startsWith('the default'));
    expect(defaults.length).toBeGreaterThan(4);
    for (const [name = '', value = ''] of defaults) {
      const bare = name.replaceAll('`', '');
      const config = new RegExp(`"${bare}", (\\d+)`).exec(read('worker-image/bulk_transcribe_worker/config.py'))?.[1];
      expect({ [bare]: image[bare] ?? config }).toEqual({ [bare]: value.replaceAll('`', '') });
    }
  });

  test('calls scripts that are there, and quotes the app word for word', () => {
    for (const [call] of guide.matchAll(/\.\/scripts\/\w+\.sh/g)) accessSync(join(ROOT, call), constants.X_OK);
    const quoted = rows.filter(([, code]) => /^`[A-Z_]+`$/.test(code ?? ''));
    const advice: Readonly<Record<string, { readonly what: string }>> = ERROR_ADVICE;
    const messages = quoted.flatMap(([what, code = '']) => {
      const known = advice[code.replaceAll('`', '')];
      return known === undefined ? [] : [[what, known.what]];
    });
    expect(messages.length).toBeGreaterThan(8);
    for (const [said, is] of messages) expect(said).toBe(is);
    for (const event of ['worker_started', 'start_failed']) {
      expect(guide).toContain(event);
      expect(
        read('worker-image/bulk_transcribe_worker/server.py') + read('worker-image/bulk_transcribe_worker/__main__.py'),
      ).toContain(event);
    }
  });

  test('has no link that leads nowhere', () => {
    const headings = [...guide.matchAll(/^#+ (.*)$/gm)].map(([, text = '']) =>
      text
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const [, target = ''] of guide.matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith('#')) expect(headings).toContain(target.slice(1));
      else if (!target.startsWith('https://www.runpod.io/')) expect(existsSync(join(ROOT, 'docs', target))).toBe(true);
    }
  });
});

describe('the identity that it shows', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let worker: WorkerProcess;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const image = { BUILD_COMMIT: 'b4b98e5', BUILD_TIME: '2026-01-25T15:30:00Z', IMAGE_DIGEST: 'sha256:abc123...' };
    worker = await startWorker(folder.path, testEnvironment(image));
  });
  afterAll(async () => {
    await worker.stop();
    await folder.remove();
  });

  const expecting = (extra: Record<string, string>): NodeJS.ProcessEnv =>
    testEnvironment({
      REMOTE_WORKER_URL: worker.url,
      REMOTE_WORKER_TOKEN: worker.token,
      REMOTE_WORKER_MODE: 'required',
      ...extra,
    });

  test('is what /api/runtime answers, to anybody on this computer, when it matches', async () => {
    const engine = await startEngine(
      join(folder.path, 'data-1'),
      expecting({ EXPECTED_WORKER_GIT_COMMIT: 'b4b98e5', EXPECTED_WORKER_IMAGE_DIGEST: 'sha256:abc123...' }),
    );
    try {
      const remote = await until(async () => {
        const answer = await fetch(`${engine.url}/api/runtime`);
        const { remoteWorker } = runtimeSchema.parse(await answer.json());
        return remoteWorker.connected ? remoteWorker : null;
      });
      const { identity, expectedIdentity, identityMatches, identityMismatchReason } = remote;
      const shown = [...guide.matchAll(/```json\n([^`]*)```/g)].map(([, text = '']): unknown => JSON.parse(text));
      expect(shown).toContainEqual({ identity, expectedIdentity, identityMatches, identityMismatchReason });
    } finally {
      await engine.stop();
    }
  });

  test('differs in the words of the guide, and stops no job', async () => {
    const env = expecting({ EXPECTED_WORKER_GIT_COMMIT: 'xyz789' });
    const dataDir = ['--data-dir', join(folder.path, 'data-2')];
    const runtime = await command(['runtime', ...dataDir], env);
    const { remoteWorker } = runtimeSchema.parse(JSON.parse(runtime.out));
    expect(remoteWorker).toMatchObject({
      identityMatches: false,
      identityMismatchReason: "gitCommit: expected 'xyz789', got 'b4b98e5'",
    });
    const done = await command(
      ['transcribe', join(SMALL, 'demo/demo.wav'), '--model', 'demo-en', '--out', join(folder.path, 'out'), ...dataDir],
      env,
    );
    expect({ code: done.code, err: done.err }).toEqual({ code: 0, err: '' });
    expect(existsSync(join(folder.path, 'out/demo.srt'))).toBe(true);
  });
});
