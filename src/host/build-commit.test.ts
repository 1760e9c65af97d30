import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkoutCommit } from './build-commit.ts';

const COMMIT = 'b4b98e5'.padEnd(40, '0');
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bulk-transcribe-commit-'));
  mkdirSync(join(root, '.git', 'refs', 'heads'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (name: string, text: string): void => writeFileSync(join(root, '.git', name), text);

test('a branch, a packed branch and a detached head are read', () => {
  write('HEAD', 'ref: refs/heads/main\n');
  write('packed-refs', `# pack-refs with: peeled\n${'1'.repeat(40)} refs/heads/other\n${COMMIT} refs/heads/main\n`);
  expect(checkoutCommit(root)).toBe('b4b98e5');
  write('refs/heads/main', `${'2'.repeat(40)}\n`);
  expect(checkoutCommit(root)).toBe('2222222');
  write('HEAD', `${COMMIT}\n`);
  expect(checkoutCommit(root)).toBe('b4b98e5');
});

test('without a commit nothing is claimed', () => {
  expect(checkoutCommit(root)).toBeNull();
  write('HEAD', 'ref: refs/heads/unborn\n');
  expect(checkoutCommit(root)).toBeNull();
  write('HEAD', 'nonsense');
  expect(checkoutCommit(root)).toBeNull();
});
