import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SecretParts, secretFile } from './secrets.ts';

let dir = '';
const path = () => join(dir, 'kept/secrets.json');
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'secrets-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

type Backend = ReturnType<SecretParts['safeStorage']['getSelectedStorageBackend']>;

/** Encryption that anybody can see through, but that is not the text itself. */
function storage({
  available = true,
  backend = 'gnome_libsecret' as Backend,
  key = 7,
} = {}): SecretParts['safeStorage'] {
  const mix = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ key));
  return {
    isAsyncEncryptionAvailable: async () => available,
    getSelectedStorageBackend: () => backend,
    encryptStringAsync: async (text) => Buffer.concat([Buffer.from([key]), mix(Buffer.from(text))]),
    decryptStringAsync: async (bytes) => {
      if (bytes[0] !== key) throw new Error('encrypted by another');
      return { result: mix(bytes.subarray(1)).toString(), shouldReEncrypt: false };
    },
  };
}

const file = (
  safeStorage: SecretParts['safeStorage'],
  platform = 'linux',
  onUnreadable: SecretParts['onUnreadable'] = () => undefined,
) => secretFile({ safeStorage, path: path(), platform, onUnreadable });

describe('secrets', () => {
  it('come back after a restart, encrypted on disk, for this user alone', async () => {
    const first = file(storage());
    expect(await first.load()).toEqual({});
    await Promise.all([
      first.keep('worker-1', 'tökén'),
      first.keep('link', 'key'),
      first.keep('worker-1', 'tökén 2'),
      first.keep('gone', 'x'),
      first.keep('gone', null),
    ]);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(readFileSync(path(), 'utf8')).not.toMatch(/tökén|key/);
    expect(readdirSync(join(dir, 'kept'))).toEqual(['secrets.json']);
    expect(await file(storage()).load()).toEqual({ 'worker-1': 'tökén 2', link: 'key' });
  });

  it.each([
    ['basic_text', { backend: 'basic_text' as const }, 'linux', false],
    ['no encryption', { available: false }, 'win32', false],
    ['a keyring', {}, 'linux', true],
    ['a Mac', { backend: 'basic_text' as const }, 'darwin', true],
  ])('with %s are written only where they are really encrypted', async (_what, options, platform, written) => {
    const secrets = file(storage(options), platform);
    await secrets.load();
    await secrets.keep('a', 'b');
    expect(readdirSync(dir)).toEqual(written ? ['kept'] : []);
    expect(await file(storage(options), platform).load()).toEqual(written ? { a: 'b' } : {});
  });

  it('that another key encrypted are named, left out, and stay in the file', async () => {
    const mine = file(storage());
    await mine.load();
    await mine.keep('old', 'x');
    const onUnreadable = vi.fn();
    const other = file(storage({ key: 9 }), 'linux', onUnreadable);
    expect(await other.load()).toEqual({});
    expect(onUnreadable).toHaveBeenCalledExactlyOnceWith('old');
    await other.keep('new', 'y');
    expect(await file(storage()).load()).toEqual({ old: 'x' });
  });

  it.each(['', '{', '[]', 'null', '{"a":7}'])('in a file that holds %j are none', async (text) => {
    await file(storage()).keep('a', 'b');
    writeFileSync(path(), text);
    expect(await file(storage()).load()).toEqual({});
  });

  it('that cannot be written say so, and the next one is tried all the same', async () => {
    writeFileSync(join(dir, 'kept'), 'in the way');
    const secrets = file(storage());
    await secrets.load();
    await expect(secrets.keep('a', 'b')).rejects.toMatchObject({ code: 'INTERNAL' });
    rmSync(join(dir, 'kept'));
    await secrets.keep('c', 'd');
    expect(await file(storage()).load()).toEqual({ a: 'b', c: 'd' });
  });
});
