// Owns that a finished file takes its name, also where a scanner of viruses or a search index holds it for a moment, as they do on Windows.

import { renameSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { errno } from './file-errors.ts';

/** What Windows answers while another program has the file open. */
const HELD: ReadonlySet<unknown> = new Set(['EPERM', 'EACCES', 'EBUSY']);
/** Milliseconds before each further try, 1.9 s in all. npm and most of Node's tools wait in this way, some for a minute. */
const PAUSES_MS = [20, 40, 80, 160, 320, 640, 640];

/**
 * Renames `from` to `to`, over what is there. On Windows a file that is held is tried again; elsewhere that is an error at once.
 * @throws what the file system throws
 */
export async function renameOver(
  from: string,
  to: string,
  platform: NodeJS.Platform = process.platform,
  move: (from: string, to: string) => Promise<void> = rename,
  wait: (ms: number) => Promise<unknown> = pause,
): Promise<void> {
  for (const ms of pausesOn(platform)) {
    try {
      await move(from, to);
      return;
    } catch (thrown) {
      if (!HELD.has(errno(thrown))) throw thrown;
      await wait(ms);
    }
  }
  await move(from, to);
}

/** {@link renameOver} for callers that cannot let go meanwhile: nothing else happens in this thread until it is done. */
export function renameOverNow(
  from: string,
  to: string,
  platform: NodeJS.Platform = process.platform,
  move: (from: string, to: string) => void = renameSync,
  wait: (ms: number) => void = stand,
): void {
  for (const ms of pausesOn(platform)) {
    try {
      move(from, to);
      return;
    } catch (thrown) {
      if (!HELD.has(errno(thrown))) throw thrown;
      wait(ms);
    }
  }
  move(from, to);
}

function pausesOn(platform: NodeJS.Platform): readonly number[] {
  return platform === 'win32' ? PAUSES_MS : [];
}

function stand(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
