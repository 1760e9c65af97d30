// Owns the order of the queue: positions with gaps between them, and how jobs are put somewhere else in one transaction.

import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import type { JobPosition, QueueMove } from '../controller/queue-ports.ts';
import { statement } from './statements.ts';

/** The gap between two jobs that were added one after the other. Twenty jobs may go between any two before others must make room. */
export const POSITION_STEP = 2 ** 20;

const NOT_OVER = `state not in ('complete', 'failed', 'canceled')`;

const positionRow = z.object({ id: z.string(), position: z.number().int() });
const edge = z.number().int().nullable();

/** The position behind all jobs. */
export function lastPosition(db: Database): number {
  return z.number().int().parse(statement(db, 'select coalesce(max(position), 0) from jobs').pluck().get());
}

/**
 * Puts jobs that are not over somewhere else, in the order in which they are named; those that are over, or not there, stay out of it.
 * Within the caller's transaction.
 * @returns every job that has another position now; null when what they were to go next to is not there
 */
export function moveJobs(db: Database, move: QueueMove): readonly JobPosition[] | null {
  db.exec('create temp table if not exists moving (ordinal integer primary key, id text not null unique) strict');
  statement(db, 'delete from moving').run();
  const given = 'ids' in move ? move.ids : move.batchIds;
  statement(
    db,
    'ids' in move
      ? `insert or ignore into moving (id) select jobs.id from json_each(?) as given join jobs on jobs.id = given.value
         where ${NOT_OVER} order by given.key`
      : `insert or ignore into moving (id) select jobs.id from json_each(?) as given
         join batches on batches.id = given.value join jobs on jobs.batch = batches.seq
         where ${NOT_OVER} order by given.key, jobs.position`,
  ).run(JSON.stringify(given));
  const count = z.number().parse(statement(db, 'select count(*) from moving').pluck().get());
  if (count === 0) return [];
  const gap = gapFor(db, move);
  if (gap === null) return null;
  const { below, above } = gap;

  let first = POSITION_STEP;
  let step = POSITION_STEP;
  let pushed: readonly JobPosition[] = [];
  if (below === null && above === null) first = POSITION_STEP;
  else if (below === null) first = (above ?? 0) - count * POSITION_STEP;
  else if (above === null) first = below + POSITION_STEP;
  else {
    step = Math.floor((above - below) / (count + 1));
    if (step < 1) {
      pushed = pushUp(db, above, (count + 1) * POSITION_STEP);
      step = POSITION_STEP;
    }
    first = below + step;
  }
  const moved = statement(
    db,
    `update jobs set position = @first + @step * (moving.ordinal - 1),
       moved = max(jobs.moved, @byHand) from moving where jobs.id = moving.id returning jobs.id, jobs.position`,
  ).all({ first, step, byHand: 'ids' in move ? 1 : 0 });
  return [...pushed, ...moved.map((row) => positionRow.parse(row))];
}

/** The positions between which the moved jobs go; null on a side where there is nothing. */
function gapFor(db: Database, { place }: QueueMove): { below: number | null; above: number | null } | null {
  const others = 'not exists (select 1 from moving where moving.id = jobs.id)';
  if ('to' in place) {
    const end = place.to === 'top' ? `min(position)` : `max(position)`;
    const at = edge.parse(statement(db, `select ${end} from jobs where ${NOT_OVER} and ${others}`).pluck().get());
    return place.to === 'top'
      ? { below: null, above: at }
      : { below: at === null ? null : lastPosition(db), above: null };
  }
  const before = 'before' in place;
  const beside = before ? place.before : place.after;
  const at = edge.parse(
    statement(
      db,
      `select ${before ? 'min' : 'max'}(position) from jobs join batches on batches.seq = jobs.batch
       where (jobs.id = @beside or (batches.id = @beside and ${NOT_OVER})) and ${others}`,
    )
      .pluck()
      .get({ beside }),
  );
  if (at === null) return null;
  const next = edge.parse(
    statement(
      db,
      `select position from jobs where position ${before ? '<' : '>'} ? and ${others} order by position ${before ? 'desc' : ''} limit 1`,
    )
      .pluck()
      .get(at) ?? null,
  );
  return before ? { below: next, above: at } : { below: at, above: next };
}

/** Makes room below `from`: a rare, single statement over what lies behind. */
function pushUp(db: Database, from: number, by: number): readonly JobPosition[] {
  return statement(
    db,
    `update jobs set position = position + @by where position >= @from
     and not exists (select 1 from moving where moving.id = jobs.id) returning id, position`,
  )
    .all({ by, from })
    .map((row) => positionRow.parse(row));
}
