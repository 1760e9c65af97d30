// Packages the app with electron-builder against a stand-in for Electron's distribution, and reads what came out. What a real binary
// does with it is not shown here: that needs the binary.

import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APP_LINK_SCHEME } from '../../electron/main/app-link.ts';
import { builderArguments } from '../../scripts/package.mjs';
import { likenessOf } from '../../src/media/kinds.ts';

const root = join(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);
const run = promisify(execFile);

/** Marks the fuses inside Electron's binary: the sentinel, the version of the wire, how many, and one letter each. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
/** Electron 45's fuses in the order of the wire, as Electron ships them. */
const SHIPPED = '101100100';
/** What ours must be: 0 off, 1 on. */
const FUSES = [
  ['runAsNode', '0'],
  ['cookieEncryption', '1'],
  ['nodeOptions', '0'],
  ['nodeCliInspect', '0'],
  ['asarIntegrity', '1'],
  ['onlyLoadAppFromAsar', '1'],
  ['browserSnapshot', '0'],
  ['fileProtocolExtraPrivileges', '0'],
] as const;

let dir = '';
let resources = '';
/** Paths in the archive, with `/`. */
let packed: string[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'package-'));
  const dist = join(dir, 'dist');
  mkdirSync(join(dist, 'resources'), { recursive: true });
  const { version } = require('electron/package.json') as { version: string };
  const padding = Buffer.alloc(4096);
  writeFileSync(
    join(dist, 'electron'),
    Buffer.concat([padding, Buffer.from(SENTINEL), Buffer.from([1, SHIPPED.length]), Buffer.from(SHIPPED), padding]),
    { mode: 0o755 },
  );
  writeFileSync(join(dist, 'version'), version);
  for (const name of ['LICENSE', 'LICENSES.chromium.html']) writeFileSync(join(dist, name), '');

  for (const [part, made] of [
    ['--electron', 'dist/electron/preload.cjs'],
    ['--ui', 'dist/ui/index.html'],
    ['--about', 'dist/about/sbom.cdx.json'],
  ] as const)
    if (!existsSync(join(root, made))) await run(process.execPath, ['scripts/build.mjs', part], { cwd: root });
  const builder = join(dirname(require.resolve('electron-builder/package.json')), 'cli.js');
  await run(
    process.execPath,
    [
      builder,
      '--x64',
      ...builderArguments(['--dir', '--electron-dist', dist], { platform: 'linux', output: join(dir, 'out') }),
    ],
    { cwd: root },
  );
  resources = join(dir, 'out/linux-unpacked/resources');
  packed = archived(readFileSync(join(resources, 'app.asar')));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Entry {
  readonly files?: Readonly<Record<string, Entry>>;
}

/** The paths in an asar archive: a JSON tree behind four lengths. */
function archived(bytes: Buffer): string[] {
  const tree = JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12))) as Entry;
  const walk = (entry: Entry, path: string): string[] =>
    entry.files === undefined
      ? [path]
      : Object.entries(entry.files).flatMap(([name, below]) => walk(below, path === '' ? name : `${path}/${name}`));
  return walk(tree, '');
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => name.replaceAll('\\', '/'));
}

