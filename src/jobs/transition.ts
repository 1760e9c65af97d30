// Owns the life of a job: which event may happen in which state, and what the job is afterwards. Nothing else changes a state.
//
// queued       in line. No attempt is open.
// preparing    the recording is looked at and hashed. No attempt is open, so a crash simply prepares again.
// dispatching  the intent to give attempt n to a worker is on disk; whether the worker has it is unknown until it answers.
// running      the worker has attempt n and says in which stage it is.
// receiving    the transcript of attempt n is stored for good; the files are being written. No attempt is open, no worker is needed.
// waiting      something must come first; `waiting.reason` says what. With an open attempt the worker is still at it and is asked again,
//              without one the job goes back to `queued`. What a person paused waits until that person resumes it.
// complete     every file that was asked for is written. failed, canceled: over until a person says retry.

import type { ErrorReport } from '../contract/errors.ts';
import type { WorkerIdentity } from '../contract/identity.ts';
import type { CopiedFrom, JobStage, JobState, WaitingReason } from '../contract/job.ts';
import { isFinal } from '../contract/job.ts';
import { say } from '../contract/sentences.ts';
import type { Instant, JobRecord, PreparedSource } from './record.ts';
import { MAX_WORKER_DEATHS, retryDelay } from './retry.ts';

export type JobEvent =
  | { readonly type: 'prepare_started' }
  | { readonly type: 'prepared'; readonly source: PreparedSource }
  | { readonly type: 'prepare_failed'; readonly error: ErrorReport }
  | {
      readonly type: 'attempt_opened';
      readonly workerId: string;
      /** Who it was at that time, to be remembered with the attempt. */
      readonly worker?: { readonly name: string; readonly identity: WorkerIdentity | null };
    }
  /** The transcript of an earlier job of the same recording and the same options was taken over. */
  /** Another program's transcript was taken in; `source` is its recording, null without one. */
  | {
      readonly type: 'imported';
      readonly kind: string;
      readonly source: PreparedSource | null;
      readonly sha256: string;
    }
  | { readonly type: 'copied'; readonly from: CopiedFrom; readonly sha256: string }
  /** From here on every event names the attempt that it is about: a late word about an earlier one changes nothing. */
  | {
      readonly type: 'attempt_accepted';
      readonly attempt: number;
      readonly workerJobId: string;
      readonly bootId: string | null;
    }
  | { readonly type: 'attempt_stage'; readonly attempt: number; readonly stage: JobStage }
  /** The attempt ended without a judgement on the job (worker full, app closed, source away): no retry is used up. */
  | {
      readonly type: 'attempt_declined';
      readonly attempt: number;
      readonly reason: WaitingReason;
      /** When the wait began that goes on with this; absent where it begins now. */
      readonly since?: Instant | undefined;
      readonly until: Instant | null;
      readonly message: string;
    }
  | { readonly type: 'attempt_failed'; readonly attempt: number; readonly error: ErrorReport; readonly chance: number }
  /** Proof that the worker's process is gone (another boot, or it does not know the job). */
  | {
      readonly type: 'attempt_lost';
      readonly attempt: number;
      readonly error: ErrorReport;
      readonly workerDied: boolean;
      readonly chance: number;
    }
  | { readonly type: 'delivered'; readonly attempt: number; readonly sha256: string }
  | { readonly type: 'outputs_written' }
  | { readonly type: 'outputs_failed'; readonly error: ErrorReport }
  | {
      readonly type: 'wait';
      readonly reason: WaitingReason;
      /** As of `attempt_declined`. */
      readonly since?: Instant | undefined;
      readonly until: Instant | null;
      readonly message: string;
    }
  | { readonly type: 'wake' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'cancel' }
  | { readonly type: 'retry' }
  /** A person chose another model for it. */
  | { readonly type: 'model_chosen'; readonly model: string }
  /** A person wants each channel transcribed by itself, in place of telling voices apart. */
  | { readonly type: 'channels_separated' }
  /** A person showed where the recording lies now. */
  | { readonly type: 'located'; readonly path: string; readonly mtimeMs: number };

export type JobEventType = JobEvent['type'];

