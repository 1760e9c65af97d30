// Owns what is compiled into the WebAssembly of packages, whose own licences their packages do not bring.
// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node24.mjs';

/**
 * @param {string} name
 * @returns {string} the text of a licence
 */
const text = (name) => readFileSync(join(root, 'build/licences', `${name}.txt`), 'utf8').trim();

/** What the LGPL asks to be said: where the source is, and that another version can be put in its place. */
const REPLACED = `Its source is at the address above, and how it is compiled, in the package's own repository. Whoever wants another version of it in
Bulk Transcribe puts that into the package and builds the app from its source again (npm run package).`;

/** By the package that holds it. @type {Readonly<Record<string, readonly { name: string, license: string, text: () => string }[]>>} */
const COMPILED_IN = {
  'libopus-wasm': [{ name: 'libopus', license: 'BSD-3-Clause', text: () => text('libopus') }],
  '@mediabunny/flac-encoder': [{ name: 'libFLAC', license: 'BSD-3-Clause', text: () => text('libflac') }],
  '@wasm-audio-decoders/flac': [{ name: 'libFLAC', license: 'BSD-3-Clause', text: () => text('libflac') }],
  'mpg123-decoder': [
    {
      name: 'libmpg123',
      license: 'LGPL-2.1-only',
      text: () =>
        `https://www.mpg123.org, https://github.com/eshaz/wasm-audio-decoders\n\n${REPLACED}\n\n${text('LGPL-2.1')}`,
    },
  ],
  // Its own file has the LGPL, which adds to the GPL.
  'codec-parser': [{ name: 'GNU GPL', license: 'GPL-3.0', text: () => text('GPL-3.0') }],
};

/**
 * @param {string} name of a package
 * @returns {{ name: string, license: string, text: string }[]} what is inside it, and the texts that go with that
 */
export function compiledInto(name) {
  return (COMPILED_IN[name] ?? []).map((each) => ({ ...each, text: each.text() }));
}
