// Owns what the system's errors about files mean.

/** The system's name of an error, such as `ENOENT`; undefined for what is none of the system's. */
export function errno(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
}

/** What a write that failed is called: no room on the disk, for all or for this user, or anything else. */
export function writeFailure(thrown: unknown): 'DISK_FULL' | 'INTERNAL' {
  const code = errno(thrown);
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'DISK_FULL' : 'INTERNAL';
}
