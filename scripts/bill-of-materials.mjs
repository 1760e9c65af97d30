// Writes what the packaged app is made of into dist/about: a bill of materials (CycloneDX) and the licences of everything inside it.
// @ts-check
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundledPackages } from './bundled-packages.mjs';
import { compiledInto } from './compiled-in.mjs';
import { root } from './node24.mjs';

/** Packed beside the bundles, or around them. */
const PACKED = ['better-sqlite3', 'electron'];

/**
 * The worker's Python packages: fetched by their hashes when a person sets up the worker on this computer.
 * @returns {{ name: string, version: string }[]}
 */
function workerPackages() {
  const lock = readFileSync(join(root, 'worker-image/requirements.lock'), 'utf8');
  const found = [...lock.matchAll(/^([\w.-]+)==([\w.!+]+)/gm)].map(([, name = '', version = '']) => ({
    name,
    version,
  }));
  return [...new Map(found.map((each) => [`${each.name}==${each.version}`, each])).values()];
}

/** Writes both files. Call after the bundles were built. */
export async function writeBillOfMaterials() {
  const { Enums, Models, Serialize, Spec } = await import('@cyclonedx/cyclonedx-library');
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const packages = bundledPackages(PACKED);

  const bom = new Models.Bom();
  bom.metadata.component = new Models.Component(Enums.ComponentType.Application, name, { version });
  for (const { name: each, version: at, license } of packages) {
    const [group, plain] = each.startsWith('@') ? each.split('/') : [undefined, each];
    const purl = `pkg:npm/${each.replace('@', '%40')}@${at}`;
    bom.components.add(
      new Models.Component(Enums.ComponentType.Library, plain ?? each, {
        ...(group === undefined ? {} : { group }),
        version: at,
        purl,
        bomRef: purl,
        licenses: new Models.LicenseRepository([new Models.NamedLicense(license)]),
      }),
    );
  }
  for (const { name: each, version: at } of workerPackages()) {
    const purl = `pkg:pypi/${each}@${at}`;
    bom.components.add(
      new Models.Component(Enums.ComponentType.Library, each, {
        version: at,
        purl,
        bomRef: purl,
        // Not inside: the app fetches it for the worker on this computer.
        scope: Enums.ComponentScope.Optional,
      }),
    );
  }
  const serialize = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  const about = join(root, 'dist/about');
  mkdirSync(about, { recursive: true });
  writeFileSync(join(about, 'sbom.cdx.json'), `${serialize.serialize(bom, { sortLists: true, space: 1 })}\n`);
  writeFileSync(join(about, 'LICENCES.txt'), licences(packages));
}

/**
 * @param {string} title
 * @param {string} text
 */
const part = (title, text) => `${title}\n${'-'.repeat(72)}\n${text}`;

/** @param {import('./bundled-packages.mjs').Bundled[]} packages */
function licences(packages) {
  const intro =
    'Bulk Transcribe holds the following packages. The licences of Chromium lie in LICENSES.chromium.html beside the app.';
  const parts = packages.flatMap(({ name, version, license, text }) => [
    part(`${name} ${version} (${license})`, text || license),
    ...compiledInto(name).map((each) => part(`${each.name}, in ${name} ${version} (${each.license})`, each.text)),
  ]);
  return `${[intro, ...parts].join(`\n\n${'='.repeat(72)}\n\n`)}\n`;
}
