// Owns what a job in hand waits for, as far as the dispatcher goes by it: whether it is ready, what would let it go on, and when to look again.

import type { JobRecord } from './record.ts';
import { isWorkersFault } from './retry.ts';

/** Milliseconds between two looks while jobs lie ready: a worker that falls silent is given up for this computer's own without any event. */
const READY_LOOK_MS = 1_000;

/** Reasons for which a prepared job is at no worker, and is still as good as the next to get one. */
const LACKS_WORKER: ReadonlySet<string> = new Set(['no_worker', 'no_capacity', 'cap_batch', 'cap_day']);

/** Stages in which a recording has a worker's engine. */
const AT_ENGINE: ReadonlySet<string> = new Set(['loading_model', 'transcribing', 'diarizing']);

/** Prepared, and at no worker. */
export function isReady(job: JobRecord): boolean {
  return job.state === 'queued' && job.source !== null && job.open === null;
}

/** True while it waits for a worker, or for a worker's own fault to pass. */
export function isForWorker({ waiting, error }: JobRecord): boolean {
  return LACKS_WORKER.has(waiting?.reason ?? '') || (waiting?.reason === 'retry' && isWorkersFault(error?.code));
}

/** True where a worker died while it had this recording at its engine: once more, and it is set aside. */
export function isSuspect({ workerDeaths }: JobRecord): boolean {
  return workerDeaths > 0;
}

/** True while its recording is looked for. */
export function isAway({ open, waiting }: JobRecord): boolean {
  return open === null && waiting?.reason === 'source_missing';
}

/** True while a worker computes it. */
export function isAtEngine({ stage }: JobRecord): boolean {
  return AT_ENGINE.has(stage ?? '');
}

/** Milliseconds until jobs are to be looked at again without anything having happened; infinite where that would be of no use. */
export function nextLook(jobs: Iterable<JobRecord>, now: number): number {
  let earliest = Number.POSITIVE_INFINITY;
  for (const job of jobs) {
    const { open, waiting, state } = job;
    const reason = waiting?.reason ?? '';
    if (open === null && waiting !== null && waiting.until !== null && !isAway(job))
      // A clock that was put back makes no wait longer than it was meant to be.
      earliest = Math.min(earliest, waiting.until - now, waiting.until - waiting.since);
    if (state === 'queued' || (reason !== 'no_capacity' && LACKS_WORKER.has(reason)))
      earliest = Math.min(earliest, READY_LOOK_MS);
  }
  return earliest;
}
