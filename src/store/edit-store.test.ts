import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EditEntry } from '../contract/edits.ts';
import { openDatabase } from './database.ts';
import { SqliteEditStore } from './edit-store.ts';
import { SqliteJobStore } from './job-store.ts';
import { addOne, next, ownDatabase, ownDirectory } from './store.cases.ts';

const NOTHING = { gone: [], put: [] };

const edit = (seq: number, text = 'Hello.'): EditEntry => ({
  kind: 'edit',
  seq,
  at: 100 + seq,
  operations: [
    { type: 'set-text', segment: '0', text },
    { type: 'set-speaker', segment: '3.1', speaker: null, scope: 'onward' },
  ],
});

describe('the log of edits', () => {
  it('keeps every entry in order, over a restart, hostile text too', () => {
    const file = join(ownDirectory(), 'queue.db');
    const first = openDatabase(file, 1);
    const { id } = addOne(new SqliteJobStore(first));
    const entries: EditEntry[] = [
      edit(1, `'); drop table edits;-- 😀`),
      { kind: 'undo', seq: 2, at: 5 },
      { kind: 'redo', seq: 3, at: 6 },
    ];
    for (const entry of entries) expect(new SqliteEditStore(first).appendEdit(id, entry, NOTHING)).toBe(true);
    first.close();
    const store = new SqliteEditStore(ownDatabase(file));
    expect(store.edits(id)).toEqual(entries);
    expect(store.edits('nobody')).toEqual([]);
  });

  it('takes only the next one, so that nobody writes over what another window did', () => {
    const db = ownDatabase();
    const { id } = addOne(new SqliteJobStore(db));
    const store = new SqliteEditStore(db);
    expect(store.appendEdit(id, edit(2), NOTHING)).toBe(false);
    expect(store.appendEdit(id, edit(1, 'mine'), NOTHING)).toBe(true);
    expect(store.appendEdit(id, edit(1, 'theirs'), NOTHING)).toBe(false);
    expect(store.appendEdit('nobody', edit(1), NOTHING)).toBe(false);
    expect(store.edits(id)).toEqual([edit(1, 'mine')]);
  });

  it('is never changed, and goes with its job', () => {
    const db = ownDatabase();
    const jobs = new SqliteJobStore(db);
    const job = addOne(jobs);
    const store = new SqliteEditStore(db);
    store.appendEdit(job.id, edit(1), NOTHING);
    expect(() => db.prepare('update edits set at = 0').run()).toThrow('append-only');
    expect(() => db.prepare('delete from edits').run()).toThrow('append-only');
    jobs.save(next(job, { type: 'cancel' }), { type: 'cancel' }, 20);
    expect(jobs.remove([job.id]).jobs).toHaveLength(1);
    expect(db.prepare('select count(*) from edits').pluck().get()).toBe(0);
  });

  it('says what cannot be read', () => {
    const db = ownDatabase();
    const { id } = addOne(new SqliteJobStore(db));
    db.prepare(`insert into edits values (?, 1, 'edit', '[{"type":"dance"}]', 1)`).run(id);
    expect(() => new SqliteEditStore(db).edits(id)).toThrow('A row of the table "edits" cannot be read');
  });
});