/** The states in which each event means something. Anything else is refused, and the caller decides whether that matters. */
const ALLOWED: Record<JobEventType, readonly JobState[]> = {
  prepare_started: ['queued'],
  prepared: ['preparing'],
  prepare_failed: ['preparing'],
  attempt_opened: ['queued', 'preparing'],
  attempt_accepted: ['dispatching', 'running', 'waiting'],
  attempt_stage: ['running', 'waiting'],
  attempt_declined: ['dispatching', 'running', 'waiting'],
  attempt_failed: ['dispatching', 'running', 'waiting'],
  attempt_lost: ['dispatching', 'running', 'waiting'],
  delivered: ['dispatching', 'running', 'waiting'],
  copied: ['queued'],
  imported: ['queued'],
  outputs_written: ['receiving'],
  outputs_failed: ['receiving'],
  wait: ['queued', 'preparing', 'dispatching', 'running', 'waiting'],
  wake: ['waiting', 'preparing'],
  pause: ['queued', 'preparing', 'waiting'],
  resume: ['waiting'],
  cancel: ['queued', 'preparing', 'dispatching', 'running', 'waiting'],
  retry: ['failed', 'canceled', 'waiting'],
  model_chosen: ['queued', 'preparing', 'waiting'],
  channels_separated: ['queued', 'preparing', 'waiting'],
  located: ['waiting', 'complete'],
};

/** Events that only make sense for the attempt that is open. */
const NEEDS_OPEN: ReadonlySet<JobEventType> = new Set([
  'attempt_accepted',
  'attempt_stage',
  'attempt_declined',
  'attempt_failed',
  'attempt_lost',
  'delivered',
]);

/** Why an event was refused; the job is unchanged. */
export type Refusal =
  | 'wrong_state'
  | 'no_open_attempt'
  | 'other_attempt'
  | 'not_accepted'
  | 'unprepared'
  | 'prepared_already'
  | 'attempt_open'
  | 'not_paused'
  | 'not_away'
  | 'begun';

export type Transition =
  | { readonly ok: true; readonly job: JobRecord }
  | { readonly ok: false; readonly refusal: Refusal };

/**
 * The job after `event`, or why it cannot happen. Pure: `now` is the app's clock, chance comes inside the events.
 * The result's `revision` is one higher; the store compares the old one before it writes.
 */
export function transition(job: JobRecord, event: JobEvent, now: Instant): Transition {
  if (!ALLOWED[event.type].includes(job.state)) return { ok: false, refusal: 'wrong_state' };
  if (NEEDS_OPEN.has(event.type) && job.open === null) return { ok: false, refusal: 'no_open_attempt' };
  if ('attempt' in event && event.attempt !== job.attempt) return { ok: false, refusal: 'other_attempt' };
  const change = changeFor(job, event, now);
  if (typeof change === 'string') return { ok: false, refusal: change };
  return { ok: true, job: { ...job, ...change, updatedAt: now, revision: job.revision + 1 } };
}

type Change = Partial<JobRecord>;

