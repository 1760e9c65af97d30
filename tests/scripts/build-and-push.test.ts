// Building and pushing the worker's image, against a stand-in for docker that writes down what it was asked and answers like docker.

import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ROOT, temporaryFolder, testEnvironment } from '../through/engine-process.ts';
import { type Ended, shell } from './shell.ts';

const DIGEST = `sha256:${'4af1'.repeat(16)}`;
const folder = await temporaryFolder();
const at = (...parts: string[]): string => join(folder.path, ...parts);
const checkout = at('checkout');
const calls = at('calls');

/** What docker-stand-in.sh reads: a docker that has everything. */
const scene = {
  ENGINE: 'yes',
  BUILDX: 'yes',
  BUILD: 'works',
  PUSH: 'says',
  PLATFORM: 'linux/amd64',
  REVISION: '',
  DIGEST,
};

interface How {
  readonly scene?: Partial<typeof scene>;
  readonly env?: Record<string, string>;
}

const run = (script: string, args: readonly string[], how: How = {}): Promise<Ended> =>
  shell(join(checkout, 'scripts', script), args, {
    env: {
      ...testEnvironment(),
      PATH: `${at('bin')}:${process.env['PATH']}`,
      DOCKER_CALLS: calls,
      ...Object.fromEntries(
        Object.entries({ ...scene, ...how.scene }).map(([name, value]) => [`DOCKER_${name}`, value]),
      ),
      ...how.env,
    },
    // From elsewhere: the scripts find their checkout themselves.
    cwd: folder.path,
  });
const build = (args: readonly string[] = ['main-amd64'], how: How = {}): Promise<Ended> =>
  run('build_worker.sh', args, how);
const push = (args: readonly string[] = ['main-amd64', 'ghcr.io/lukefind'], how: How = {}): Promise<Ended> =>
  run('push_worker.sh', args, how);
const git = async (...args: string[]): Promise<string> => {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
  const { code, out, err } = await shell('git', [...identity, ...args], { env: process.env, cwd: checkout });
  if (code !== 0) throw new Error(err);
  return out.trim();
};

async function called(...first: string[]): Promise<readonly (readonly string[])[]> {
  const lines = (await readFile(calls, 'utf8')).split('\n').filter(Boolean);
  const all = lines.map((line) => line.split('\u001f').slice(0, -1));
  return all.filter((call) => first.every((word, index) => call[index] === word));
}

/** A PATH with what the scripts need and nothing else, so that a program can be missing from it. */
async function barePath(...programs: string[]): Promise<string> {
  const bare = at(`bare-${programs.length}`);
  await mkdir(bare, { recursive: true });
  for (const name of ['bash', 'env', 'dirname', 'cat', ...programs]) {
    const found = (await shell('sh', ['-c', `command -v ${name}`], { env: process.env })).out.trim();
    await symlink(found, join(bare, name)).catch(() => undefined);
  }
  return bare;
}

let commit = '';

beforeAll(async () => {
  await mkdir(at('bin'), { recursive: true });
  await mkdir(join(checkout, 'scripts'), { recursive: true });
  await symlink(join(import.meta.dirname, 'docker-stand-in.sh'), at('bin', 'docker'));
  for (const name of ['build_worker.sh', 'push_worker.sh'])
    await cp(join(ROOT, 'scripts', name), join(checkout, 'scripts', name));
  await git('init', '-q');
  await git('add', '.');
  await git('commit', '-qm', 'The checkout that is built');
  commit = (await git('rev-parse', 'HEAD')).slice(0, 7);
});
beforeEach(() => writeFile(calls, ''));
afterAll(() => folder.remove());

