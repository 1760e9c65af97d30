import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDatabase } from './database.ts';
import { SqliteIntakeStore } from './intake-store.ts';
import { ownDatabase, ownDirectory } from './store.cases.ts';

const FOLDER = { id: 'f', path: '/watched', profileId: null, recursive: true, enabled: true, createdAt: 1 };
const FILE = { path: '/watched/ü.wav', sizeBytes: 4, mtimeMs: 1.25, sha256: 'a'.repeat(64) };

it('keeps profiles under names that differ, and those that a folder uses', () => {
  const store = new SqliteIntakeStore(ownDatabase());
  expect(store.saveProfile({ id: 'p', name: 'Field', options: { language: 'sv' } }, 1)).toBe(true);
  expect(store.saveProfile({ id: 'q', name: 'FIELD', options: {} }, 1)).toBe(false);
  expect(store.saveProfile({ id: 'p', name: 'Fields', options: { model: 'tiny' } }, 2)).toBe(true);
  expect(store.profiles()).toEqual([{ id: 'p', name: 'Fields', options: { model: 'tiny' } }]);
  store.addFolder({ ...FOLDER, profileId: 'p' });
  expect(store.removeProfile('p')).toBe(false);
  store.changeFolder({ ...FOLDER, enabled: false });
  expect(store.folders()).toEqual([{ ...FOLDER, enabled: false }]);
  expect(store.removeProfile('p')).toBe(true);
});

it('knows over a restart what it has seen, by file and by content', () => {
  const file = join(ownDirectory(), 'queue.db');
  const first = openDatabase(file, 1);
  const before = new SqliteIntakeStore(first);
  expect(before.addFolder(FOLDER)).toBe(true);
  expect(before.addFolder({ ...FOLDER, id: 'g' })).toBe(false);
  before.see('f', [FILE], true, 7);
  first.close();
  const store = new SqliteIntakeStore(ownDatabase(file));
  expect([store.isSeen('f', FILE), store.isSeen('f', { ...FILE, mtimeMs: 2 })]).toEqual([true, false]);
  expect([store.seenWith('f', FILE.sha256), store.seenWith('f', 'b'.repeat(64))]).toEqual([[FILE.path], []]);
  expect(store.counts('f')).toEqual({ taken: 1, lastTakenAt: 7 });
  store.removeFolder('f');
  expect(store.counts('f')).toEqual({ taken: 0, lastTakenAt: null });
});

it('does not count what was only about to be queued', () => {
  const store = new SqliteIntakeStore(ownDatabase());
  store.addFolder(FOLDER);
  store.begin('f', [FILE], 7);
  expect([store.isSeen('f', FILE), store.seenWith('f', FILE.sha256)]).toEqual([false, []]);
  expect(store.begun('f')).toEqual([{ ...FILE, at: 7 }]);
  store.forget('f', FILE.path);
  expect(store.begun('f')).toEqual([]);
});
