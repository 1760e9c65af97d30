// Owns `<data-dir>/api-token`: the secret that opens the local API to programs of this user.

import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../contract/errors.ts';
import { writePrivateFile } from './private-file.ts';

/** A token that a person may have put there is taken when it is as long as a random one of 192 bits. */
const USABLE = /^[\x21-\x7e]{32,512}$/;

function tokenPath(dataDir: string): string {
  return join(dataDir, 'api-token');
}

/** The token of a data directory, or null when there is none yet or it is not usable. */
export function readApiToken(dataDir: string): string | null {
  let text: string;
  try {
    text = readFileSync(tokenPath(dataDir), 'utf8').trim();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new AppError('INTERNAL', 'The file api-token of the data directory cannot be read.', { cause });
  }
  return USABLE.test(text) ? text : null;
}

/**
 * The token of a data directory; makes it (256 random bits, base64url) when there is none, and closes the file to others.
 * @throws AppError INTERNAL when it can be neither read nor written.
 */
export function loadApiToken(dataDir: string): string {
  const path = tokenPath(dataDir);
  const present = readApiToken(dataDir);
  try {
    if (present !== null) {
      if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
      return present;
    }
    const made = randomBytes(32).toString('base64url');
    if (writePrivateFile(path, `${made}\n`, 'keep')) return made;
    const theirs = readApiToken(dataDir);
    if (theirs !== null) return theirs;
    // What lies there is empty or too short to be one.
    writePrivateFile(path, `${made}\n`);
    return made;
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('INTERNAL', 'The file api-token of the data directory cannot be written.', { cause });
  }
}
