// Owns that a file gets its name whole or not at all, what lies at a name before, and how it is told that a file could not be written.

import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type * as nodeFs from 'node:fs/promises';
import { AppError } from '../contract/errors.ts';
import { PHRASES, say } from '../contract/sentences.ts';
import { errno } from '../store/file-errors.ts';
import { renameOver } from '../store/rename-over.ts';
import { syncFolder } from '../store/sync-folder.ts';

/** What is needed of node:fs/promises. */
export type OutputFileSystem = Pick<
  typeof nodeFs,
  'link' | 'lstat' | 'mkdir' | 'open' | 'readdir' | 'readFile' | 'rename' | 'rm'
>;

/**
 * Puts files in place on this computer's disk: written aside under a temporary name, synced, then given their name in one step. Errors come as the
 * file system has them: {@link exportError} words them.
 */
export class FilePlacing {
  readonly #fs: OutputFileSystem;
  readonly #platform: NodeJS.Platform;

  constructor(fs: OutputFileSystem, platform: NodeJS.Platform) {
    this.#fs = fs;
    this.#platform = platform;
  }

  /** What lies at `path`: nothing, a file with these very bytes, or anything else. */
  async present(path: string, bytes: Buffer): Promise<'none' | 'same' | 'other'> {
    let stats: BigIntStats;
    try {
      stats = await this.#fs.lstat(path, { bigint: true });
    } catch (thrown) {
      if (errno(thrown) === 'ENOENT') return 'none';
      throw thrown;
    }
    if (!stats.isFile() || stats.size !== BigInt(bytes.length)) return 'other';
    return bytes.equals(await this.#fs.readFile(path)) ? 'same' : 'other';
  }

  /** What lies at `path`: the SHA-256 of a file in hex, null for nothing, `other` for what is no file, a link included. */
  async digest(path: string): Promise<string | null> {
    try {
      if (!(await this.#fs.lstat(path)).isFile()) return 'other';
      const hash = createHash('sha256');
      // In pieces: what lies there now may be of any size.
      const opened = await this.#fs.open(path, 'r');
      for await (const piece of opened.createReadStream()) hash.update(piece);
      return hash.digest('hex');
    } catch (thrown) {
      if (errno(thrown) === 'ENOENT') return null;
      throw thrown;
    }
  }

  /** Writes `bytes` to `aside`, then has `use` give the file its name; nothing is left at `aside`, whatever comes. */
  async staged<Result>(aside: string, bytes: Buffer, use: () => Promise<Result>): Promise<Result> {
    try {
      const opened = await this.#fs.open(aside, 'wx');
      try {
        await opened.writeFile(bytes);
        await opened.sync();
      } finally {
        await opened.close();
      }
      return await use();
    } finally {
      await this.#fs.rm(aside, { force: true });
    }
  }

  /** Puts `aside` at `path` unless something is there: unlike a rename, a link never takes another file's place. */
  async claim(aside: string, path: string): Promise<boolean> {
    try {
      await this.#fs.link(aside, path);
      return true;
    } catch (thrown) {
      if (errno(thrown) === 'EEXIST') return false;
      if (!NO_LINKS.has(String(errno(thrown)))) throw thrown;
    }
    // Disks without links (exFAT, some network drives): the name is taken first, then filled.
    try {
      await (await this.#fs.open(path, 'wx')).close();
    } catch (thrown) {
      if (errno(thrown) === 'EEXIST') return false;
      throw thrown;
    }
    await this.rename(aside, path);
    return true;
  }

  rename(from: string, to: string): Promise<void> {
    return renameOver(from, to, this.#platform, (one, other) => this.#fs.rename(one, other));
  }

  syncFolder(directory: string): Promise<void> {
    return syncFolder(directory, this.#platform, (path, flags) => this.#fs.open(path, flags));
  }
}

const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL']);

/** A file that could not be written, with its path and why. */
export function exportError(path: string, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const code = errno(thrown);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError('DISK_FULL', say('file_disk_full', { path }), { cause: thrown });
  }
  return new AppError('EXPORT_FAILED', say('file_unwritten', { path, reason: reasonOf(code) }), { cause: thrown });
}

const REASONS: Record<string, string> = {
  EACCES: PHRASES.may_not_write,
  EPERM: PHRASES.may_not_write,
  EROFS: PHRASES.read_only,
  ENOENT: PHRASES.folder_not_there,
  ENOTDIR: PHRASES.no_folder,
  EISDIR: PHRASES.folder_has_name,
  ENAMETOOLONG: PHRASES.path_too_long,
};

function reasonOf(code: unknown): string {
  const name = String(code);
  return Object.hasOwn(REASONS, name) ? (REASONS[name] ?? name) : name;
}
