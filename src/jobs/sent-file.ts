// Owns which file goes to a worker for a job: the copy that was made of the recording, or the recording itself.

import type { Sent } from '../contract/media.ts';
import type { PreparedSource } from './record.ts';

/** The file that a worker fetches; `source` has its size, digest, time and type. */
export function sentFile(
  sourcePath: string,
  source: PreparedSource,
): { readonly path: string; readonly source: PreparedSource } {
  const { copy } = source;
  if (copy === undefined) return { path: sourcePath, source };
  const { path, sizeBytes, mtimeMs, sha256, contentType } = copy;
  return { path, source: { ...source, sizeBytes, mtimeMs, sha256, contentType } };
}

/** What leaves the computer, for people. */
export function sentView(source: PreparedSource): Sent {
  const { sizeBytes, contentType } = source.copy ?? source;
  return { kind: source.copy?.kind ?? 'original', sizeBytes, contentType };
}
