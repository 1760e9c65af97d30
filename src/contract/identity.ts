// Owns a worker's identity: what it reports, what is expected, and how the two are compared. Comparing warns; it never blocks a job.

import * as z from 'zod';

/** What a worker says of itself in `/v1/ping`. The digest is what its operator declared, not something it measured. */
export const workerIdentitySchema = z.object({
  gitCommit: z.string().nullable(),
  buildTime: z.string().nullable(),
  declaredImageDigest: z.string().nullable(),
  imageDigestSource: z.enum(['env', 'none']),
});
export type WorkerIdentity = z.infer<typeof workerIdentitySchema>;

/** What the user expects. A null field is not compared. */
export const expectedIdentitySchema = z.object({
  gitCommit: z.string().nullable(),
  imageDigest: z.string().nullable(),
});
export type ExpectedIdentity = z.infer<typeof expectedIdentitySchema>;

/** `matches` is null where nothing is expected. `reason` names each differing field, joined by `; ` (docs/protocol.md). */
export const identityVerdictSchema = z.object({ matches: z.boolean().nullable(), reason: z.string().nullable() });
export type IdentityVerdict = z.infer<typeof identityVerdictSchema>;

/** Commits are often shortened (`git rev-parse --short`): one that begins with the other, 7 digits at least, is the same commit. */
function sameCommit(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  return short === long || (/^[0-9a-f]{7,40}$/.test(short) && long.startsWith(short));
}

/** Holds a reported identity against the expected one; the reason strings are those of the predecessor, to the letter. */
export function compareIdentity(expected: ExpectedIdentity | null, reported: WorkerIdentity | null): IdentityVerdict {
  if (expected === null || (expected.gitCommit === null && expected.imageDigest === null))
    return { matches: null, reason: null };
  const pairs = [
    ['gitCommit', expected.gitCommit, reported?.gitCommit ?? null],
    ['imageDigest', expected.imageDigest, reported?.declaredImageDigest ?? null],
  ] as const;
  const differing = pairs.filter(([field, want, got]) => {
    if (want === null) return false;
    if (got === null) return true;
    return field === 'gitCommit' ? !sameCommit(want, got) : want !== got;
  });
  if (differing.length === 0) return { matches: true, reason: null };
  return {
    matches: false,
    reason: differing.map(([field, want, got]) => `${field}: expected '${want}', got '${got ?? 'none'}'`).join('; '),
  };
}

const COMMIT = /^(?:EXPECTED_WORKER_GIT_COMMIT\s*=|Commit:?\s)\s*["']?([0-9a-f]{7,40}(?:-dirty)?)\b/im;
const DIGEST = /^(?:EXPECTED_WORKER_IMAGE_DIGEST\s*=|IMAGE_DIGEST\s*=|Digest:?\s)\s*["']?(sha256:[0-9a-f]{64})\b/im;
const REFERENCE = /@(sha256:[0-9a-f]{64})\b/i;
const ALONE = /^[^\S\n]*(?:([0-9a-f]{7,40})|(sha256:[0-9a-f]{64}))[^\S\n]*$/im;

/**
 * The identity in what a person pasted: the output of push_worker.sh, whole or some lines of it, an image reference with its digest, or a
 * commit or digest alone. Null where there is none.
 */
export function parsePushOutput(pasted: string): ExpectedIdentity | null {
  // Terminals hand over spaces at the start of lines, and some of them carriage returns.
  const text = pasted.replace(/\r/g, '').replace(/^[ \t>|]+/gm, '');
  const alone = ALONE.exec(text);
  const gitCommit = COMMIT.exec(text)?.[1] ?? alone?.[1] ?? null;
  const imageDigest = DIGEST.exec(text)?.[1] ?? REFERENCE.exec(text)?.[1] ?? alone?.[2] ?? null;
  return gitCommit === null && imageDigest === null ? null : { gitCommit, imageDigest };
}
