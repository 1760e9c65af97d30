import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadApiToken, readApiToken } from './api-token.ts';
import { writePrivateFile } from './private-file.ts';

let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'token-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const file = () => join(dataDir, 'api-token');
const mode = () => statSync(file()).mode & 0o777;

describe('the token of a data directory', () => {
  it('is made once, of 256 random bits, for this user alone, whatever the umask', () => {
    const umask = process.umask(0);
    try {
      const inside = join(dataDir, 'new/data');
      const token = loadApiToken(inside);
      expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(loadApiToken(inside)).toBe(token);
      expect(statSync(join(inside, 'api-token')).mode & 0o777).toBe(0o600);
      expect(statSync(inside).mode & 0o777).toBe(0o700);
      expect(readdirSync(inside)).toEqual(['api-token']);
      expect(loadApiToken(join(dataDir, 'other'))).not.toBe(token);
    } finally {
      process.umask(umask);
    }
  });

  it('is closed to others where it was open', () => {
    const token = loadApiToken(dataDir);
    chmodSync(file(), 0o644);
    expect(loadApiToken(dataDir)).toBe(token);
    expect(mode()).toBe(0o600);
  });

  it.each(['', '\n', 'short', `${'x'.repeat(40)} ${'y'.repeat(40)}`])('replaces %j, which is none', (text) => {
    writeFileSync(file(), text, { mode: 0o644 });
    expect(readApiToken(dataDir)).toBeNull();
    const token = loadApiToken(dataDir);
    expect(readFileSync(file(), 'utf8').trim()).toBe(token);
    expect(mode()).toBe(0o600);
  });

  it('of two engines that start at once is one', () => {
    expect(writePrivateFile(file(), `${'a'.repeat(43)}\n`, 'keep')).toBe(true);
    expect(writePrivateFile(file(), `${'b'.repeat(43)}\n`, 'keep')).toBe(false);
    expect(loadApiToken(dataDir)).toBe('a'.repeat(43));
    expect(readdirSync(dataDir)).toEqual(['api-token']);
  });
});
