// Owns making one recording ready for a worker: that it is there and is a file with something in it, what it is, its digest, and the copy of
// its audio track that is sent in its place. The recording itself is read and never written.

import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, rm, stat } from 'node:fs/promises';
import { AppError } from '../contract/errors.ts';
import type { Probed } from '../contract/media.ts';
import { say } from '../contract/sentences.ts';
import type { ToPrepare } from '../controller/ports.ts';
import type { PreparedSource } from '../jobs/record.ts';
import { copyOf } from './copy.ts';
import { contentTypeOf } from './kinds.ts';
import { look, UNSEEN } from './probe.ts';
import { sourceError } from './source-errors.ts';

const READ_BYTES = 1024 * 1024;

/**
 * Reads the whole file once and changes nothing of it.
 * @param target where a copy may be written; nothing is left there unless the result names it
 * @param blind whether the file is only hashed, because its inside stops its reader
 * @param beat called again and again while the work goes on
 * @throws AppError SOURCE_MISSING, SOURCE_UNREADABLE (no right, no regular file), SOURCE_CHANGED (it was written to meanwhile), EMPTY_FILE,
 * DISK_FULL, USER_CANCELED when `signal` is aborted, and what {@link look} refuses.
 */
export async function prepare(
  recording: Omit<ToPrepare, 'jobId'>,
  target: string,
  signal: AbortSignal,
  blind = false,
  beat: () => void = () => undefined,
): Promise<PreparedSource> {
  const { path, options } = recording;
  const tick = (): void => {
    if (signal.aborted) throw new AppError('USER_CANCELED', undefined, { cause: signal.reason });
    beat();
  };
  return opened(path, async (file, before) => {
    tick();
    const seen = blind ? UNSEEN : await look(file, before.size, options.track ?? null);
    const made = await copyOf(file, before.size, seen, options, target, tick);
    try {
      const copy = made === null ? null : { ...made, path: target, ...(await measured(target, tick)) };
      const sha256 = await digest(file, before.size, tick);
      // Both the open file and what the path means now: a program that saves anew puts another file in its place.
      if (!isSame(before, await file.stat()) || !isSame(before, await stat(path))) throw new AppError('SOURCE_CHANGED');
      const { size, mtimeMs } = before;
      const { durationSec, media } = seen;
      const source = { sizeBytes: size, mtimeMs, sha256, contentType: contentTypeOf(path), durationSec, media };
      return copy === null ? source : { ...source, copy };
    } catch (thrown) {
      if (made !== null) await rm(target, { force: true });
      throw thrown;
    }
  });
}

/** Size, time and digest of a copy. */
async function measured(path: string, tick: () => void) {
  const copy = await open(path, 'r');
  try {
    const { size: sizeBytes, mtimeMs } = await copy.stat();
    return { sizeBytes, mtimeMs, sha256: await digest(copy, sizeBytes, tick) };
  } finally {
    await copy.close();
  }
}

/** What a file is, without its digest. @throws as {@link prepare} */
export async function probe(path: string): Promise<Probed> {
  return opened(path, async (file, { size }) => {
    const { durationSec, media } = await look(file, size, null);
    return { sizeBytes: size, contentType: contentTypeOf(path), durationSec, media };
  });
}

async function opened<Result>(path: string, use: (file: FileHandle, stats: Stats) => Promise<Result>): Promise<Result> {
  let file: FileHandle | null = null;
  try {
    // Looked at before it is opened: opening a device or a pipe may do something or wait for ever.
    checkRegular(await stat(path));
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = await file.stat();
    checkRegular(stats);
    if (stats.size === 0) throw new AppError('EMPTY_FILE');
    return await use(file, stats);
  } catch (thrown) {
    throw sourceError(thrown);
  } finally {
    await file?.close();
  }
}

/** SHA-256 in hex of `size` bytes. @throws AppError SOURCE_CHANGED when there are fewer. */
async function digest(file: FileHandle, size: number, tick: () => void): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, size));
  for (let position = 0; position < size; ) {
    tick();
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - position), position);
    if (bytesRead === 0) throw new AppError('SOURCE_CHANGED');
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return hash.digest('hex');
}

function checkRegular(stats: Stats): void {
  if (stats.isDirectory()) throw new AppError('SOURCE_UNREADABLE', say('is_folder'));
  if (!stats.isFile()) throw new AppError('SOURCE_UNREADABLE', say('not_ordinary'));
}

function isSame(before: Stats, after: Stats): boolean {
  return before.size === after.size && before.mtimeMs === after.mtimeMs && before.ino === after.ino;
}
