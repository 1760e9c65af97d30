// Owns the rule that two engines never open one data directory. The lock is SQLite's exclusive lock on a file that holds nothing:
// the operating system lets go of it when the process ends, however it ends, so no stale lock is ever left behind.

import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { AppError } from '../contract/errors.ts';
import type { Clock } from '../controller/ports.ts';
import { isBusy } from './sqlite-errors.ts';

/** How often, and every how many milliseconds, a directory that another engine has is asked for: five seconds in all. */
const TRIES = 100;
const RETRY_MS = 50;

/**
 * As {@link lockDataDirectory}, but an engine that is just ending (a killed one may still be writing), or a command that only looks, is given
 * time to let go of it.
 * @throws AppError ENGINE_RUNNING when it did not
 */
export async function awaitDataDirectory(directory: string, clock: Clock): Promise<() => void> {
  for (let left = TRIES; ; left -= 1) {
    try {
      return lockDataDirectory(directory);
    } catch (thrown) {
      if (left === 1 || !(thrown instanceof AppError) || thrown.code !== 'ENGINE_RUNNING') throw thrown;
    }
    await new Promise<void>((resolve) => void clock.after(RETRY_MS, resolve));
  }
}

/**
 * Takes the directory (made, for this user alone, when it is not there) until the result is called or the process ends.
 * @returns lets go of it; a second call does nothing
 * @throws AppError ENGINE_RUNNING at once when another engine has it, in this process or another
 */
export function lockDataDirectory(directory: string): () => void {
  const file = join(directory, 'engine.lock');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const db = new Sqlite(file, { timeout: 0 });
    try {
      // Never through fs.open: closing any descriptor of the file would drop this process's POSIX locks on it.
      chmodSync(file, 0o600);
      db.pragma('journal_mode = DELETE');
      db.exec('begin exclusive');
    } catch (thrown) {
      db.close();
      throw thrown;
    }
    return () => {
      db.close();
    };
  } catch (thrown) {
    if (isBusy(thrown)) {
      throw new AppError('ENGINE_RUNNING', `Another Bulk Transcribe already works in ${directory}.`, { cause: thrown });
    }
    throw new AppError('INTERNAL', `The data directory ${directory} could not be locked.`, { cause: thrown });
  }
}
