// What a power cut leaves of the queue, and what an update finds: rows 7 and 48 of the fault matrix.

import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JobEvent } from '../jobs/transition.ts';
import { openDatabase } from './database.ts';
import { SqliteJobStore } from './job-store.ts';
import { MIGRATIONS } from './migrations.generated.ts';
import { addOne, next, ownDirectory, TO_RUNNING } from './store.cases.ts';

/** Positions that are tried; FAULT_CUTS=0 tries every byte. */
const CUTS = Number(process.env['FAULT_CUTS'] ?? 150);

test('row 7: the log cut at any byte opens as the queue was after one of its commits, never before the last whole one', () => {
  const folder = ownDirectory();
  const file = join(folder, 'queue.sqlite');
  const db = openDatabase(file, 1);
  db.pragma('wal_checkpoint(truncate)');
  db.pragma('wal_autocheckpoint = 0');
  const base = join(folder, 'base');
  copyFileSync(file, base);
  const store = new SqliteJobStore(db);
  // How long the log was when each commit was told of.
  const ends: number[] = [];
  const told = () => ends.push(readFileSync(`${file}-wal`).length);
  let job = addOne(store);
  told();
  for (const event of TO_RUNNING satisfies readonly JobEvent[]) {
    job = next(job, event);
    expect(store.save(job, event, 20)).toBe(true);
    told();
  }
  const log = join(folder, 'log');
  copyFileSync(`${file}-wal`, log);
  db.close();
  const whole = readFileSync(log);
  const step = CUTS === 0 ? 1 : Math.max(1, Math.floor(whole.length / CUTS));
  const cut = join(folder, 'cut.sqlite');
  const revisions = new Set<number>();
  const cuts = Array.from({ length: Math.ceil(whole.length / step) }, (_, index) => index * step);
  for (const at of [...cuts, whole.length]) {
    copyFileSync(base, cut);
    writeFileSync(`${cut}-wal`, whole);
    truncateSync(`${cut}-wal`, at);
    const opened = openDatabase(cut, 2);
    try {
      expect(opened.pragma('integrity_check', { simple: true }), `cut at ${at}`).toBe('ok');
      const revision = new SqliteJobStore(opened).get(job.id)?.revision ?? -1;
      const committed = ends.filter((end) => end <= at).length - 1;
      expect(revision, `cut at ${at}`).toBeGreaterThanOrEqual(committed);
      expect(revision, `cut at ${at}`).toBeLessThanOrEqual(job.revision);
      revisions.add(revision);
    } finally {
      opened.close();
    }
  }
  // From nothing to all of it, one commit after another.
  expect([...revisions].sort((a, b) => a - b)).toEqual(
    Array.from({ length: ends.length + 1 }, (_, index) => index - 1),
  );
});

test.each(MIGRATIONS.slice(0, -1).map(({ version }) => version))(
  'row 48: a queue of step %i, with a job at work, is whole after the update',
  (version) => {
    const file = join(ownDirectory(), 'queue.sqlite');
    const old = openDatabase(file, 1, MIGRATIONS.slice(0, version));
    // Written as an old build did: with the columns that there were.
    const now = openDatabase(join(ownDirectory(), 'now.sqlite'), 1);
    const store = new SqliteJobStore(now);
    let job = addOne(store);
    for (const event of TO_RUNNING) {
      job = next(job, event);
      store.save(job, event, 20);
    }
    for (const table of ['batches', 'jobs', 'attempts', 'events']) {
      const columns = old.prepare(`select name from pragma_table_info('${table}')`).pluck().all() as string[];
      const put = old.prepare(`insert into ${table} (${columns.join()}) values (${columns.map(() => '?').join()})`);
      for (const row of now.prepare(`select ${columns.join()} from ${table}`).raw().all() as unknown[][])
        put.run(...row);
    }
    now.close();
    old.close();
    const updated = openDatabase(file, 2);
    try {
      expect(updated.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(new SqliteJobStore(updated).get(job.id)).toMatchObject({ id: job.id, state: job.state, attempt: 1 });
      expect(new SqliteJobStore(updated).unfinished()).toHaveLength(1);
    } finally {
      updated.close();
    }
  },
);