describe('the package', () => {
  it('holds the code, the page, and of all packages only the one that cannot be bundled', () => {
    const expected =
      /^(?:LICENSE|package\.json|dist\/electron\/(?:main\.js|engine\.js|media-thread\.js|preload\.cjs|tray(?:@2x)?\.png)|dist\/ui\/(?:index\.html|assets\/[\w.-]+)|node_modules\/better-sqlite3\/(?:LICENSE|package\.json|lib\/[\w/-]+\.js|prebuilds\/linux-x64\.node))$/;
    expect(packed.filter((path) => !expected.test(path))).toEqual([]);
    expect(packed).toEqual(
      expect.arrayContaining([
        'package.json',
        'dist/electron/main.js',
        'dist/electron/engine.js',
        'dist/electron/media-thread.js',
        'dist/electron/preload.cjs',
        'dist/ui/index.html',
        'node_modules/better-sqlite3/prebuilds/linux-x64.node',
      ]),
    );
    expect(packed.filter((path) => path.endsWith('.map'))).toEqual([]);
    // Without Electron itself.
    expect(statSync(join(resources, 'app.asar')).size).toBeLessThan(20 * 1024 * 1024);
  });

  it("keeps the target's compiled code as a real file, and no other target's", () => {
    const unpacked = filesBelow(join(resources, 'app.asar.unpacked'));
    expect(unpacked.filter((path) => path.endsWith('.node'))).toEqual([
      'node_modules/better-sqlite3/prebuilds/linux-x64.node',
    ]);
  });

  it("brings the worker's package and its lock as real files, and neither its tests nor what ran here", () => {
    const worker = filesBelow(join(resources, 'worker-image'));
    expect(worker).toEqual(
      expect.arrayContaining([
        'pyproject.toml',
        'requirements.lock',
        'requirements-diarization.lock',
        'bulk_transcribe_worker/__init__.py',
      ]),
    );
    const expected = /^(?:pyproject\.toml|requirements(?:-diarization)?\.lock|bulk_transcribe_worker\/.+)$/;
    expect(worker.filter((path) => !expected.test(path))).toEqual([]);
    expect(worker.filter((path) => /__pycache__|\.pyc$|\.venv/.test(path))).toEqual([]);
  });

  it('says what it is made of, down to each package inside the bundles, and under which licences', () => {
    expect(filesBelow(join(resources, 'about')).toSorted()).toEqual(['LICENCES.txt', 'sbom.cdx.json']);
    const { bomFormat, components } = JSON.parse(readFileSync(join(resources, 'about/sbom.cdx.json'), 'utf8')) as {
      bomFormat: string;
      components: { name: string; version: string; purl: string; licenses?: unknown[] }[];
    };
    expect(bomFormat).toBe('CycloneDX');
    const named = new Map(components.map((component) => [component.name, component]));
    for (const name of [
      'react',
      'react-dom',
      'zod',
      'undici',
      'mediabunny',
      'better-sqlite3',
      'electron',
      'electron-updater',
    ])
      expect(named.get(name)?.licenses, name).toHaveLength(1);
    expect(named.get('faster-whisper')?.purl).toMatch(/^pkg:pypi\/faster-whisper@\d/);
    // Tools are not inside.
    for (const name of ['vitest', 'typescript', 'vite', 'electron-builder']) expect(named.has(name), name).toBe(false);
    const licences = readFileSync(join(resources, 'about/LICENCES.txt'), 'utf8');
    for (const { name, purl } of components) if (purl.startsWith('pkg:npm/')) expect(licences).toContain(name);
    // What is compiled into packages, and what its licences ask to be said.
    for (const said of [
      'libopus, in libopus-wasm',
      'libFLAC, in @mediabunny/flac-encoder',
      'libmpg123, in mpg123-decoder',
    ])
      expect(licences).toContain(said);
    expect(licences).toContain('GNU LESSER GENERAL PUBLIC LICENSE');
    expect(licences).toContain('Jean-Marc Valin');
  });

  it('looks for no newer version of itself unless it was built with a feed', () => {
    expect(existsSync(join(resources, 'app-update.yml'))).toBe(false);
    const asked = builderArguments(['--feed', 'us/app', '--publish'], { platform: 'darwin', output: '/out' });
    expect(asked).toEqual([
      '--mac',
      '-c.directories.output=/out',
      '-c.publish.provider=github',
      '-c.publish.owner=us',
      '-c.publish.repo=app',
      '-c.publish.releaseType=draft',
      '--publish',
      'always',
    ]);
    // On macOS electron-updater takes a newer version from a zip only.
    const targets = /\nmac:\n((?: {2}.*\n)+)/.exec(readFileSync(join(root, 'electron-builder.yml'), 'utf8'))?.[1] ?? '';
    expect([...targets.matchAll(/- target: (\w+)/g)].map(([, target]) => target)).toEqual(['dmg', 'zip']);
    for (const wrong of [['--feed'], ['--feed', 'us'], ['--feed', 'a/b/c'], ['--publish']])
      expect(() => builderArguments(wrong, { output: '/out' })).toThrow('OWNER/REPOSITORY');
  });

  it('can be opened with recordings and by its own links, and takes nobody else’s place', () => {
    const config = readFileSync(join(root, 'electron-builder.yml'), 'utf8');
    const endings = [...config.matchAll(/ext: (?:\[([^\]]+)\]|(\w+)), name: .*rank: Alternate/g)].flatMap(
      ([, many, one]) => (many ?? one ?? '').split(/, */),
    );
    // Whatever the app is registered for, it can read.
    for (const ending of endings) expect(likenessOf(`a.${ending}`), ending).toBe('recording');
    expect(endings.length).toBeGreaterThan(15);
    expect(config).toContain(`schemes: [${APP_LINK_SCHEME}]`);
  });

  it.each(FUSES.map(([name, bit], index) => ({ name, bit, index })))('has the fuse $name at $bit', ({ bit, index }) => {
    const binary = readFileSync(join(dir, 'out/linux-unpacked/bulk-transcribe'));
    const wire = binary.indexOf(SENTINEL) + SENTINEL.length;
    expect(binary[wire]).toBe(1);
    expect(String.fromCharCode(binary[wire + 2 + index] ?? 0)).toBe(bit);
  });
});

describe('npm run package', () => {
  it("without Electron's binary says so in one line, exits with 1 and leaves nothing half-made", async () => {
    const before = readdirSync(root).filter((name) => name.startsWith('release'));
    const asked = run(process.execPath, ['scripts/package.mjs', '--dir'], {
      cwd: root,
      // Nobody listens there, and nothing was fetched before.
      env: {
        ...process.env,
        ELECTRON_MIRROR: 'http://127.0.0.1:9/',
        electron_config_cache: join(dir, 'no-cache'),
        ELECTRON_OVERRIDE_DIST_PATH: join(dir, 'no-dist'),
      },
    });
    const failure = await asked.then(
      () => null,
      (error: { code: number; stderr: string }) => error,
    );
    expect(failure?.code).toBe(1);
    const lines = failure?.stderr.trim().split('\n') ?? [];
    expect(lines.at(-1)).toMatch(
      /^No package was made: Electron's binary could not be fetched \(.+\)\. .*--electron-dist DIR$/,
    );
    expect(readdirSync(root).filter((name) => name.startsWith('release'))).toEqual(before);
  });
});
