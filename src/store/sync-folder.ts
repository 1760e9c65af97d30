// Owns that what was renamed in a folder is on disk for good.

import { open } from 'node:fs/promises';

/** A rename is on disk when its folder is; Windows has no such call, and its file systems keep the order themselves. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
