// Owns telling one file from another: which file a path means now, and opening exactly that one later, whatever was put in its place.

import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, realpath, stat } from 'node:fs/promises';
import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import type { FileIdentity } from '../controller/ports.ts';
import { contentTypeOf } from './kinds.ts';
import { sourceError } from './source-errors.ts';

/** @throws AppError SOURCE_MISSING, SOURCE_UNREADABLE (no right, no ordinary file) */
export async function identify(path: string): Promise<{ readonly file: FileIdentity; readonly contentType: string }> {
  try {
    const realPath = await realpath(path);
    const stats = await stat(realPath, { bigint: true });
    if (!stats.isFile()) throw new AppError('SOURCE_UNREADABLE', say('not_ordinary'));
    return { file: identityOf(realPath, stats), contentType: contentTypeOf(path) };
  } catch (thrown) {
    throw sourceError(thrown);
  }
}

/**
 * Opens the file for reading if it is still the one that was identified: a link, another file, or the same with other content is refused.
 * The caller closes it.
 * @throws AppError SOURCE_MISSING, SOURCE_CHANGED, SOURCE_UNREADABLE
 */
export async function openIdentified(identity: FileIdentity): Promise<FileHandle> {
  let file: FileHandle;
  try {
    // O_NONBLOCK: a named pipe in the file's place would hold a thread until somebody writes to it.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    file = await open(identity.realPath, flags);
  } catch (thrown) {
    // A link where there was a file.
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ELOOP')
      throw new AppError('SOURCE_CHANGED', undefined, { cause: thrown });
    throw sourceError(thrown);
  }
  try {
    const stats = await file.stat({ bigint: true });
    const now = identityOf(identity.realPath, stats);
    const same =
      stats.isFile() &&
      now.device === identity.device &&
      now.inode === identity.inode &&
      now.sizeBytes === identity.sizeBytes &&
      now.mtimeNs === identity.mtimeNs;
    if (!same) throw new AppError('SOURCE_CHANGED');
    return file;
  } catch (thrown) {
    await file.close();
    throw sourceError(thrown);
  }
}

function identityOf(realPath: string, stats: BigIntStats): FileIdentity {
  return {
    realPath,
    device: String(stats.dev),
    inode: String(stats.ino),
    sizeBytes: Number(stats.size),
    mtimeNs: String(stats.mtimeNs),
  };
}