describe('build_worker.sh', () => {
  test('builds for linux/amd64 under the tag and the commit, and writes commit and time into the image', async () => {
    const began = Date.now();
    const { code, out, err } = await build();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [asked] = await called('buildx', 'build');
    const time = asked?.find((part) => part.startsWith('BUILD_TIME='))?.slice('BUILD_TIME='.length) ?? '';
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    // It tells whole seconds.
    expect(Date.parse(time)).toBeGreaterThan(began - 1_000);
    expect(Date.parse(time)).toBeLessThanOrEqual(Date.now());
    expect(asked).toEqual([
      ...['buildx', 'build', '--platform', 'linux/amd64', '--provenance=false', '--load'],
      ...['--build-arg', `BUILD_COMMIT=${commit}`, '--build-arg', `BUILD_TIME=${time}`],
      ...['--tag', 'bulk-transcribe-worker:main-amd64', '--tag', `bulk-transcribe-worker:${commit}`, 'worker-image'],
    ]);
    expect(out).toContain(`Commit      ${commit}\n`);
    expect(out).toContain('./scripts/push_worker.sh main-amd64 REGISTRY');
  });

  test('passes on the models that the image is to hold and the digest of its base', async () => {
    const base = `sha256:${'b'.repeat(64)}`;
    const { code } = await build(['x'], { env: { MODELS: 'large-v3 large-v3-turbo', BASE_DIGEST: base } });
    expect(code).toBe(0);
    const [asked] = await called('buildx', 'build');
    expect(asked).toContain('MODELS=large-v3 large-v3-turbo');
    expect(asked).toContain(`BASE_DIGEST=${base}`);
  });

  test('says in image and words when the tree has changes', async () => {
    await writeFile(join(checkout, 'new-file'), '');
    const { code, err } = await build();
    await git('clean', '-fdq');
    expect(code).toBe(0);
    expect(err).toContain(`calls itself ${commit}-dirty`);
    const [asked] = await called('buildx', 'build');
    expect(asked).toContain(`BUILD_COMMIT=${commit}-dirty`);
    expect(asked).toContain(`bulk-transcribe-worker:${commit}-dirty`);
  });

  test.each([
    ['no engine', { ENGINE: 'no' }, 'Docker does not answer'],
    ['no buildx', { BUILDX: 'no' }, 'cannot build with buildx'],
    ['a build that fails', { BUILD: 'breaks' }, 'The image was not built'],
  ])('with %s fails and says so', async (_, changed, words) => {
    const { code, out, err } = await build(['main-amd64'], { scene: changed });
    expect(code).toBe(1);
    expect(err).toContain(words);
    expect(out).not.toContain('Built ');
  });

  test('without docker fails and says so', async () => {
    const { code, err } = await build(['main-amd64'], { env: { PATH: await barePath() } });
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('There is no docker on this computer') });
  });

  test.each([[[]], [['a', 'b']], [['-x']], [['a/b']], [['with space']]])('refuses the arguments %j', async (args) => {
    const { code, err } = await build(args);
    expect(code).toBe(1);
    expect(err).toMatch(/is no tag|build_worker\.sh TAG/);
    expect(await called()).toEqual([]);
  });
});

