// Owns making one recording ready for a worker: that it is there and is a file with something in it, what it is, its digest, and the copy of
// its audio track that is sent in its place. The recording itself is read and never written.

import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, rm, stat } from 'node:fs/promises';
import { AppError } from '../contract/errors.ts';
import type { Probed } from '../contract/media.ts';
import type { ToPrepare } from '../controller/ports.ts';
import type { PreparedCopy, PreparedSource } from '../jobs/record.ts';
import { canCopy, copyTrack } from './audio-track.ts';
import { canPack, packAsFlac } from './flac.ts';
import { contentTypeOf } from './kinds.ts';
import type { Look } from './probe.ts';
import { look, openInput, UNSEEN } from './probe.ts';
import { sourceError } from './source-errors.ts';

const READ_BYTES = 1024 * 1024;
/** A copy that saves less than this share of the recording is not worth making. */
const WORTH = 0.02;

/**
 * Reads the whole file once and changes nothing of it.
 * @param target where a copy may be written; nothing is left there unless the result names it
 * @param blind whether the file is only hashed, because its inside stops its reader
 * @throws AppError SOURCE_MISSING, SOURCE_UNREADABLE (no right, no regular file), SOURCE_CHANGED (it was written to meanwhile), EMPTY_FILE,
 * DISK_FULL, USER_CANCELED when `signal` is aborted, and what {@link look} refuses.
 */
export async function prepare(
  recording: Omit<ToPrepare, 'jobId'>,
  target: string,
  signal: AbortSignal,
  blind = false,
): Promise<PreparedSource> {
  const { path, options } = recording;
  return opened(path, async (file, before) => {
    checkSignal(signal);
    const seen = blind ? UNSEEN : await look(file, before.size, options.track ?? null);
    const copy = await copyOf(file, before.size, seen, options.send ?? 'audio', target, signal);
    try {
      const sha256 = await digest(file, before.size, signal);
      // Both the open file and what the path means now: a program that saves anew puts another file in its place.
      if (!isSame(before, await file.stat()) || !isSame(before, await stat(path))) throw new AppError('SOURCE_CHANGED');
      const { size, mtimeMs } = before;
      const { durationSec, media } = seen;
      const source = { sizeBytes: size, mtimeMs, sha256, contentType: contentTypeOf(path), durationSec, media };
      return copy === null ? source : { ...source, copy };
    } catch (thrown) {
      if (copy !== null) await rm(copy.path, { force: true });
      throw thrown;
    }
  });
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

/** The copy to be sent, or null where the recording itself is: because that was asked for, or nothing would be saved, or it cannot be made. */
async function copyOf(
  file: FileHandle,
  size: number,
  { track, media, otherTracks }: Look,
  send: 'audio' | 'flac' | 'original',
  target: string,
  signal: AbortSignal,
): Promise<PreparedCopy | null> {
  if (send === 'original' || track === null || media.truncated) return null;
  const codec = media.tracks.find(({ number }) => number === media.track)?.codec ?? null;
  const pack = send === 'flac' && canPack(codec);
  if (!pack && (otherTracks === 0 || !canCopy(codec))) return null;
  // A reader of its own: the limit of the look does not hold for reading all of a track.
  const input = openInput(file, size, Number.POSITIVE_INFINITY);
  let kept = false;
  try {
    const own = (await input.getAudioTracks())[(media.track ?? 1) - 1];
    if (own === undefined) return null;
    const stop = () => checkSignal(signal);
    const { contentType } = pack ? await packAsFlac(own, target) : await copyTrack(own, target, size, stop);
    const stats = await stat(target);
    if (stats.size > size * (1 - WORTH)) return null;
    const copy = await open(target, 'r');
    try {
      const sha256 = await digest(copy, stats.size, signal);
      kept = true;
      const kind = pack ? 'flac' : 'audio-track';
      return { kind, path: target, sizeBytes: stats.size, mtimeMs: stats.mtimeMs, sha256, contentType };
    } finally {
      await copy.close();
    }
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
    if (thrown instanceof AppError) throw thrown;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new AppError('DISK_FULL', undefined, { cause: thrown });
    // Damaged in the middle, or of a form that cannot be copied: the worker's decoder gets the file as it is.
    return null;
  } finally {
    input.dispose();
    if (!kept) await rm(target, { force: true });
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
