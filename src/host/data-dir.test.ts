import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultDataDir, makeDataDir } from './data-dir.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bt-data-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.skipIf(process.platform === 'win32').each([
  [0o777, 0o755],
  [0o770, 0o750],
  [0o755, 0o755],
  [0o1777, 0o1755],
  [0o700, 0o700],
])('a data directory with mode %o gets %o: nobody else puts a token or a database into it', (mode, expected) => {
  const there = join(folder, 'there');
  mkdirSync(there);
  chmodSync(there, mode);
  makeDataDir(there);
  expect((statSync(there).mode & 0o7777).toString(8)).toBe(expected.toString(8));
});

test.skipIf(process.platform === 'win32')('a new one is this user’s alone, whatever the umask', () => {
  const umask = process.umask(0);
  try {
    makeDataDir(join(folder, 'new/data'));
  } finally {
    process.umask(umask);
  }
  expect(statSync(join(folder, 'new/data')).mode & 0o777).toBe(0o700);
});

test('it lies where the system keeps such things, or where a variable says', () => {
  expect(defaultDataDir({ XDG_DATA_HOME: '/x' }, 'linux')).toBe(join('/x', 'bulk-transcribe'));
  expect(defaultDataDir({ LOCALAPPDATA: '/local' }, 'win32')).toBe(join('/local', 'Bulk Transcribe'));
  expect(defaultDataDir({ BULK_TRANSCRIBE_DATA_DIR: folder }, 'darwin')).toBe(folder);
});
