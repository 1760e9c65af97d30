// Finds Electron's binary, which its package does not bring along, and fetches it where that is possible.
// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './node24.mjs';
import { run, step } from './steps.mjs';

const folder = join(root, 'node_modules/electron');

/** How long the download may stand still. Offline and behind a closed firewall this is all that is waited. */
const patience = 20_000;

/** @returns {string | undefined} the binary's path, if it is on this computer */
export function installedElectron() {
  const pathFile = join(folder, 'path.txt');
  if (!existsSync(pathFile)) return undefined;
  const binary = join(
    process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(folder, 'dist'),
    readFileSync(pathFile, 'utf8'),
  );
  return existsSync(binary) ? binary : undefined;
}

/** Where electron-builder lays the app's binary, below release/, by system. */
const packaged = {
  linux: ['linux-unpacked/bulk-transcribe', 'linux-arm64-unpacked/bulk-transcribe'],
  darwin: ['mac-arm64', 'mac'].map((folder) => `${folder}/Bulk Transcribe.app/Contents/MacOS/Bulk Transcribe`),
  win32: ['win-unpacked/Bulk Transcribe.exe'],
};

/** @returns {string | undefined} the binary of the app that `npm run package` made last, if there is one */
export function packagedApp() {
  const places = packaged[/** @type {keyof typeof packaged} */ (process.platform)] ?? [];
  return places.map((place) => join(root, 'release', place)).find((path) => existsSync(path));
}

/**
 * Downloads the binary into Electron's own cache, with progress, and lets its package unpack it.
 * @returns {Promise<string>} the binary's path
 */
export async function fetchElectron() {
  const require = createRequire(join(folder, 'package.json'));
  const { downloadArtifact } = await import(pathToFileURL(require.resolve('@electron/get')).href);
  await step('Fetching Electron', async (say) => {
    const stalled = new AbortController();
    const timer = setTimeout(() => stalled.abort(new Error(`nothing arrived for ${patience / 1000} s`)), patience);
    try {
      await downloadArtifact({
        version: require('electron/package.json').version,
        artifactName: 'electron',
        checksums: require('electron/checksums.json'),
        platform: process.platform,
        arch: process.arch,
        downloadOptions: {
          quiet: true,
          signal: stalled.signal,
          getProgressCallback: async (/** @type {{ percent: number }} */ { percent }) => {
            timer.refresh();
            say(`${Math.floor(percent * 10) * 10} %`);
          },
        },
      });
    } finally {
      clearTimeout(timer);
    }
    await run(process.execPath, [join(folder, 'install.js')]);
  });
  const binary = installedElectron();
  if (!binary) throw new Error('its package unpacked no binary');
  return binary;
}
