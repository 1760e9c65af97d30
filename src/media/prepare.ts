// Owns looking at one recording before it is queued: that it is there and is a file with something in it, its digest, its length.

import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, stat } from 'node:fs/promises';
import { AppError } from '../contract/errors.ts';
import type { PreparedSource } from '../jobs/record.ts';
import { contentTypeOf } from './kinds.ts';
import { probe } from './probe.ts';
import { sourceError } from './source-errors.ts';

const READ_BYTES = 1024 * 1024;

/**
 * Reads the whole file once and changes nothing.
 * @throws AppError SOURCE_MISSING, SOURCE_UNREADABLE (no right, no regular file), EMPTY_FILE, NO_AUDIO, SOURCE_CHANGED (it was written
 * to meanwhile), USER_CANCELED when `signal` is aborted.
 */
export async function prepare(path: string, signal: AbortSignal): Promise<PreparedSource> {
  let file: FileHandle | null = null;
  try {
    // Looked at before it is opened: opening a device or a pipe may do something or wait for ever.
    checkRegular(await stat(path));
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const before = await file.stat();
    checkRegular(before);
    if (before.size === 0) throw new AppError('EMPTY_FILE');
    checkSignal(signal);
    const { hasAudio, durationSec } = await probe(file, before.size);
    if (!hasAudio) throw new AppError('NO_AUDIO');
    const sha256 = await digest(file, before.size, signal);
    // Both the open file and what the path means now: a program that saves anew puts another file in its place.
    if (!isSame(before, await file.stat()) || !isSame(before, await stat(path))) throw new AppError('SOURCE_CHANGED');
    return {
      sizeBytes: before.size,
      mtimeMs: before.mtimeMs,
      sha256,
      contentType: contentTypeOf(path),
      durationSec,
    };
  } catch (thrown) {
    throw sourceError(thrown);
  } finally {
    await file?.close();
  }
}

/** SHA-256 in hex of `size` bytes. @throws AppError SOURCE_CHANGED when there are fewer. */
async function digest(file: FileHandle, size: number, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, size));
  for (let position = 0; position < size; ) {
    checkSignal(signal);
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - position), position);
    if (bytesRead === 0) throw new AppError('SOURCE_CHANGED');
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return hash.digest('hex');
}

function checkRegular(stats: Stats): void {
  if (stats.isDirectory()) throw new AppError('SOURCE_UNREADABLE', 'This is a folder, not a recording.');
  if (!stats.isFile()) throw new AppError('SOURCE_UNREADABLE', 'This is no ordinary file.');
}

function isSame(before: Stats, after: Stats): boolean {
  return before.size === after.size && before.mtimeMs === after.mtimeMs && before.ino === after.ino;
}

function checkSignal(signal: AbortSignal): void {
  if (signal.aborted) throw new AppError('USER_CANCELED', undefined, { cause: signal.reason });
}
