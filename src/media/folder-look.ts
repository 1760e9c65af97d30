// Owns looking into a watched folder: which recordings lie in it, whether they are still being written, and when something in it changes.

import { createHash } from 'node:crypto';
import { createReadStream, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import type { FolderFile, FolderLook } from '../controller/intake-ports.ts';
import { findRecordings } from './find.ts';
import { sourceError } from './source-errors.ts';

/** {@link FolderLook} on this computer's disks. */
export const FOLDER_LOOK: FolderLook = {
  async list(path, recursive) {
    const stats = await stat(path).catch((thrown: unknown) => {
      throw sourceError(thrown);
    });
    if (!stats.isDirectory()) throw new AppError('SOURCE_UNREADABLE', say('is_file'));
    const files: FolderFile[] = [];
    for (const file of await findRecordings(path)) {
      if (!recursive && dirname(file) !== path) continue;
      // One that went away between the two looks is not there.
      const found = await stat(file).catch(() => null);
      if (found?.isFile()) files.push({ path: file, sizeBytes: found.size, mtimeMs: found.mtimeMs });
    }
    return files;
  },

  async digest(path, signal) {
    const hash = createHash('sha256');
    try {
      await pipeline(createReadStream(path), hash, { signal });
    } catch (thrown) {
      throw sourceError(thrown);
    }
    return hash.digest('hex');
  },

  watch(path, recursive, onChange) {
    try {
      const watcher = watch(path, { recursive, persistent: false }, () => onChange());
      // A folder that goes away, or a system that has no more watches: the folder is looked at now and then in any case.
      watcher.on('error', () => watcher.close());
      return () => watcher.close();
    } catch {
      return () => undefined;
    }
  },
};
