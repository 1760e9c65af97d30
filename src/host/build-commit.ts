// Owns which commit this build is of, so that the worker on this computer can say it too.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Digits of a shortened commit, as in the worker image's scripts. */
const SHORT = 7;

/**
 * The short commit of the checkout at `root`, read from git's own files (no git program is needed), or null where there is none.
 * A packaged app carries no `.git`; its BUILD_COMMIT comes with its environment.
 */
export function checkoutCommit(root: string): string | null {
  const head = read(join(root, '.git', 'HEAD'));
  const ref = head?.startsWith('ref: ') ? head.slice('ref: '.length) : null;
  const commit = ref === null ? head : (read(join(root, '.git', ref)) ?? packed(root, ref));
  return commit !== null && /^[0-9a-f]{40}$/.test(commit) ? commit.slice(0, SHORT) : null;
}

/** Refs that git has tidied away into one file, a line each: `<commit> <ref>`. */
function packed(root: string, ref: string): string | null {
  const line = read(join(root, '.git', 'packed-refs'))
    ?.split('\n')
    .find((one) => one.endsWith(` ${ref}`));
  return line?.split(' ')[0] ?? null;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    // No checkout, or a worktree whose .git is a file: both mean that nothing is known.
    return null;
  }
}
