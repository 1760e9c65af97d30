import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WorkerIdentity } from './identity.ts';
import { compareIdentity, parsePushOutput } from './identity.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const COMMIT = 'b4b98e5c0ffee0b4b98e5c0ffee0b4b98e5c0ffe';

function reported(gitCommit: string | null, declaredImageDigest: string | null): WorkerIdentity {
  return {
    gitCommit,
    buildTime: null,
    declaredImageDigest,
    imageDigestSource: declaredImageDigest === null ? 'none' : 'env',
  };
}

describe('compareIdentity', () => {
  it('has nothing to say where nothing is expected', () => {
    expect(compareIdentity(null, reported(COMMIT, null))).toEqual({ matches: null, reason: null });
    expect(compareIdentity({ gitCommit: null, imageDigest: null }, null)).toEqual({ matches: null, reason: null });
  });

  it('names each field that differs, in the words of the predecessor', () => {
    expect(compareIdentity({ gitCommit: 'b4b98e5', imageDigest: null }, reported('xyz789', null))).toEqual({
      matches: false,
      reason: "gitCommit: expected 'b4b98e5', got 'xyz789'",
    });
    expect(compareIdentity({ gitCommit: 'b4b98e5', imageDigest: DIGEST }, reported('xyz789', 'sha256:00')).reason).toBe(
      `gitCommit: expected 'b4b98e5', got 'xyz789'; imageDigest: expected '${DIGEST}', got 'sha256:00'`,
    );
  });

  it('counts a worker that reports none as another one', () => {
    expect(compareIdentity({ gitCommit: 'b4b98e5', imageDigest: null }, null)).toEqual({
      matches: false,
      reason: "gitCommit: expected 'b4b98e5', got 'none'",
    });
    expect(compareIdentity({ gitCommit: null, imageDigest: DIGEST }, reported(COMMIT, null)).matches).toBe(false);
  });

  it('takes a shortened commit for the commit, from 7 digits on', () => {
    expect(compareIdentity({ gitCommit: COMMIT.slice(0, 7), imageDigest: null }, reported(COMMIT, null)).matches).toBe(
      true,
    );
    expect(compareIdentity({ gitCommit: COMMIT, imageDigest: null }, reported(COMMIT.slice(0, 8), null)).matches).toBe(
      true,
    );
    expect(compareIdentity({ gitCommit: COMMIT.slice(0, 6), imageDigest: null }, reported(COMMIT, null)).matches).toBe(
      false,
    );
    expect(compareIdentity({ gitCommit: '', imageDigest: null }, reported(COMMIT, null)).matches).toBe(false);
  });

  it('never shortens a digest', () => {
    expect(compareIdentity({ gitCommit: null, imageDigest: DIGEST.slice(0, 20) }, reported(null, DIGEST)).matches).toBe(
      false,
    );
    expect(compareIdentity({ gitCommit: null, imageDigest: DIGEST }, reported(null, DIGEST)).matches).toBe(true);
  });

  it('gives a reason exactly when something differs', () => {
    const text = fc.option(fc.constantFrom('', 'a', 'b4b98e5', COMMIT, DIGEST));
    fc.assert(
      fc.property(text, text, text, text, (gitCommit, imageDigest, commit, digest) => {
        const verdict = compareIdentity({ gitCommit, imageDigest }, reported(commit, digest));
        expect(verdict.reason !== null).toBe(verdict.matches === false);
      }),
    );
  });
});

describe('what a person pasted', () => {
  const commit = 'b4b98e5';
  const digest = `sha256:${'9c1f'.repeat(16)}`;
  const printed = `
Pushed      ghcr.io/lukefind/bulk-transcribe-worker:main-amd64
            ghcr.io/lukefind/bulk-transcribe-worker:${commit}
Digest      ${digest}
Commit      ${commit}
Build time  2026-11-23T12:00:00Z

To go back to this image later, keep this line:
ghcr.io/lukefind/bulk-transcribe-worker@${digest}

For the app (its .env or environment), to be told when a worker is of another build:
EXPECTED_WORKER_GIT_COMMIT=${commit}
EXPECTED_WORKER_IMAGE_DIGEST=${digest}
`;

  it.each([
    ['the whole output', printed, commit, digest],
    ['the output as a terminal hands it over', printed.replaceAll('\n', '\r\n').replace(/^/gm, '  '), commit, digest],
    [
      'the two lines for the app',
      `EXPECTED_WORKER_GIT_COMMIT=${commit}\nEXPECTED_WORKER_IMAGE_DIGEST=${digest}`,
      commit,
      digest,
    ],
    ['one of them', `EXPECTED_WORKER_GIT_COMMIT="${commit}"`, commit, null],
    ['an image reference', `ghcr.io/lukefind/bulk-transcribe-worker@${digest}`, null, digest],
    ['a commit alone', ` ${commit}\n`, commit, null],
    ['a digest alone', digest, null, digest],
  ])('is understood: %s', (_what, text, gitCommit, imageDigest) => {
    expect(parsePushOutput(text)).toEqual({ gitCommit, imageDigest });
  });

  it.each(['', 'hello', 'Digest sha256:12', 'Commit none', 'deadbee is what I saw'])('is nothing: %j', (text) => {
    expect(parsePushOutput(text)).toBeNull();
  });
});
