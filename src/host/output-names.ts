// Owns the names of output files: the recording's own, made into one that every disk takes.

/** Bytes of UTF-8 that a file name may have on every disk in use. */
const LONGEST_NAME = 255;

/** Devices of Windows, which such a name would open with any ending, also behind spaces. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?= *(?:\.|$))/i;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Of what people write, the most that goes into one name beside its number and its ending, bytes. */
const LONGEST_STEM = 200;

/**
 * The file name for a recording's stem (its name without the ending): `stem.srt`, from number 2 on `stem (2).srt`.
 * Characters that no name may hold become `_`; too long a stem is cut between two characters as people see them.
 */
export function outputName(stem: string, number: number, extension: string, platform: NodeJS.Platform): string {
  const ending = `${number === 1 ? '' : ` (${number})`}.${extension}`;
  return shortened(allowed(stem, platform) || 'transcript', LONGEST_NAME - Buffer.byteLength(ending)) + ending;
}

/** The same text for all names that Windows or macOS take for one. */
export function sameName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** What people wrote as the name of a folder, which never is a step elsewhere; `otherwise` where nothing is left of it. */
export function fileStem(text: string, platform: NodeJS.Platform, otherwise: string): string {
  return shortened(allowed(text, platform), LONGEST_STEM) || otherwise;
}

/** Without what this system forbids in a name, and without dots and spaces at its end, which Windows takes away by itself. */
function allowed(text: string, platform: NodeJS.Platform): string {
  const forbidden = platform === 'win32' ? /[\p{Cc}/\\<>:"|?*]/gu : /[\p{Cc}/]/gu;
  return text
    .toWellFormed()
    .replace(forbidden, '_')
    .replace(/(?<![. ])[. ]+$/u, '')
    .replace(RESERVED, (name) => `${name}_`);
}

function shortened(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let kept = '';
  let size = 0;
  for (const { segment } of graphemes.segment(text)) {
    size += Buffer.byteLength(segment);
    if (size > bytes) break;
    kept += segment;
  }
  return kept.replace(/(?<![. ])[. ]+$/u, '');
}
