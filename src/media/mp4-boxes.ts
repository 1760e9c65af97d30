// Owns the few boxes of an MP4 or QuickTime file that say whether it can be opened at all: whether it has its table of contents, whether it is
// cut off, and whether its sound is protected.

import { latin1 } from './signatures.ts';

/** Bytes of a file from `start` to before `end`, as many of them as there are. */
export type ReadBytes = (start: number, end: number) => Promise<Uint8Array>;

export interface Mp4Boxes {
  /** It has a `moov`. */
  readonly hasIndex: boolean;
  /** A box claims to reach past the end of the file. */
  readonly truncated: boolean;
  /** `all`: it has sound, and all of it is encrypted. */
  readonly protection: 'none' | 'some' | 'all';
}

/** More boxes than a file has at its top, fragmented ones left aside, whose index comes first. */
const MOST_BOXES = 2_000;
const MOST_INDEX_BYTES = 64 * 1024 * 1024;

/** Sample entries of protected sound: Common Encryption, FairPlay, Audible. */
const PROTECTED = new Set(['enca', 'drms', 'aavd']);

/** Walks the top of a file of `size` bytes. Throws only what `read` throws. */
export async function readMp4(read: ReadBytes, size: number): Promise<Mp4Boxes> {
  let hasIndex = false;
  let truncated = false;
  let protection: Mp4Boxes['protection'] = 'none';
  for (let at = 0, count = 0; at + 8 <= size && count < MOST_BOXES; count += 1) {
    const head = await read(at, Math.min(at + 16, size));
    if (head.length < 8) break;
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const short = view.getUint32(0);
    const type = latin1(head.subarray(4, 8));
    // 1: the size is the 8 bytes behind the type. 0: the box reaches to the end.
    const length = short === 1 && head.length === 16 ? Number(view.getBigUint64(8)) : short === 0 ? size - at : short;
    if (length < 8 || !/^[\x20-\x7e\xa9]{4}$/.test(type)) break;
    truncated = at + length > size;
    if (type === 'moov' && !truncated) {
      hasIndex = true;
      if (length <= MOST_INDEX_BYTES) protection = protectionOf(await read(at, at + length));
    }
    at += length;
  }
  return { hasIndex, truncated, protection };
}

/** By the sample entries of the tracks whose handler is sound. */
function protectionOf(moov: Uint8Array): Mp4Boxes['protection'] {
  let open = 0;
  let closed = 0;
  for (let at = placeOf('hdlr', moov, 0); at !== -1; at = placeOf('hdlr', moov, at + 4)) {
    if (latin1(moov.subarray(at + 12, at + 16)) !== 'soun') continue;
    const stsd = placeOf('stsd', moov, at);
    if (stsd === -1) break;
    if (PROTECTED.has(latin1(moov.subarray(stsd + 16, stsd + 20)))) closed += 1;
    else open += 1;
  }
  return closed === 0 ? 'none' : open === 0 ? 'all' : 'some';
}

function placeOf(type: string, bytes: Uint8Array, from: number): number {
  const [first = 0, ...others] = Array.from(type, (letter) => letter.charCodeAt(0));
  for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1))
    if (others.every((byte, index) => bytes[at + 1 + index] === byte)) return at;
  return -1;
}
