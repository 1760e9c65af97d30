// Owns what the tests of this room begin from: a directory of their own, a fresh queue, and ways through a job's life.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { DEFAULT_JOB_OPTIONS } from '../contract/options.ts';
import type { NewJob } from '../controller/queue-ports.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { JobEvent } from '../jobs/transition.ts';
import { transition } from '../jobs/transition.ts';
import type { Database } from './database.ts';
import { openDatabase } from './database.ts';
import type { SqliteJobStore } from './job-store.ts';

/** A directory that goes with the test. */
export function ownDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'bt-store-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A database that is closed with the test. */
export function ownDatabase(file = join(ownDirectory(), 'queue.db')): Database {
  const db = openDatabase(file, 1);
  onTestFinished(() => {
    db.close();
  });
  return db;
}

export function newJobs(count: number, prefix = 'job'): readonly NewJob[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${prefix}${index}`,
    name: `${index}.wav`,
    sourcePath: `/recordings/${index}.wav`,
    options: DEFAULT_JOB_OPTIONS,
  }));
}

/** Adds a batch of its own for these jobs. */
export function add(
  store: SqliteJobStore,
  jobs: readonly NewJob[],
  batchId = `batch-${jobs[0]?.id}`,
): readonly JobRecord[] {
  return store.addBatch({ id: batchId, name: batchId, createdAt: 10 }, jobs, 10);
}

/** The only job of a fresh batch. */
export function addOne(store: SqliteJobStore): JobRecord {
  const [job] = add(store, newJobs(1));
  if (job === undefined) throw new Error('no job was added');
  return job;
}

/** The job after `event`, not saved. */
export function next(job: JobRecord, event: JobEvent, now = 20): JobRecord {
  const result = transition(job, event, now);
  if (!result.ok) throw new Error(`${event.type} was refused in ${job.state}: ${result.refusal}`);
  return result.job;
}

/** The job after all events, each saved a tenth of a second after the one before it. */
export function walk(store: SqliteJobStore, from: JobRecord, events: readonly JobEvent[]): JobRecord {
  let job = from;
  for (const [index, event] of events.entries()) {
    const now = 100 * (index + 1);
    job = next(job, event, now);
    if (!store.save(job, event, now)) throw new Error(`${event.type} was not saved`);
  }
  return job;
}

const source = { sizeBytes: 4, mtimeMs: 1.5, sha256: 'a'.repeat(64), contentType: 'audio/wav', durationSec: null };

/** From the making of a job to the worker's transcribing. */
export const TO_RUNNING: readonly JobEvent[] = [
  { type: 'prepare_started' },
  { type: 'prepared', source },
  { type: 'attempt_opened', workerId: 'w1' },
  { type: 'attempt_accepted', attempt: 1, workerJobId: 'wk_1', bootId: 'boot-1' },
  { type: 'attempt_stage', attempt: 1, stage: 'transcribing' },
];
