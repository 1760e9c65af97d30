// Builds dist/: the page (dist/ui) with vite, and Electron's entries (dist/electron) with vite's own bundler.
// @ts-check
import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, join } from 'node:path';
import { writeBillOfMaterials } from './bill-of-materials.mjs';
import { recordPackages } from './bundled-packages.mjs';
import { isStarted, movedToNode24, node24, root } from './node24.mjs';
import { run, step } from './steps.mjs';

const help = `Builds the page and the desktop app's code into dist/.

  node scripts/build.mjs [--ui | --electron | --about]   all when none is named; --about: only the list of what is inside
`;

/** What the page is made of. */
const uiSources = ['src/ui', 'src/contract', 'src/jobs', 'src/transcript', 'vite.config.ts', 'package-lock.json'];

/**
 * @param {string} path
 * @returns {number} when the newest file below `path` was last written, in milliseconds
 */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  // The folder's own time tells of files that were removed.
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

export async function buildUiWhenStale() {
  const page = join(root, 'dist/ui/index.html');
  const built = existsSync(page) ? statSync(page).mtimeMs : 0;
  if (uiSources.every((path) => newest(join(root, path)) < built)) return;
  // In a process of its own, since vite wants a newer Node than the one that may be running this.
  await step('Building the page', () => run(node24(), [join(root, 'scripts/build.mjs'), '--ui']));
}

async function buildUi() {
  const { build } = await import('vite');
  const outDir = join(root, 'dist/ui');
  // Built aside and moved into place, so that an interrupted build leaves no half page behind.
  const aside = join(root, `dist/ui-${process.pid}`);
  try {
    await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn', build: { outDir: aside } });
    rmSync(outDir, { recursive: true, force: true });
    renameSync(aside, outDir);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

const node = ['electron', 'better-sqlite3', ...builtinModules, /^node:/];
// A sandboxed preload cannot be an ES module, and finds no package at run time but electron.
const entries = /** @type {const} */ ([
  { input: 'electron/main/main.ts', format: 'es', ending: 'js', external: node },
  { input: 'electron/engine/engine.ts', format: 'es', ending: 'js', external: node },
  // A thread of the engine, which finds it beside its own bundle.
  { input: 'src/media/media-thread.ts', format: 'es', ending: 'js', external: node },
  { input: 'electron/preload/preload.ts', format: 'cjs', ending: 'cjs', external: ['electron'] },
]);

async function buildElectron() {
  const { build } = await import('vite');
  for (const [index, { input, format, ending, external }] of entries.entries()) {
    await build({
      configFile: false,
      root,
      logLevel: 'warn',
      plugins: [recordPackages(basename(input, '.ts'))],
      // What the bundle keeps is found by Node's rules, not by a browser's.
      ssr: { noExternal: true },
      build: {
        ssr: join(root, input),
        target: 'node24',
        outDir: join(root, 'dist/electron'),
        emptyOutDir: index === 0,
        minify: false,
        sourcemap: true,
        rolldownOptions: {
          external: [...external],
          output: { format, codeSplitting: false, entryFileNames: `[name].${ending}` },
        },
      },
    });
  }
  for (const picture of ['tray.png', 'tray@2x.png'])
    copyFileSync(join(root, 'build', picture), join(root, 'dist/electron', picture));
}

if (isStarted(import.meta.filename)) {
  const args = process.argv.slice(2);
  if (args.includes('--help')) process.stdout.write(help);
  else if (!movedToNode24()) {
    const all = !['--ui', '--electron', '--about'].some((part) => args.includes(part));
    if (all || args.includes('--ui')) await buildUi();
    if (all || args.includes('--electron')) await buildElectron();
    if (all || args.includes('--about')) await writeBillOfMaterials();
  }
}
