// Owns reading the file of a transcript: bounded, told to be text by its bytes, in the encodings that subtitle programs write.

import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import { TRANSCRIPT_LIMITS } from '../contract/transcript.ts';
import { sourceError } from '../media/source-errors.ts';

/**
 * The text of a file. UTF-8, or UTF-16 where a byte-order mark or the zeros in it say so; bytes that are neither are read as Windows-1252, which old subtitle
 * files in the west are written in.
 * @throws AppError SOURCE_MISSING, SOURCE_UNREADABLE, EMPTY_FILE, BAD_REQUEST (too large, no text)
 */
export async function readTranscriptFile(
  path: string,
): Promise<{ readonly text: string; readonly sizeBytes: number; readonly sha256: string }> {
  const bytes = await readBytes(path);
  if (bytes.length === 0) throw new AppError('EMPTY_FILE');
  const text = decoded(bytes);
  // Text has no zero characters: whatever this is, nobody wrote it to be read.
  if (text.includes('\u0000')) throw new AppError('BAD_REQUEST', say('file_no_text'));
  return { text, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    if (!(await stat(path)).isFile()) throw new AppError('SOURCE_UNREADABLE', say('not_ordinary'));
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const { size } = await file.stat();
      if (size > TRANSCRIPT_LIMITS.bytes) throw new AppError('BAD_REQUEST', say('file_large'));
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (thrown) {
    const error = sourceError(thrown);
    // Nothing of it is in the queue.
    throw error.code === 'SOURCE_MISSING' ? new AppError('NOT_FOUND', say('file_none'), { cause: error }) : error;
  }
}

function decoded(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  // Digits and line ends have a zero as their other byte in UTF-16, and no other text has zeros at all.
  if (bytes.subarray(0, 4_096).includes(0))
    for (const encoding of ['utf-16le', 'utf-16be']) {
      const text = new TextDecoder(encoding).decode(bytes);
      if (/-->|^\s*[{[]/.test(text)) return text;
    }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
