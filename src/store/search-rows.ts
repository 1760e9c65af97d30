// Owns the rows of the full-text index, written within the transaction of whatever changes a transcript's text.

import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import type { SearchChange, SearchRow } from '../controller/ports.ts';
import { indexed, PARTING } from './search-query.ts';
import { statement } from './statements.ts';

/** Ids of a transcript lie in a range of their own, those of a machine's segment and its splits in one within it. */
const PER_SEGMENT = 1_024;
const PER_DOC = 2 ** 28;
const DOCS = 2 ** 20;

const spokenSchema = z.object({ segments: z.array(z.object({ start: z.number(), text: z.string() })) });

/** Takes the transcript in `json` into the index, as the machine gave it. One that is in it already is left alone. */
export function indexDelivered(db: Database, jobId: string, json: string): void {
  const parsed = spokenSchema.safeParse(JSON.parse(json));
  // A delivery is worth more than its place in the index, which can be made up for at the next start.
  if (!parsed.success) return;
  const { segments } = parsed.data;
  indexTranscript(
    db,
    jobId,
    segments.map(({ start, text }, key) => ({ key: String(key), start, text })),
  );
}

/** Takes a transcript into the index, unless it is in it. */
export function indexTranscript(db: Database, jobId: string, rows: readonly SearchRow[]): void {
  const known = statement(db, 'select 1 from searched where job_id = ?').get(jobId);
  if (known !== undefined) return;
  const doc = statement(db, 'insert into searched (job_id) values (?)').run(jobId).lastInsertRowid;
  putRows(db, jobId, Number(doc), rows, true);
}

/** Brings the index in line with an edit. A transcript that is not in it yet is taken in with all its edits later. */
export function changeIndex(db: Database, jobId: string, change: SearchChange): void {
  const doc: unknown = statement(db, 'select doc from searched where job_id = ?').pluck().get(jobId);
  if (typeof doc !== 'number') return;
  const remove = statement(db, 'delete from search_segments where job_id = ? and key = ?');
  for (const key of change.gone) remove.run(jobId, key);
  putRows(db, jobId, doc, change.put, false);
}

/** @param fresh the transcript has no rows yet */
function putRows(db: Database, jobId: string, doc: number, rows: readonly SearchRow[], fresh: boolean): void {
  const change = statement(db, 'update search_segments set start = ?, text = ? where job_id = ? and key = ?');
  const last = statement(db, 'select max(id) from search_segments where id between ? and ?').pluck();
  const add = statement(db, 'insert into search_segments (id, job_id, key, start, text) values (?, ?, ?, ?, ?)');
  for (const { key, start, text } of rows) {
    const shown = indexed(text);
    if (!fresh && change.run(start, shown, jobId, key).changes > 0) continue;
    const first = (DOCS - doc) * PER_DOC + Number(key.split('.', 1)[0]) * PER_SEGMENT;
    const taken: unknown = last.get(first, first + PER_SEGMENT - 1);
    const id = typeof taken === 'number' ? taken + 1 : first;
    // Nobody splits one segment a thousand times; beyond that its parts are simply not found.
    if (id < first + PER_SEGMENT) add.run(id, jobId, key, start, shown);
  }
}

const rowSchema = z.object({ key: z.string(), start: z.number(), text: z.string() });

/** Gives a job the rows of another one. A transcript that is not in the index yet is taken in with all its edits later. */
export function copyIndex(db: Database, fromId: string, toId: string): void {
  const known = statement(db, 'select 1 from searched where job_id = ?').get(fromId);
  if (known === undefined) return;
  const rows = statement(db, 'select key, start, text from search_segments where job_id = ? order by id').all(fromId);
  indexTranscript(
    db,
    toId,
    rows.map((row) => {
      const { key, start, text } = rowSchema.parse(row);
      return { key, start, text: text.replaceAll(PARTING, '') };
    }),
  );
}
