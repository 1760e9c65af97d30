// Owns turning a name that came from outside into a file name that every system takes and that names nothing but a file.

/** Longest name, bytes in UTF-8: file systems take 255, and room is left for endings. */
const MAX_NAME_BYTES = 200;

/** Control characters, separators, what Windows forbids, and marks that turn the direction of text (`gpj.exe` read backwards). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
const UNSAFE = /[\u0000-\u001f\u007f-\u009f<>:"|?*\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:\.|$)/i;

/** The last part of `given` as a safe name; `recording` where nothing is left of it. The ending is kept. */
export function safeFileName(given: string): string {
  const last = given.toWellFormed().normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .replace(UNSAFE, '')
    .replace(/^[. ]+|(?<![. ])[. ]+$/g, '')
    .trim();
  const named = clean === '' ? 'recording' : clean;
  return shortened(DEVICE.test(named) ? `_${named}` : named);
}

function shortened(name: string): string {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name;
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : '';
  let stem = '';
  let room = MAX_NAME_BYTES - Buffer.byteLength(ending);
  // By whole characters, so that none is cut in half.
  for (const character of name.slice(0, name.length - ending.length)) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    stem += character;
  }
  // What was cut off may have left a dot or a space at the end, which Windows takes away by itself.
  return `${stem}${ending}`.replace(/(?<![. ])[. ]+$/, '');
}
