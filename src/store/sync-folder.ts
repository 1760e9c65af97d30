// Owns that what was renamed in a folder is on disk for good. A rename is on disk when its folder is; Windows has no such call, and its file
// systems keep the order themselves.

import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { errno } from './file-errors.ts';

/** What of a folder is needed. */
interface Folder {
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What a file system answers that knows no such call for folders, as those of networks and of other systems' disks do. */
const UNKNOWN: ReadonlySet<unknown> = new Set(['EINVAL', 'ENOTSUP']);

/** @throws what the file system throws */
export async function syncFolder(
  path: string,
  platform: NodeJS.Platform = process.platform,
  openFolder: (path: string, flags: 'r') => Promise<Folder> = open,
): Promise<void> {
  if (platform === 'win32') return;
  const folder = await openFolder(path, 'r');
  try {
    await folder.sync();
  } catch (thrown) {
    if (!UNKNOWN.has(errno(thrown))) throw thrown;
  } finally {
    await folder.close();
  }
}

/** {@link syncFolder} for callers that cannot let go meanwhile. */
export function syncFolderNow(
  path: string,
  platform: NodeJS.Platform = process.platform,
  sync: (descriptor: number) => void = fsyncSync,
): void {
  if (platform === 'win32') return;
  const descriptor = openSync(path, 'r');
  try {
    sync(descriptor);
  } catch (thrown) {
    if (!UNKNOWN.has(errno(thrown))) throw thrown;
  } finally {
    closeSync(descriptor);
  }
}
