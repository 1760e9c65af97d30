// Owns handing out the built page from its folder, and nothing from outside it.

import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pageFile, pageHeaders } from '../contract/page-files.ts';

export interface PageAnswer {
  readonly headers: Record<string, string>;
  readonly bytes: Buffer;
}

/**
 * The file of the page that a request's path (percent-encoded, without query) names; null when it names none. Links are followed
 * only as far as they stay inside. Files of the page are small: they are read whole.
 */
export async function readPageFile(uiDir: string, path: string): Promise<PageAnswer | null> {
  const segments = pageFile(path);
  if (segments === null) return null;
  try {
    const root = await realpath(uiDir);
    const real = await realpath(join(root, ...segments));
    // With the separator: `/ui-secrets` begins with `/ui` too.
    if (!real.startsWith(root + sep) || !(await stat(real)).isFile()) return null;
    return { headers: pageHeaders(segments), bytes: await readFile(real) };
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && NOT_THERE.has(String(cause.code))) return null;
    throw cause;
  }
}

const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES', 'EISDIR']);
