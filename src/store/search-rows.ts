// Owns the rows of the full-text index. A transcript that is stored is only noted here; its text is taken in later, in parts, the oldest transcript
// first. A change of a text that is in the index changes the index in the same transaction.

import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import type { SearchChange, SearchRow } from '../controller/transcript-ports.ts';
import { parseRow } from './row.ts';
import { indexed } from './search-query.ts';
import { statement } from './statements.ts';

/** Ids of a transcript lie in a range of their own, those of a machine's segment and its splits in one within it. */
const PER_SEGMENT = 1_024;
const PER_DOC = 2 ** 28;
const DOCS = 2 ** 20;

const searchedRow = z.object({ doc: z.number().int(), taken: z.number().int().nonnegative().nullable() });
const pendingRow = z.object({ jobId: z.string(), doc: z.number().int(), taken: z.number().int().nonnegative() });

/** A transcript that is to be taken in, with the number of segments of it that are in already. */
export type Pending = z.infer<typeof pendingRow>;

/** Notes that a transcript is to be taken in, within the transaction that stores it; one that was stored before is noted already. */
export function notePending(db: Database, jobId: string): void {
  statement(db, 'insert into searched (job_id, taken) values (?, 0) on conflict (job_id) do nothing').run(jobId);
}

/** The oldest transcript that is not in the index with all of its text, `passed` over; null when there is none. */
export function nextPending(db: Database, passed: readonly string[]): Pending | null {
  const row = statement(
    db,
    `select job_id as jobId, doc, taken from searched where taken is not null
     and job_id not in (select value from json_each(?)) order by doc limit 1`,
  ).get(JSON.stringify(passed));
  return row === undefined ? null : parseRow('searched', pendingRow, row);
}

/** Number of transcripts that are not in the index with all of their text. */
export function pendingCount(db: Database): number {
  return z.number().parse(statement(db, 'select count(*) from searched where taken is not null').pluck().get());
}

const ADD = 'insert into search_segments (id, job_id, key, start, text) values (?, ?, ?, ?, ?)';

/**
 * Takes in the next of a transcript's rows, at most `limit`, within the caller's transaction.
 * @param rows all that the index is to hold of it
 * @returns how many it took in
 */
export function takeIn(
  db: Database,
  { jobId, doc, taken }: Pending,
  rows: readonly SearchRow[],
  limit: number,
): number {
  const add = statement(db, ADD);
  const ids = idsOf(doc, rows);
  const upTo = Math.min(rows.length, taken + limit);
  for (let at = taken; at < upTo; at += 1) {
    const [row, id] = [rows[at], ids[at]];
    if (row !== undefined && id != null) add.run(id, jobId, row.key, row.start, indexed(row.text));
  }
  statement(db, 'update searched set taken = ? where doc = ?').run(upTo < rows.length ? upTo : null, doc);
  return upTo - taken;
}

/** Nobody splits one segment a thousand times; beyond that its parts have no id and are simply not found. */
function idsOf(doc: number, rows: readonly SearchRow[]): readonly (number | null)[] {
  const used = new Map<number, number>();
  return rows.map(({ key }) => {
    const first = firstId(doc, key);
    const parts = used.get(first) ?? 0;
    used.set(first, parts + 1);
    return parts < PER_SEGMENT ? first + parts : null;
  });
}

function firstId(doc: number, key: string): number {
  return (DOCS - doc) * PER_DOC + Number(key.split('.', 1)[0]) * PER_SEGMENT;
}

/** Brings the index in line with an edit. A transcript that is still to be taken in is so with all its edits. */
export function changeIndex(db: Database, jobId: string, change: SearchChange): void {
  const row = statement(db, 'select doc, taken from searched where job_id = ?').get(jobId);
  if (row === undefined) return;
  const { doc, taken } = parseRow('searched', searchedRow, row);
  if (taken !== null) {
    // The parts that are in are of the text before: it begins anew.
    if (taken > 0) statement(db, 'delete from search_segments where job_id = ?').run(jobId);
    statement(db, 'update searched set taken = 0 where doc = ?').run(doc);
    return;
  }
  const remove = statement(db, 'delete from search_segments where job_id = ? and key = ?');
  for (const key of change.gone) remove.run(jobId, key);
  putRows(db, jobId, doc, change.put);
}

function putRows(db: Database, jobId: string, doc: number, rows: readonly SearchRow[]): void {
  const change = statement(db, 'update search_segments set start = ?, text = ? where job_id = ? and key = ?');
  const last = statement(db, 'select max(id) from search_segments where id between ? and ?').pluck();
  const add = statement(db, ADD);
  for (const { key, start, text } of rows) {
    const shown = indexed(text);
    if (change.run(start, shown, jobId, key).changes > 0) continue;
    const first = firstId(doc, key);
    const used: unknown = last.get(first, first + PER_SEGMENT - 1);
    const id = typeof used === 'number' ? used + 1 : first;
    if (id < first + PER_SEGMENT) add.run(id, jobId, key, start, shown);
  }
}
