// Owns the few boxes of an MP4 or QuickTime file that say whether it can be opened at all: whether it has its table of contents, whether it is
// cut off, and whether its sound is protected.

import type { FileHandle } from 'node:fs/promises';

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

/** Walks the top of an open file of `size` bytes. Never throws for what the file holds. */
export async function readMp4(file: FileHandle, size: number): Promise<Mp4Boxes> {
  let hasIndex = false;
  let truncated = false;
  let protection: Mp4Boxes['protection'] = 'none';
  const head = Buffer.alloc(16);
  for (let at = 0, count = 0; at + 8 <= size && count < MOST_BOXES; count += 1) {
    const { bytesRead } = await file.read(head, 0, 16, at);
    const short = head.readUInt32BE(0);
    const type = head.toString('latin1', 4, 8);
    // 1: the size is the 8 bytes behind the type. 0: the box reaches to the end.
    const length = short === 1 && bytesRead === 16 ? Number(head.readBigUInt64BE(8)) : short === 0 ? size - at : short;
    if (length < 8 || !/^[\x20-\x7e\xa9]{4}$/.test(type)) break;
    truncated = at + length > size;
    if (type === 'moov' && !truncated) {
      hasIndex = true;
      if (length <= MOST_INDEX_BYTES) protection = protectionOf(await bytesAt(file, at, length));
    }
    at += length;
  }
  return { hasIndex, truncated, protection };
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}

/** By the sample entries of the tracks whose handler is sound. */
function protectionOf(moov: Buffer): Mp4Boxes['protection'] {
  let open = 0;
  let closed = 0;
  for (let at = moov.indexOf('hdlr', 0, 'latin1'); at !== -1; at = moov.indexOf('hdlr', at + 4, 'latin1')) {
    if (moov.toString('latin1', at + 12, at + 16) !== 'soun') continue;
    const stsd = moov.indexOf('stsd', at, 'latin1');
    if (stsd === -1) break;
    if (PROTECTED.has(moov.toString('latin1', stsd + 16, stsd + 20))) closed += 1;
    else open += 1;
  }
  return closed === 0 ? 'none' : open === 0 ? 'all' : 'some';
}
