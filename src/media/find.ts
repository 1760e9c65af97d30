// Owns finding recordings: what a person dropped, a file or a folder, as a list of files in the order in which a person would list them.

import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import { DOUBTFUL_BYTES, likenessOf } from './kinds.ts';
import { sourceError } from './source-errors.ts';

/** A folder nested deeper than this was made by a mistake. */
const MAX_DEPTH = 64;
const MAX_FILES = 100_000;

const naturally = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/**
 * Recordings under `path`, absolute. A file that was named is taken whatever its ending. In folders, hidden ones and links are left
 * out: a link within the folder would give a file twice, one out of it leads where nobody pointed; neither can make a circle.
 * Folders that may not be read are left out, unless it is `path` itself.
 * @throws AppError SOURCE_MISSING, SOURCE_UNREADABLE, BAD_REQUEST when there are more than 100,000.
 */
export async function findRecordings(path: string): Promise<readonly string[]> {
  const root = resolve(path);
  try {
    const stats = await stat(root);
    if (stats.isFile()) return [root];
    if (!stats.isDirectory()) throw new AppError('SOURCE_UNREADABLE', say('not_ordinary'));
    const found: string[] = [];
    await walk(root, await readdir(root, { withFileTypes: true }), 0, found);
    return found;
  } catch (thrown) {
    throw sourceError(thrown);
  }
}

async function walk(folder: string, entries: Dirent[], depth: number, found: string[]): Promise<void> {
  for (const entry of entries.sort(byName)) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (depth >= MAX_DEPTH) continue;
      const inside = await readdir(path, { withFileTypes: true }).catch(() => []);
      await walk(path, inside, depth + 1, found);
    } else if (entry.isFile() && (await isRecording(path, entry.name))) {
      if (found.length >= MAX_FILES) throw tooMany();
      found.push(path);
    }
  }
}

function byName(one: Dirent, other: Dirent): number {
  // Names that the collator holds equal still have one order.
  return naturally.compare(one.name, other.name) || (one.name < other.name ? -1 : 1);
}

async function isRecording(path: string, name: string): Promise<boolean> {
  const likeness = likenessOf(name);
  if (likeness !== 'doubtful') return likeness === 'recording';
  const stats = await stat(path).catch(() => null);
  return stats !== null && stats.size >= DOUBTFUL_BYTES;
}

function tooMany(): AppError {
  return new AppError('BAD_REQUEST', say('folder_large', { count: MAX_FILES.toLocaleString('en') }));
}
