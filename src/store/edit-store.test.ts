import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Carried } from '../contract/carried.ts';
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

describe('corrections that were carried over', () => {
  const operations = [{ type: 'set-text' as const, segment: '0', text: 'Methil' }];
  const carried = (jobId: string): Carried => ({
    from: { jobId, name: '東京 😀.wav', finishedAt: 7 },
    placed: 1,
    left: [{ what: 'text', start: 1.5, end: 2, text: 'smaller', original: '' }],
  });

  it('are the beginning of the log, with what could not be placed, over a restart and until the job is removed', () => {
    const file = join(ownDirectory(), 'queue.db');
    const first = openDatabase(file, 1);
    const job = addOne(new SqliteJobStore(first));
    expect(new SqliteEditStore(first).carried(job.id)).toBeNull();
    const edits = [
      { seq: 1, at: 5, operations },
      { seq: 2, at: 5, operations },
    ];
    expect(new SqliteEditStore(first).carry(job.id, edits, NOTHING, carried(job.id))).toBe(true);
    first.close();
    const db = ownDatabase(file);
    const store = new SqliteEditStore(db);
    expect(store.edits(job.id).map(({ kind, seq }) => [kind, seq])).toEqual([
      ['edit', 1],
      ['edit', 2],
    ]);
    expect(store.carried(job.id)).toEqual(carried(job.id));
    expect(store.appendEdit(job.id, edit(3), NOTHING)).toBe(true);
    const jobs = new SqliteJobStore(db);
    expect(jobs.save(next(job, { type: 'cancel' }), { type: 'cancel' }, 30)).toBe(true);
    jobs.remove([job.id]);
    expect(store.carried(job.id)).toBeNull();
  });

  it('come once, and never over what a person did in the meantime', () => {
    const db = ownDatabase();
    const { id } = addOne(new SqliteJobStore(db));
    const store = new SqliteEditStore(db);
    expect(store.carry('nobody', [], NOTHING, carried(id))).toBe(false);
    store.appendEdit(id, edit(1), NOTHING);
    expect(store.carry(id, [{ seq: 1, at: 5, operations }], NOTHING, carried(id))).toBe(false);
    expect(store.carried(id)).toBeNull();
    const other = ownDatabase();
    const again = new SqliteEditStore(other);
    const job = addOne(new SqliteJobStore(other));
    expect(again.carry(job.id, [], NOTHING, carried(id))).toBe(true);
    expect(again.carry(job.id, [], NOTHING, { ...carried(id), placed: 9 })).toBe(false);
    expect(again.carried(job.id)?.placed).toBe(1);
  });
});
