// Owns what becomes of an open attempt by what its worker says, or by how a call to it failed: each is turned into an event of the job, or into nothing.

import type { ErrorCode } from '../contract/errors.ts';
import { toAppError } from '../contract/errors.ts';
import type { WaitingReason } from '../contract/job.ts';
import { say } from '../contract/sentences.ts';
import type { JobStatus } from '../contract/worker-wire.ts';
import type { JobRecord } from '../jobs/record.ts';
import { codeOfWorkerError } from '../jobs/worker-errors.ts';
import type { DeployedOutputs } from './deployed-outputs.ts';
import type { JobLedger } from './job-ledger.ts';
import type { Chance, Clock, Log } from './ports.ts';
import { UnknownJob, WorkerRefusal } from './ports.ts';
import type { WaitBeginnings } from './wait-beginnings.ts';
import type { WorkerLink } from './worker-link.ts';

export interface VerdictDeps {
  readonly ledger: JobLedger;
  readonly deployed: DeployedOutputs;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly waits: WaitBeginnings;
}

/** Answers in a row that were none, and that knew no such job. */
export interface Misses {
  failures: number;
  unknown: number;
}

/** Unanswered or senseless answers in a row before the job is shown as waiting for its worker. */
const PATIENCE = 3;

/**
 * Times in a row that a worker must not know its job before it is lost. One of ours shows by its `bootId` what a 404 means; of a deployed
 * one, a single 404 may be its proxy's.
 */
const DEPLOYED_UNKNOWN_TIMES = 3;

/** Turns one status into events. @returns true when the attempt is over. */
export async function judge(
  deps: VerdictDeps,
  job: JobRecord,
  worker: WorkerLink,
  status: JobStatus,
): Promise<boolean> {
  switch (status.status) {
    case 'queued':
    case 'running': {
      const present = deps.ledger.get(job.id);
      if (present?.open === null || present?.attempt !== job.attempt) return true;
      if (present.state !== 'running' || present.stage !== status.stage)
        await deps.ledger.applySoon(job.id, { type: 'attempt_stage', attempt: job.attempt, stage: status.stage });
      return false;
    }
    case 'complete':
      // An acknowledged delivery closes the attempt before the worker can say so. Without it, nothing was received: never final by a word alone.
      if (worker.isDeployed) await settle(deps, job, worker);
      else fail(deps, job, 'DELIVERY_FAILED', say('never_arrived'));
      return true;
    case 'canceled':
      fail(deps, job, 'REMOTE_FAILED', say('canceled_there'));
      return true;
    case 'failed':
      failedAtWorker(deps, job, worker, status);
      return true;
    default:
      return status.status satisfies never;
  }
}

/** A deployed worker sends its outputs before it says that it is done, and is believed when they are all there. */
async function settle(deps: VerdictDeps, job: JobRecord, worker: WorkerLink): Promise<void> {
  const present = deps.ledger.get(job.id);
  if (present === null || present.open === null || present.attempt !== job.attempt) return;
  try {
    await deps.deployed.settle(present, worker);
  } catch (thrown) {
    const error = toAppError(thrown);
    // Of this computer's own disk: what the worker sent is still there, and is stored when there is room.
    if (error.code === 'DISK_FULL') throw error;
    if (error.code === 'INTERNAL')
      deps.log.error('outputs_not_settled', { jobId: job.id, error: String(error.cause ?? error) });
    fail(deps, job, error.code, error.message);
  }
}

/**
 * Stages in which the recording itself can bring a worker down; a death in any other proves nothing against it. `initializing` is not among
 * them: decoding has a process of its own, and a recording that waits for the engine waits in it.
 */
const SUSPECT_STAGES: ReadonlySet<string> = new Set(['loading_model', 'transcribing', 'diarizing']);

/**
 * Whether the recording may be to blame for a death: the last stage that was seen is one in which it could be, and the machine was not simply
 * replaced meanwhile.
 */
function wasSuspect(deps: VerdictDeps, job: JobRecord, worker: WorkerLink): boolean {
  if (worker.movedAt !== null && job.open !== null && worker.movedAt >= job.open.startedAt) return false;
  return SUSPECT_STAGES.has(deps.ledger.get(job.id)?.stage ?? '');
}

function failedAtWorker(deps: VerdictDeps, job: JobRecord, worker: WorkerLink, status: JobStatus): void {
  const { code: workerCode, message } = status.error ?? { code: 'ENGINE_FAILED', message: '' };
  const code = codeOfWorkerError(workerCode);
  if (code === 'REMOTE_JOB_NOT_FOUND') lose(deps, job, message, wasSuspect(deps, job, worker));
  else if (code === 'SOURCE_MISSING') decline(deps, job, 'source_missing', null, say('moved'));
  else fail(deps, job, code, message);
}

