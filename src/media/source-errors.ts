// Owns what the file system's refusals mean for a recording.

import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';

/** The error for a path that could not be looked at, opened or read. */
export function sourceError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') return new AppError('SOURCE_MISSING', undefined, { cause: thrown });
  const why = SENTENCES[code];
  return new AppError('SOURCE_UNREADABLE', why, { cause: thrown });
}

const SENTENCES: Readonly<Record<string, string>> = {
  EIO: say('drive_failed'),
  ELOOP: say('path_circle'),
  ENAMETOOLONG: say('path_long'),
  EBUSY: say('held_elsewhere'),
};
