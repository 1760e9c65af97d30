// Owns what is inside the bundles: which packages each of them took in, written down while it is built.
// @ts-check
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './node24.mjs';

const records = join(root, 'node_modules/.cache/bundled');

/**
 * @typedef {object} Bundled
 * @property {string} name
 * @property {string} version
 * @property {string} license an SPDX expression, as the package says it
 * @property {string} text of its licence file, empty where it brings none
 */

/**
 * A plugin of the bundler that writes down the packages of one bundle.
 * @param {string} bundle
 * @returns {import('vite').Plugin}
 */
export function recordPackages(bundle) {
  return {
    name: 'record-packages',
    generateBundle(_options, made) {
      const folders = new Set();
      for (const chunk of Object.values(made)) {
        if (chunk.type !== 'chunk') continue;
        for (const id of chunk.moduleIds) folders.add(packageFolder(id));
      }
      folders.delete(undefined);
      mkdirSync(records, { recursive: true });
      writeFileSync(join(records, `${bundle}.json`), JSON.stringify([...folders].sort(), null, 1));
    },
  };
}

/**
 * @param {string} id of a module
 * @returns {string | undefined} the folder of its package below the root, if it is not our own
 */
function packageFolder(id) {
  return /^\0?.*?((?:node_modules\/(?:@[^/]+\/)?[^/]+\/)+)/.exec(id.replaceAll('\\', '/').split('?')[0] ?? '')?.[1];
}

/**
 * All packages that the bundles of the last build hold, and those that are packed as they are.
 * @param {readonly string[]} packed names of packages that no bundle holds
 * @returns {Bundled[]} each once, by name
 */
export function bundledPackages(packed) {
  const folders = readdirSync(records)
    .flatMap((name) => /** @type {string[]} */ (JSON.parse(readFileSync(join(records, name), 'utf8'))))
    .concat(packed.map((name) => `node_modules/${name}/`));
  /** @type {Map<string, Bundled>} */
  const found = new Map();
  for (const folder of folders) {
    const about = describe(join(root, folder));
    if (about !== null) found.set(`${about.name}@${about.version}`, about);
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * @param {string} folder
 * @returns {Bundled | null}
 */
function describe(folder) {
  const file = join(folder, 'package.json');
  // A module that the bundler made up lies in no package.
  if (!existsSync(file)) return null;
  const { name, version, license: said, licenses } = JSON.parse(readFileSync(file, 'utf8'));
  // Packages of before 2014 have a list.
  const license = said ?? licenses?.map((/** @type {{ type: string }} */ { type }) => type).join(' OR ');
  const names = readdirSync(dirname(file)).filter((each) => /^(?:licen[cs]e|copying|notice)/i.test(each));
  const text = names.map((each) => readFileSync(join(folder, each), 'utf8').trim()).join('\n\n');
  if (typeof license !== 'string') throw new Error(`The package ${name} names no licence.`);
  return { name, version, license, text };
}