function changeFor(job: JobRecord, event: JobEvent, now: Instant): Change | Refusal {
  switch (event.type) {
    case 'prepare_started':
      return { state: 'preparing', waiting: null, startedAt: job.startedAt ?? now };
    case 'prepared':
      return { state: 'queued', source: event.source };
    case 'prepare_failed':
      return failed(event.error, now);
    case 'attempt_opened':
      if (job.source === null) return 'unprepared';
      if (job.open !== null) return 'attempt_open';
      return {
        state: 'dispatching',
        stage: null,
        waiting: null,
        error: null,
        attempt: job.attempt + 1,
        open: { workerId: event.workerId, workerJobId: null, bootId: null, startedAt: now },
        lastWorkerId: event.workerId,
        startedAt: job.startedAt ?? now,
      };
    case 'attempt_accepted':
      return job.open === null
        ? 'no_open_attempt'
        : {
            state: 'running',
            waiting: null,
            stage: job.stage ?? 'queued',
            open: { ...job.open, workerJobId: event.workerJobId, bootId: event.bootId },
          };
    case 'attempt_stage':
      // Without the worker's answer it is not known to have the job, whatever is heard of a stage.
      if (job.open?.workerJobId === null) return 'not_accepted';
      return { state: 'running', waiting: null, stage: event.stage };
    case 'attempt_declined':
      // The number stays used: a worker that took the offer after all and answers late is fenced off.
      return {
        state: 'waiting',
        stage: null,
        open: null,
        // A recording that was away is looked at anew: what comes back may be another.
        source: event.reason === 'source_missing' ? null : job.source,
        waiting: { reason: event.reason, since: event.since ?? now, until: event.until, message: event.message },
      };
    case 'attempt_failed':
      return retryOrFail(job, event.error, event.chance, now);
    case 'attempt_lost': {
      const workerDeaths = job.workerDeaths + (event.workerDied ? 1 : 0);
      if (workerDeaths >= MAX_WORKER_DEATHS) return { ...failed({ code: 'POISONED', message: '' }, now), workerDeaths };
      return { ...retryOrFail(job, event.error, event.chance, now), workerDeaths };
    }
    case 'delivered':
      return {
        state: 'receiving',
        stage: null,
        waiting: null,
        error: null,
        open: null,
        transcriptSha256: event.sha256,
        retries: 0,
      };
    case 'imported':
      // No files are written: it was a file, and others are written when a person asks for them.
      if (job.source !== null || job.transcriptSha256 !== null) return 'prepared_already';
      return {
        state: 'complete',
        source: event.source,
        transcriptSha256: event.sha256,
        startedAt: now,
        finishedAt: now,
      };
    case 'copied':
      return job.source === null
        ? 'unprepared'
        : {
            state: 'receiving',
            waiting: null,
            error: null,
            startedAt: job.startedAt ?? now,
            transcriptSha256: event.sha256,
            copiedFrom: event.from,
            retries: 0,
          };
    case 'outputs_written':
      return { state: 'complete', stage: null, error: null, finishedAt: now };
    case 'outputs_failed':
      return failed(event.error, now);
    case 'wait':
      // The same reason again is not a new wait: `since` tells how long it has lasted.
      return {
        state: 'waiting',
        waiting: {
          reason: event.reason,
          since: job.waiting?.reason === event.reason ? job.waiting.since : (event.since ?? now),
          until: event.until,
          message: event.message,
        },
      };
    case 'wake':
      return job.open !== null ? 'attempt_open' : { state: 'queued', stage: null, waiting: null };
    case 'pause':
      // A worker that has it is left to finish it: what it did would be lost.
      if (job.open !== null) return 'attempt_open';
      return {
        state: 'waiting',
        stage: null,
        // However long it is paused: it is looked at anew, and no copy of it lies about until then.
        source: null,
        waiting: { reason: 'paused', since: now, until: null, message: say('paused') },
      };
    case 'resume':
      return job.waiting?.reason === 'paused' ? { state: 'queued', waiting: null } : 'not_paused';
    case 'cancel':
      return {
        state: 'canceled',
        stage: null,
        waiting: null,
        open: null,
        error: { code: 'USER_CANCELED', message: '' },
        finishedAt: now,
      };
    case 'model_chosen': {
      if (job.attempt > 0 || job.transcriptSha256 !== null) return 'begun';
      const options = { ...job.options, model: event.model };
      // Whether a worker can do it is asked anew.
      return job.waiting?.reason === 'worker_lacks' ? { options, state: 'queued', waiting: null } : { options };
    }
    case 'channels_separated': {
      if (job.open !== null) return 'attempt_open';
      if (job.transcriptSha256 !== null) return 'begun';
      const options = { ...job.options, channels: 'separate' as const, diarize: false };
      return job.waiting?.reason === 'worker_lacks' ? { options, state: 'queued', waiting: null } : { options };
    }
    case 'located':
      // What waited for it is looked at anew; of what is over only the place changes.
      if (job.state === 'complete')
        return {
          sourcePath: event.path,
          source: job.source === null ? null : { ...job.source, mtimeMs: event.mtimeMs },
        };
      if (job.open !== null) return 'attempt_open';
      if (job.waiting?.reason !== 'source_missing') return 'not_away';
      return { sourcePath: event.path, state: 'queued', waiting: null, source: null };
    case 'retry':
      return retried(job);
    default:
      return event satisfies never;
  }
}

function failed(error: ErrorReport, now: Instant): Change {
  return { state: 'failed', stage: null, waiting: null, open: null, error, finishedAt: now };
}

function retryOrFail(job: JobRecord, error: ErrorReport, chance: number, now: Instant): Change {
  const delay = retryDelay(error.code, job.retries, chance);
  if (delay === null) return failed(error, now);
  return {
    state: 'waiting',
    stage: null,
    open: null,
    error,
    retries: job.retries + 1,
    // A recording that changed is looked at and hashed again.
    source: error.code === 'SOURCE_CHANGED' ? null : job.source,
    waiting: { reason: 'retry', since: now, until: now + delay, message: error.message },
  };
}

/** A transcript that is there is never made again: only its files are. */
function retried(job: JobRecord): Change | Refusal {
  if (job.state === 'waiting' && job.open !== null) return 'attempt_open';
  const fresh: Change = { stage: null, waiting: null, error: null, retries: 0, workerDeaths: 0, finishedAt: null };
  if (job.transcriptSha256 !== null) return { ...fresh, state: 'receiving' };
  return { ...fresh, state: 'queued', source: null };
}

/** True for what the engine has something to do with: all that is not over, but neither what is only in line nor what a person paused. */
export function isInHand(job: JobRecord): boolean {
  if (isFinal(job.state) || job.waiting?.reason === 'paused') return false;
  return job.state !== 'queued' || job.source !== null;
}

/** True while the job may still need its source, a worker or a disk. */
export function isOpen(job: JobRecord): boolean {
  return !isFinal(job.state);
}
