import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileSecretStore } from './file-secrets.ts';
import { loadInstall } from './install.ts';
import { ownDatabase, ownDirectory } from './store.cases.ts';

describe('FileSecretStore', () => {
  it('keeps secrets in files for this user alone', () => {
    const directory = join(ownDirectory(), 'secrets');
    const secrets = new FileSecretStore(directory);
    expect(secrets.get('worker-1')).toBeNull();
    secrets.set('worker-1', 'old');
    secrets.set('worker-1', 'töken');
    expect(secrets.get('worker-1')).toBe('töken');
    expect(readdirSync(directory)).toEqual(['worker-1']);
    expect(statSync(join(directory, 'worker-1')).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    secrets.delete('worker-1');
    secrets.delete('worker-1');
    expect(secrets.get('worker-1')).toBeNull();
  });

  it.each(['', '.', '..', '../x', 'a/b', 'a\\b', '.hidden', 'a\u0000b', 'ü', 'x.new', 'a'.repeat(200)])(
    'takes no name that could be a path: %j',
    (name) => {
      const secrets = new FileSecretStore(ownDirectory());
      for (const use of [() => secrets.get(name), () => secrets.set(name, 'v'), () => secrets.delete(name)]) {
        expect(use).toThrow('no name for a secret');
      }
    },
  );

  it('never names a value in an error', () => {
    const directory = ownDirectory();
    mkdirSync(join(directory, 'taken', 'inside'), { recursive: true });
    const secrets = new FileSecretStore(directory);
    expect(() => secrets.set('taken', 'hush')).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    expect(() => secrets.set('taken', 'hush')).not.toThrow(/hush/);
    expect(existsSync(join(directory, 'taken.new'))).toBe(false);
  });
});

describe('loadInstall', () => {
  it('stays the same from start to start, and keeps its key out of the database', () => {
    const directory = ownDirectory();
    const db = ownDatabase(join(directory, 'queue.db'));
    const secrets = new FileSecretStore(join(directory, 'secrets'));
    const first = loadInstall(db, secrets, 1);
    expect(first.linkKey).toHaveLength(32);
    expect(loadInstall(db, secrets, 2)).toEqual(first);
    db.pragma('wal_checkpoint(TRUNCATE)');
    const stored = readFileSync(join(directory, 'queue.db'));
    expect(stored.includes(Buffer.from(first.linkKey)) || stored.includes(secrets.get('link-signing-key') ?? '')).toBe(
      false,
    );
  });

  it('makes a new key where the old one is broken, and never the same for two installs', () => {
    const directory = ownDirectory();
    const secrets = new FileSecretStore(directory);
    const db = ownDatabase();
    const first = loadInstall(db, secrets, 1);
    writeFileSync(join(directory, 'link-signing-key'), 'short');
    const second = loadInstall(db, secrets, 1);
    expect(second.id).toBe(first.id);
    expect(second.linkKey).toHaveLength(32);
    expect(second.linkKey).not.toEqual(first.linkKey);
  });
});
