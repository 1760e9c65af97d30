// Owns finding jobs for lists and for changes of many: filters, text, pages.

import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import { AppError } from '../contract/errors.ts';
import type { JobQuery } from '../controller/queue-ports.ts';
import type { JobRecord } from '../jobs/record.ts';
import { parseJob, SELECT_JOB } from './job-row.ts';
import { parseRow } from './row.ts';
import { statement } from './statements.ts';

/** Where a page of the list ended: the batch's number, where it counts, and the job's position. */
const cursorSchema = z
  .string()
  .regex(/^(?:\d{1,15}\.)?-?\d{1,16}$/)
  .transform((text) => {
    const [batch, position] = text.includes('.') ? text.split('.').map(Number) : [null, Number(text)];
    return { batch: batch ?? null, position: position ?? 0 };
  });

const placed = z.looseObject({ batch: z.number().int(), position: z.number().int() });

/** The text as it is searched: another case or another way of writing an accent is the same letter. */
export function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Makes {@link folded} known to the database. Called once for each. */
export function registerFolded(db: Database): void {
  db.function('folded', { deterministic: true }, (text) => (typeof text === 'string' ? folded(text) : ''));
}

/** A page of jobs. @throws AppError BAD_REQUEST for a cursor that this store did not give */
export function listJobs(
  db: Database,
  query: JobQuery,
): { readonly jobs: readonly JobRecord[]; readonly nextCursor: string | null } {
  const { states, batchId, search, order = 'newest', limit } = query;
  const after = query.cursor === undefined ? null : parseCursor(query.cursor, order);
  const conditions: string[] = [];
  const parameters: Record<string, string | number> = { limit: limit + 1 };
  const [only] = states ?? [];
  if (states !== undefined && states.length === 1 && only !== undefined && order === 'newest') {
    conditions.push('state = @state');
    parameters['state'] = only;
  } else if (states !== undefined) {
    // The plus keeps the order of the index: a page is read until it is full, and nothing is sorted.
    conditions.push('+state in (select value from json_each(@states))');
    parameters['states'] = JSON.stringify(states);
  }
  if (batchId !== undefined) {
    conditions.push('jobs.batch = (select seq from batches where id = @batchId)');
    parameters['batchId'] = batchId;
  }
  const wanted = folded(search?.trim() ?? '');
  if (wanted !== '') {
    conditions.push('instr(folded(jobs.name || char(10) || source_path), @search) > 0');
    parameters['search'] = wanted;
  }
  if (after !== null) {
    parameters['position'] = after.position;
    if (after.batch === null) conditions.push('position > @position');
    else {
      parameters['batch'] = after.batch;
      // The first half lets the index begin where the page does.
      conditions.push('jobs.batch <= @batch and (jobs.batch < @batch or position > @position)');
    }
  }
  const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  const by = order === 'newest' ? 'jobs.batch desc, position' : 'position';
  const rows = statement(db, `${SELECT_JOB} ${where} order by ${by} limit @limit`).all(parameters);
  const page = rows.slice(0, limit);
  const end = page.at(-1);
  const more = rows.length > limit && end !== undefined;
  return { jobs: page.map(parseJob), nextCursor: more ? cursorOf(end, order) : null };
}

/** Ids of jobs in these states, of one batch or of all, by position. */
export function jobIds(db: Database, batchId: string | null, states: readonly string[]): readonly string[] {
  const ofBatch = batchId === null ? '' : 'and jobs.batch = (select seq from batches where id = @batchId)';
  return z.array(z.string()).parse(
    statement(
      db,
      `select id from jobs where state in (select value from json_each(@states)) ${ofBatch} order by position`,
    )
      .pluck()
      .all({ states: JSON.stringify(states), ...(batchId === null ? {} : { batchId }) }),
  );
}

function cursorOf(row: unknown, order: 'newest' | 'position'): string {
  const { batch, position } = parseRow('jobs', placed, row);
  return order === 'newest' ? `${batch}.${position}` : String(position);
}

function parseCursor(
  cursor: string,
  order: 'newest' | 'position',
): { readonly batch: number | null; readonly position: number } {
  const parsed = cursorSchema.safeParse(cursor);
  if (!parsed.success || (parsed.data.batch === null) !== (order === 'position'))
    throw new AppError('BAD_REQUEST', 'The cursor is not one that this app gave for such a list.');
  return parsed.data;
}
