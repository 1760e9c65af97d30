// Owns taking over a transcript for another job of the same recording: the machine's text and a person's edits.

import type { Database } from 'better-sqlite3';
import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import { notePending } from './search-rows.ts';
import { statement } from './statements.ts';

/** Within the caller's transaction. @throws AppError CONFLICT when there is nothing to take over, or the job has a transcript already */
export function copyTranscript(
  db: Database,
  { fromId, toId, now }: { readonly fromId: string; readonly toId: string; readonly now: number },
): void {
  const copied = statement(
    db,
    `insert into transcripts (job_id, attempt, sha256, size_bytes, stored_at, deflated)
     select @toId, 0, sha256, size_bytes, @now, deflated from transcripts where job_id = @fromId on conflict do nothing`,
  ).run({ fromId, toId, now });
  if (copied.changes !== 1) throw new AppError('CONFLICT', say('copy_gone'));
  statement(
    db,
    `insert into edits (job_id, seq, kind, operations, at) select ?, seq, kind, operations, at from edits where job_id = ?
     order by seq`,
  ).run(toId, fromId);
  notePending(db, toId);
}
