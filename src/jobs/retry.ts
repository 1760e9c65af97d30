// Owns the retry table: which failures are tried again by themselves, after how long, and how often. Read in one place, jobs/transition.ts.

import type { ErrorCode } from '../contract/errors.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/**
 * Delays in milliseconds, one per retry; a code that is not here is final at once. A full worker is no failure and does not appear:
 * it only waits. An unreachable worker is waited for without limit, too.
 */
export const RETRY_DELAYS: Partial<Record<ErrorCode, readonly number[]>> = {
  // A recording in line at a worker is lost with it through no fault of its own, so it may be lost often; and the worker that is back is waited
  // for anyhow: longer than a minute or two would only let a rented one stand idle.
  REMOTE_JOB_NOT_FOUND: [
    0,
    5 * SECOND,
    30 * SECOND,
    ...new Array<number>(4).fill(MINUTE),
    ...new Array<number>(4).fill(2 * MINUTE),
  ],
  REMOTE_FAILED: [5 * SECOND],
  REMOTE_WORKER_TIMEOUT: [5 * SECOND],
  TRANSFER_FAILED: [2 * SECOND, 10 * SECOND, MINUTE],
  DELIVERY_FAILED: [2 * SECOND, 10 * SECOND, MINUTE],
  TRANSCRIPT_INVALID: [SECOND],
  SOURCE_CHANGED: [SECOND, 10 * SECOND],
  MODEL_LOAD_FAILED: [10 * SECOND, MINUTE, 5 * MINUTE],
  OUT_OF_MEMORY: [5 * SECOND],
  ENGINE_FAILED: [2 * SECOND],
  DIARIZATION_FAILED: [10 * SECOND],
  // Half a day: somebody may have to come and make room. That so few are lost by it meanwhile, see `isWorkersFault`.
  WORKER_DISK_FULL: [MINUTE, 5 * MINUTE, ...new Array<number>(48).fill(15 * MINUTE)],
  WORKER_PROTOCOL: [2 * SECOND, 10 * SECOND, MINUTE],
};

const WORKERS_FAULTS: ReadonlySet<ErrorCode> = new Set(['WORKER_DISK_FULL', 'MODEL_LOAD_FAILED']);

/**
 * True for what is wrong with the worker and not with the recording: the next recording would fare no better, so none is begun in the place of
 * one that waits for such a thing to pass. Otherwise a night with a full disk would use up every retry of ten thousand.
 */
export function isWorkersFault(code: ErrorCode | undefined): boolean {
  return code !== undefined && WORKERS_FAULTS.has(code);
}

/** A worker that dies on the same recording so often takes no third one down (reference: Solid Queue's pruned processes). */
export const MAX_WORKER_DEATHS = 2;

/**
 * Milliseconds to wait before retry number `retries + 1` of `code`, or null when it is final.
 * @param chance in [0, 1): spreads retries over +-20 % so that many jobs do not return at once.
 */
export function retryDelay(code: ErrorCode, retries: number, chance: number): number | null {
  const delay = RETRY_DELAYS[code]?.[retries];
  return delay === undefined ? null : Math.round(delay * (0.8 + 0.4 * chance));
}