describe('push_worker.sh', () => {
  test('pushes tag and commit tag, and prints digest, way back, and the lines to copy', async () => {
    await build();
    const { code, out, err } = await push();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const repository = 'ghcr.io/lukefind/bulk-transcribe-worker';
    expect(await called('tag')).toEqual([
      ['tag', 'bulk-transcribe-worker:main-amd64', `${repository}:main-amd64`],
      ['tag', 'bulk-transcribe-worker:main-amd64', `${repository}:${commit}`],
    ]);
    expect(await called('push')).toEqual([
      ['push', `${repository}:main-amd64`],
      ['push', `${repository}:${commit}`],
    ]);
    const lines = out.split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        `Digest      ${DIGEST}`,
        `Commit      ${commit}`,
        expect.stringMatching(/^Build time {2}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        `${repository}@${DIGEST}`,
        `EXPECTED_WORKER_GIT_COMMIT=${commit}`,
        `EXPECTED_WORKER_IMAGE_DIGEST=${DIGEST}`,
        `IMAGE_DIGEST=${DIGEST}`,
      ]),
    );
  });

  test('names the commit that the image was built from, not where the checkout stands now', async () => {
    await build();
    const { out } = await push(undefined, { scene: { REVISION: 'b4b98e5' } });
    expect(out).toContain('EXPECTED_WORKER_GIT_COMMIT=b4b98e5\n');
    expect(await called('push', 'ghcr.io/lukefind/bulk-transcribe-worker:b4b98e5')).toHaveLength(1);
  });

  test('finds the digest where docker pushes without a word', async () => {
    await build();
    const { code, out } = await push(undefined, { scene: { PUSH: 'silent' } });
    expect(code).toBe(0);
    expect(out).toContain(`EXPECTED_WORKER_IMAGE_DIGEST=${DIGEST}\n`);
  });

  test('fails rather than print a digest that is none', async () => {
    await build();
    const { code, out, err } = await push(undefined, { scene: { PUSH: 'silent', DIGEST: 'sha256:short' } });
    expect(code).toBe(1);
    expect(err).toContain('does not say under which digest');
    expect(out).not.toContain('EXPECTED_');
  });

  test('warns of an image that was built with changes', async () => {
    await build();
    const { code, err } = await push(undefined, { scene: { REVISION: `${commit}-dirty` } });
    expect(code).toBe(0);
    expect(err).toContain('nobody can build it again');
  });

  test.each([
    ['ghcr.io/lukefind', 'docker login ghcr.io (on'],
    ['lukefind', 'docker login (on'],
    ['registry.example:5000/team', 'docker login registry.example:5000 (on'],
  ])('not logged in at %s says how to', async (registry, words) => {
    await build();
    const { code, out, err } = await push(['main-amd64', registry], { scene: { PUSH: 'denied' } });
    expect(code).toBe(1);
    expect(err).toContain(words);
    expect(out).toContain('denied: permission_denied');
    expect(out).not.toContain('EXPECTED_');
  });

  test.each([
    ['an image for another platform', { PLATFORM: 'linux/arm64' }, 'is for linux/arm64'],
    ['a push that breaks', { PUSH: 'breaks' }, 'was not pushed'],
    ['no engine', { ENGINE: 'no' }, 'Docker does not answer'],
  ])('with %s fails and says so', async (_, changed, words) => {
    await build();
    const { code, err } = await push(undefined, { scene: changed });
    expect(code).toBe(1);
    expect(err).toContain(words);
  });

  test('without the image says how to build it', async () => {
    const { code, err } = await push();
    expect(code).toBe(1);
    expect(err).toContain('Build it first: ./scripts/build_worker.sh main-amd64');
    expect(await called('push')).toEqual([]);
  });

  test.each([
    [[]],
    [['main-amd64']],
    [['a b', 'ghcr.io/x']],
    [['a', 'https://ghcr.io/x']],
    [['a', 'GHCR.io/X']],
    [['a', '--all-tags']],
    [['a', 'ghcr.io/../x']],
  ])('refuses the arguments %j', async (args) => {
    const { code, err } = await push(args);
    expect(code).toBe(1);
    expect(err).toMatch(/is no tag|is no registry|push_worker\.sh TAG/);
    expect(await called()).toEqual([]);
  });
});

test('each script explains itself with --help, and shellcheck finds nothing in any of them', async () => {
  const scripts = ['build_worker.sh', 'push_worker.sh', 'smoke_remote_worker.sh'].map((name) =>
    join(ROOT, 'scripts', name),
  );
  for (const script of scripts) {
    const { code, out, err } = await shell(script, ['--help'], { env: process.env });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`./scripts/${script.split('/').at(-1)}`);
  }
  const { code, out } = await shell('shellcheck', [...scripts, join(import.meta.dirname, 'docker-stand-in.sh')], {
    env: process.env,
  });
  expect({ code, out }).toEqual({ code: 0, out: '' });
});
