// Owns writing a small file that only this user may read: whole or not at all, 0600 from its first byte.

import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renameOverNow } from '../store/rename-over.ts';

/**
 * Writes `text` to `path` through a temporary file beside it. The folder is made (0700) when missing.
 * @param ifPresent `replace`, or `keep`: the file that is there stays
 * @returns false when one was there and was kept
 */
export function writePrivateFile(path: string, text: string, ifPresent: 'replace' | 'keep' = 'replace'): boolean {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  sweep(dirname(path));
  const temporary = `${path}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (ifPresent === 'replace') {
      renameOverNow(temporary, path);
      return true;
    }
    // A link, unlike a rename, fails when the name is taken: of two that start at once one wins.
    linkSync(temporary, path);
    return true;
  } catch (thrown) {
    if (ifPresent === 'keep' && thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST') return false;
    throw thrown;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Temporary files of processes that were killed in the middle: they may hold what nobody else should read. */
function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = /\.(\d{1,10})\.[0-9a-f]{12}\.tmp$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // Somebody else's process is alive too.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}
