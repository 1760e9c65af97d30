// Owns the stored transcripts: exactly the bytes that were acknowledged, deflated. An hour of words (1.9 MB) shrinks to less
// than a quarter in 20 ms, which is less to write and to sync.

import { createHash } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import { AppError } from '../contract/errors.ts';
import { keptTranscriptSchema } from '../contract/segment-check.ts';
import type { Transcript } from '../contract/transcript.ts';
import { TRANSCRIPT_LIMITS } from '../contract/transcript.ts';
import { parseRow } from './row.ts';
import { statement } from './statements.ts';

const transcriptRow = z.object({ sha256: z.string(), deflated: z.instanceof(Uint8Array) });

/**
 * Stores the JSON text of a job, within the caller's transaction. The same digest again changes nothing.
 * @throws AppError INTERNAL when the digest is not that of the text, CONFLICT when the job already has another transcript
 */
export function insertTranscript(
  db: Database,
  row: {
    readonly jobId: string;
    readonly attempt: number;
    readonly json: string;
    readonly sha256: string;
    readonly now: number;
  },
): void {
  const bytes = Buffer.from(row.json, 'utf8');
  if (createHash('sha256').update(bytes).digest('hex') !== row.sha256) {
    throw new AppError('INTERNAL', 'A transcript was about to be stored under a digest that is not its own.');
  }
  const inserted = statement(
    db,
    `insert into transcripts (job_id, attempt, sha256, size_bytes, stored_at, deflated) values (?, ?, ?, ?, ?, ?)
     on conflict (job_id) do nothing`,
  ).run(row.jobId, row.attempt, row.sha256, bytes.length, row.now, deflateSync(bytes, { level: 1 }));
  if (inserted.changes === 1) return;
  const stored = statement(db, 'select sha256 from transcripts where job_id = ?').pluck().get(row.jobId);
  if (stored !== row.sha256) throw new AppError('CONFLICT', 'The job already has another transcript.');
}

/** The stored JSON text, to the byte, or null. @throws AppError DATABASE_DAMAGED when it is not what was stored */
export function transcriptJson(db: Database, jobId: string): string | null {
  const row = statement(db, 'select sha256, deflated from transcripts where job_id = ?').get(jobId);
  if (row === undefined) return null;
  const { sha256, deflated } = parseRow('transcripts', transcriptRow, row);
  const bytes = inflate(deflated);
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
    throw new AppError('DATABASE_DAMAGED', 'A stored transcript is no longer what was stored.');
  }
  return bytes.toString('utf8');
}

/** The stored transcript, or null; its order was checked when it came. @throws AppError DATABASE_DAMAGED */
export function readTranscript(db: Database, jobId: string): Transcript | null {
  const json = transcriptJson(db, jobId);
  if (json === null) return null;
  return parseRow('transcripts', keptTranscriptSchema, JSON.parse(json));
}

function inflate(deflated: Uint8Array): Buffer {
  try {
    return inflateSync(deflated, { maxOutputLength: TRANSCRIPT_LIMITS.bytes });
  } catch (thrown) {
    throw new AppError('DATABASE_DAMAGED', 'A stored transcript cannot be read.', { cause: thrown });
  }
}
