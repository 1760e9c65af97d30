// Owns telling by the first bytes what a file certainly is: a recording in MP4, a protected one, or something that people drop by mistake.

import { PHRASES } from '../contract/sentences.ts';

export type KindByContent =
  | { readonly verdict: 'mp4' }
  | { readonly verdict: 'encrypted' }
  /** No recording. `what` with its article, for a sentence. */
  | { readonly verdict: 'other'; readonly what: string }
  /** A recording, or something that a decoder has to judge. */
  | { readonly verdict: 'open' };

const OTHERS: readonly (readonly [bytes: string, what: string])[] = [
  ['%PDF-', PHRASES.a_pdf],
  ['PK\u0003\u0004', PHRASES.a_zip],
  ['PK\u0005\u0006', PHRASES.an_empty_zip],
  ['\u0089PNG\r\n\u001a\n', PHRASES.a_picture],
  ['GIF87a', PHRASES.a_picture],
  ['GIF89a', PHRASES.a_picture],
  ['\u00ff\u00d8\u00ff\u00e0', PHRASES.a_picture],
  ['\u00ff\u00d8\u00ff\u00e1', PHRASES.a_picture],
  ['\u007fELF', PHRASES.a_program],
  ['MZ\u0090\u0000', PHRASES.a_program],
  ['7z\u00bc\u00af\u0027\u001c', PHRASES.an_archive],
  ['Rar!\u001a\u0007', PHRASES.an_archive],
  ['\u001f\u008b\b', PHRASES.an_archive],
  ['SQLite format 3\u0000', PHRASES.a_database],
  ['\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1', PHRASES.an_office_document],
  ['{\\rtf', PHRASES.a_text_document],
];

const ASF = '\u0030\u0026\u00b2\u0075\u008e\u0066\u00cf\u0011';
/** Content Encryption and Extended Content Encryption objects of ASF, as their GUIDs lie in the file. */
const ASF_ENCRYPTED = [
  '\u00fb\u00b3\u0011\u0022\u0023\u00bd\u00d2\u0011\u00b4\u00b7\u0000\u00a0\u00c9\u0055\u00fc\u006e',
  '\u0014\u00e6\u008a\u0029\u0022\u0026\u0017\u004c\u00b9\u0035\u00da\u00e0\u007e\u00e9\u0028\u009c',
];

const MP4_BOXES = new Set(['ftyp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot']);

/** @param head the first bytes of the file, 4 KiB where it has so many */
export function kindByContent(head: Uint8Array): KindByContent {
  const text = latin1(head);
  const other = OTHERS.find(([bytes]) => text.startsWith(bytes));
  if (other !== undefined) return { verdict: 'other', what: other[1] };
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return { verdict: 'other', what: PHRASES.a_picture };
  if (text.startsWith(ASF))
    return ASF_ENCRYPTED.some((guid) => text.includes(guid)) ? { verdict: 'encrypted' } : { verdict: 'open' };
  if (MP4_BOXES.has(text.slice(4, 8))) return { verdict: 'mp4' };
  return isPlainText(head) ? { verdict: 'other', what: PHRASES.a_text } : { verdict: 'open' };
}

/** Each byte as the character of its number. Without Node's Buffer: the page looks at files with this, too. */
export function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

/** UTF-8 of readable characters only. A playlist is text too: it names other files, which are dropped by themselves. */
function isPlainText(head: Uint8Array): boolean {
  if (head.length < 16) return false;
  let text: string;
  try {
    // The last character may be cut in two.
    text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
  } catch {
    return false;
  }
  return !/[^\P{Cc}\t\n\r\f]/u.test(text);
}
