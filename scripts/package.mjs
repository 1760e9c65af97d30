// `npm run package`: the app as people install it, for the system that this runs on.
// @ts-check
import { existsSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fetchElectron, installedElectron } from './electron.mjs';
import { isStarted, movedToNode24, node24, root } from './node24.mjs';
import { run, step } from './steps.mjs';

const help = `Makes the app as people install it, in release/: AppImage and deb, dmg and zip, or an installer for Windows, by this computer's system.

  npm run package [-- OPTIONS]

  --dir                     only the app's folder, no installer
  --electron-dist DIR       Electron's distribution, where it cannot be fetched
  --feed OWNER/REPOSITORY   the app looks for newer versions among this repository's releases on GitHub
  --publish                 puts what was made into a draft of a release there (GH_TOKEN); with --feed
`;

/**
 * What electron-builder is asked for.
 * @param {string[]} args of this command
 * @param {{ platform?: string, output: string }} where
 * @returns {string[]}
 */
export function builderArguments(args, { platform = process.platform, output }) {
  const value = (/** @type {string} */ name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const system = platform === 'darwin' ? '--mac' : platform === 'win32' ? '--win' : '--linux';
  const [owner, repo, ...more] = value('--feed')?.split('/') ?? [];
  if (args.includes('--feed') && (!owner || !repo || more.length > 0))
    throw new Error('--feed wants OWNER/REPOSITORY.');
  if (args.includes('--publish') && !owner) throw new Error('--publish wants --feed OWNER/REPOSITORY.');
  const dist = value('--electron-dist');
  return [
    system,
    ...(args.includes('--dir') ? ['dir'] : []),
    `-c.directories.output=${output}`,
    ...(dist === undefined ? [] : [`-c.electronDist=${dist}`]),
    ...(owner
      ? [
          '-c.publish.provider=github',
          `-c.publish.owner=${owner}`,
          `-c.publish.repo=${repo}`,
          '-c.publish.releaseType=draft',
        ]
      : []),
    '--publish',
    args.includes('--publish') ? 'always' : 'never',
  ];
}

/** @param {string[]} args */
async function makePackage(args) {
  // Made aside and moved into place, so that a package that did not succeed leaves nothing half-made behind.
  const aside = join(root, `release-${process.pid}`);
  const wanted = builderArguments(args, { output: aside });
  if (!args.includes('--electron-dist') && installedElectron() === undefined) {
    try {
      await fetchElectron();
    } catch (error) {
      const { message, cause } = /** @type {Error} */ (error);
      const reason = (cause instanceof Error && cause.message ? cause.message : message).split('\n')[0];
      throw new Error(
        `No package was made: Electron's binary could not be fetched (${reason}). Where its download is out of reach, unpack a distribution yourself and name its folder: npm run package -- --electron-dist DIR`,
      );
    }
  }
  await step('Building the app', () => run(node24(), [join(root, 'scripts/build.mjs')]));
  const require = createRequire(import.meta.url);
  const builder = join(dirname(require.resolve('electron-builder/package.json')), 'cli.js');
  try {
    await run(process.execPath, [builder, ...wanted]);
    rmSync(join(root, 'release'), { recursive: true, force: true });
    renameSync(aside, join(root, 'release'));
  } finally {
    if (existsSync(aside)) rmSync(aside, { recursive: true, force: true });
  }
  process.stderr.write('The package lies in release/.\n');
}

if (isStarted(import.meta.filename)) {
  const args = process.argv.slice(2);
  if (args.includes('--help')) process.stdout.write(help);
  else if (!movedToNode24()) {
    try {
      await makePackage(args);
    } catch (error) {
      console.error(/** @type {Error} */ (error).message);
      process.exitCode = 1;
    }
  }
}