/** Decides what a failed call means. @returns `over`, or milliseconds for which the worker is at least to be left alone before the next try. */
export function concludes(
  deps: VerdictDeps,
  asked: JobRecord,
  worker: WorkerLink,
  thrown: unknown,
  misses: Misses,
): 'over' | number {
  const error = toAppError(thrown);
  const job = deps.ledger.get(asked.id);
  if (job === null || job.open === null || job.attempt !== asked.attempt) return 'over';
  const retryAfterMs = error instanceof WorkerRefusal ? error.retryAfterMs : null;
  // What it has, it has: who refuses a question about that (a gateway that is asked too often, say) tells nothing of the job.
  if (error instanceof WorkerRefusal && job.open.workerJobId !== null) {
    if (misses.failures >= PATIENCE) wait(deps, job.id, 'worker_unreachable', error.message);
    return spread(deps, retryAfterMs ?? 0);
  }
  switch (error.code) {
    case 'REMOTE_WORKER_CAPACITY':
      decline(deps, job, 'no_capacity', spread(deps, worker.fullness.refused(retryAfterMs)), say('busy'));
      return 'over';
    case 'REMOTE_JOB_NOT_FOUND': {
      const boot = error instanceof UnknownJob ? error.bootId : null;
      misses.unknown += 1;
      // One of ours names its boot in every answer, so this is somebody's who answers in its place.
      if (boot === null && !(worker.isDeployed && misses.unknown >= DEPLOYED_UNKNOWN_TIMES)) {
        if (misses.failures >= PATIENCE) wait(deps, job.id, 'worker_unreachable', error.message);
        return 0;
      }
      const died = boot === null || boot !== job.open.bootId;
      lose(deps, job, error.message, died && wasSuspect(deps, job, worker));
      return 'over';
    }
    case 'REMOTE_WORKER_UNREACHABLE':
    case 'WORKER_PROTOCOL':
      if (misses.failures >= PATIENCE) wait(deps, job.id, 'worker_unreachable', error.message);
      return 0;
    case 'REMOTE_WORKER_UNAUTHORIZED':
      worker.refuse(error.report());
      wait(deps, job.id, 'worker_unauthorized', error.message);
      return 0;
    case 'DISK_FULL':
      // Of this computer: no word about the attempt.
      throw error;
    case 'INTERNAL':
      deps.log.error('attempt_failed_internally', { jobId: job.id, error: String(error.cause ?? error) });
      fail(deps, job, 'INTERNAL', error.message);
      return 'over';
    default:
      fail(deps, job, error.code, error.message);
      return 'over';
  }
}

/** Not before the time that a worker named, and not all at once. */
function spread(deps: VerdictDeps, delayMs: number): number {
  return delayMs * (1 + deps.chance.fraction() / 4);
}

/** The attempt stays open; the job says what it waits for. The same reason again is no news. */
export function wait(deps: VerdictDeps, jobId: string, reason: WaitingReason, message: string): void {
  if (deps.ledger.get(jobId)?.waiting?.reason === reason) return;
  deps.ledger.apply(jobId, { type: 'wait', reason, until: null, message });
}

/** Ends the attempt without a judgement on the job. `delayMs` null = until the reason goes away. */
function decline(
  deps: VerdictDeps,
  job: JobRecord,
  reason: WaitingReason,
  delayMs: number | null,
  message: string,
): void {
  deps.ledger.apply(job.id, {
    type: 'attempt_declined',
    attempt: job.attempt,
    reason,
    since: deps.waits.since(job.id, reason),
    until: delayMs === null ? null : deps.clock.now() + Math.round(delayMs),
    message,
  });
}

/** Ends the attempt: the retry table says what comes then. */
export function fail(deps: VerdictDeps, job: JobRecord, code: ErrorCode, message: string): void {
  deps.ledger.apply(job.id, {
    type: 'attempt_failed',
    attempt: job.attempt,
    error: { code, message },
    chance: deps.chance.fraction(),
  });
}

/** Ends the attempt because the worker has it no more. `workerDied`: the recording may be to blame for that. */
export function lose(deps: VerdictDeps, job: JobRecord, message: string, workerDied: boolean): void {
  deps.ledger.apply(job.id, {
    type: 'attempt_lost',
    attempt: job.attempt,
    error: { code: 'REMOTE_JOB_NOT_FOUND', message },
    workerDied,
    chance: deps.chance.fraction(),
  });
}
