// Owns what a page refuses of a file before it is sent into the app, as the engine would after: nothing in it, nothing that is a recording, no
// sound, or sound that only its own player can open. Only the head and the index are read, however long the recording.

import type { ErrorReport } from '../../contract/errors.ts';
import { say } from '../../contract/sentences.ts';
import { readMp4 } from '../../media/mp4-boxes.ts';
import { kindByContent } from '../../media/signatures.ts';

/** Bytes by which a kind of file is told. */
const HEAD_BYTES = 4096;

/** Why a file is not to be sent; null where nothing speaks against it. Throws what reading it throws. */
export async function firstLook(file: Blob): Promise<ErrorReport | null> {
  if (file.size === 0) return { code: 'EMPTY_FILE', message: '' };
  const read = async (start: number, end: number): Promise<Uint8Array> =>
    new Uint8Array(await file.slice(start, end).arrayBuffer());
  const kind = kindByContent(await read(0, HEAD_BYTES));
  if (kind.verdict === 'other')
    return { code: 'NOT_A_RECORDING', message: say('not_a_recording', { kind: kind.what }) };
  if (kind.verdict === 'encrypted') return { code: 'SOURCE_ENCRYPTED', message: '' };
  if (kind.verdict === 'mp4') {
    const { protection, hasIndex, truncated } = await readMp4(read, file.size);
    if (protection === 'all') return { code: 'SOURCE_ENCRYPTED', message: '' };
    if (!hasIndex && truncated) return { code: 'SOURCE_TRUNCATED', message: '' };
  }
  // Fetched when a file is dropped, and not with the page.
  const { holdsNoSound } = await import('./sound-in-file.ts');
  return (await holdsNoSound(file)) ? { code: 'NO_AUDIO', message: '' } : null;
}
