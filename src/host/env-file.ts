// Owns which `.env` is read: the checkout's own. One in a folder that a command is started in may have come with the recordings there, and its
// variables would say where these go and which program is run.

import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of a checkout, seen from src/host and from dist/electron. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The path of the `.env` to read, or null. Only a command that is started in the root of the checkout reads one.
 * @param folder where the process was started
 */
export function envFile(folder: string, root: string = ROOT): string | null {
  const file = join(root, '.env');
  return isSame(folder, root) && existsSync(file) ? file : null;
}

function isSame(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    // A folder that is gone is no checkout.
    return resolve(one) === resolve(other);
  }
}
