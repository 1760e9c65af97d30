// The programs of this computer that the project calls: finds them, and installs the missing ones where it may do so unasked.
// @ts-check
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isStarted, movedToNode24 } from './node24.mjs';
import { run, step } from './steps.mjs';

const help = `Checks for the programs that the tests call, and installs them where that needs no question (root on Debian or Ubuntu).

  node scripts/system-parts.mjs [PART...]   all of them when none is named
`;

/**
 * @param {...string} names
 * @returns {string | undefined} the first of the programs that is on the PATH
 */
function onPath(...names) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return names
    .flatMap((name) => folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending))))
    .find((path) => existsSync(path));
}

/** @returns {Promise<string | undefined>} the browser that the tests drive */
export async function findChromium() {
  const named = process.env['CHROMIUM_PATH'];
  if (named) return named;
  const { chromium } = await import('@playwright/test');
  return [
    chromium.executablePath(),
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    onPath('google-chrome', 'google-chrome-stable', 'chrome'),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    join(process.env['PROGRAMFILES'] ?? '', 'Google/Chrome/Application/chrome.exe'),
  ].find((path) => path !== undefined && existsSync(path));
}

/** @typedef {{ find: () => Promise<string | undefined> | string | undefined, apt: string, dnf: string, brew: string, winget: string }} Part */

/** @type {Record<string, Part>} */
const parts = {
  chromium: {
    find: findChromium,
    apt: 'chromium',
    dnf: 'chromium',
    brew: '--cask google-chrome',
    winget: 'Google.Chrome',
  },
  'espeak-ng': {
    find: () => onPath('espeak-ng'),
    apt: 'espeak-ng',
    dnf: 'espeak-ng',
    brew: 'espeak-ng',
    winget: 'eSpeak-NG.eSpeak-NG',
  },
  ffmpeg: {
    find: () => onPath('ffmpeg'),
    apt: 'ffmpeg',
    dnf: 'ffmpeg-free',
    brew: 'ffmpeg',
    winget: 'Gyan.FFmpeg',
  },
  shellcheck: {
    find: () => onPath('shellcheck'),
    apt: 'shellcheck',
    dnf: 'ShellCheck',
    brew: 'shellcheck',
    winget: 'koalaman.shellcheck',
  },
};

/** @param {string[]} names @returns {Promise<string[]>} those of the parts that are not there */
async function missing(names) {
  const found = await Promise.all(names.map(async (name) => ((await parts[name]?.find()) === undefined ? name : '')));
  return found.filter(Boolean);
}

/**
 * The commands that a person runs to get these parts, for the package tool of this computer.
 * @param {string[]} names
 */
function commands(names) {
  const tool = /** @type {const} */ (['apt', 'dnf', 'brew', 'winget']).find((each) => onPath(each));
  const as = process.platform === 'linux' && process.getuid?.() !== 0 ? 'sudo ' : '';
  const packages = (/** @type {keyof Omit<Part, 'find'>} */ of) => names.map((name) => parts[name]?.[of] ?? name);
  switch (tool) {
    case 'apt':
      return `${as}apt update && ${as}apt install ${packages('apt').join(' ')}`;
    case 'dnf':
      return `${as}dnf install ${packages('dnf').join(' ')}`;
    case 'brew':
      return packages('brew')
        .map((each) => `brew install ${each}`)
        .join(' && ');
    case 'winget':
      return packages('winget')
        .map((each) => `winget install ${each}`)
        .join(' && ');
    default:
      return `install ${names.join(', ')} and put ${names.length === 1 ? 'it' : 'them'} on the PATH`;
  }
}

/**
 * Sees to it that these parts are there. Throws one sentence that names what is missing and the command that brings it.
 * @param {string[]} [names]
 */
export async function ensureParts(names = Object.keys(parts)) {
  const unknown = names.filter((name) => !(name in parts));
  if (unknown.length > 0)
    throw new Error(`No such part: ${unknown.join(', ')}. There are: ${Object.keys(parts).join(', ')}.`);
  const wanted = await missing(names);
  if (wanted.length === 0) return;
  if (process.platform === 'linux' && process.getuid?.() === 0 && onPath('apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const packages = wanted.flatMap((name) => parts[name]?.apt.split(' ') ?? []);
    await step('Reading the list of system packages', () => run('apt-get', ['update', '-q'], { env }));
    await step(`Installing ${packages.join(', ')}`, () =>
      run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], { env }),
    );
  }
  const left = await missing(wanted);
  if (left.length > 0)
    throw new Error(
      `Missing on this computer: ${left.join(', ')}. To get ${left.length === 1 ? 'it' : 'them'}: ${commands(left)}`,
    );
}

if (isStarted(import.meta.filename)) {
  const args = process.argv.slice(2);
  if (args.includes('--help')) process.stdout.write(help);
  else if (!movedToNode24()) {
    try {
      await ensureParts(args.length > 0 ? args : undefined);
    } catch (error) {
      console.error(/** @type {Error} */ (error).message);
      process.exitCode = 1;
    }
  }
}
