// Owns one open attempt from the offer to its end: offers the job (again, after a restart or a cut), follows it, and turns what the
// worker says into events of the job. It ends when the attempt is no longer open, for whatever reason.

import type { ErrorCode } from '../contract/errors.ts';
import { toAppError } from '../contract/errors.ts';
import type { WaitingReason } from '../contract/job.ts';
import { say } from '../contract/sentences.ts';
import type { JobAccepted, JobStatus } from '../contract/worker-wire.ts';
import type { JobRecord } from '../jobs/record.ts';
import { codeOfWorkerError } from '../jobs/worker-errors.ts';
import { AttemptFollower } from './attempt-follower.ts';
import type { DeployedOutputs } from './deployed-outputs.ts';
import type { JobBoard } from './job-board.ts';
import type { JobLedger } from './job-ledger.ts';
import { idempotencyKey, jobRequest, LINK_LIFE_SECONDS } from './job-request.ts';
import { pause } from './pause.ts';
import type { Chance, Clock, LinkSigner, Log, SettingsSource, WorkerClient } from './ports.ts';
import { UnknownJob, WorkerRefusal } from './ports.ts';
import { Stillness } from './stillness.ts';
import { WITHDRAW_MS, withdraw } from './withdrawal.ts';
import type { WorkerLink } from './worker-link.ts';
import type { WorkerRoster } from './worker-roster.ts';
import { TUNNEL_MS } from './worker-tunnel.ts';

export interface AttemptDeps {
  readonly ledger: JobLedger;
  readonly board: JobBoard;
  readonly roster: WorkerRoster;
  readonly links: LinkSigner;
  readonly deployed: DeployedOutputs;
  readonly settings: SettingsSource;
  readonly installId: string;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** Whether a worker computes another recording of this app than the one named. */
  readonly computesAnother: (workerId: string, jobId: string) => boolean;
  /** Aborts when the engine stops. */
  readonly stopping: AbortSignal;
}

/** Milliseconds after which fresh links are posted: well within their life, so that no link in use runs out. */
const RENEW_LINKS_MS = (LINK_LIFE_SECONDS * 1000) / 3;
/** Unanswered or senseless answers in a row before the job is shown as waiting for its worker. */
const PATIENCE = 3;

/**
 * Times in a row that a worker must not know its job before it is lost. One of ours shows by its `bootId` what a 404 means; of a deployed
 * one, a single 404 may be its proxy's.
 */
const DEPLOYED_UNKNOWN_TIMES = 3;

/** What went wrong so often in a row, and how long nothing moved. */
interface Tally {
  failures: number;
  unknown: number;
  readonly stillness: Stillness;
}

/** How a conversation about an attempt ended: `over` = nothing more to do here, `again` = begin anew from the offer. */
type Outcome = 'over' | 'again';

/**
 * Runs the open attempt of `jobId` until it is closed. Every failure becomes an event of the job;
 * it throws only what the store throws when that event cannot be written.
 * @param signal aborts when the attempt is no longer open or the engine stops; the job is then left as it is.
 */
export async function runAttempt(deps: AttemptDeps, jobId: string, signal: AbortSignal): Promise<void> {
  const tally: Tally = { failures: 0, unknown: 0, stillness: new Stillness(deps.clock.now()) };
  while (!signal.aborted) {
    const job = deps.ledger.get(jobId);
    if (job === null || job.open === null) return;
    const worker = deps.roster.get(job.open.workerId);
    if (worker === null) {
      lose(deps, job, say('worker_removed'), false);
      return;
    }
    if (!worker.ready || worker.client === null) {
      await untilReady(deps, job, worker, signal);
      continue;
    }
    try {
      if ((await converse(deps, job, worker, tally, signal)) === 'over') return;
      tally.failures = 0;
    } catch (thrown) {
      if (signal.aborted) return;
      tally.failures += 1;
      const next = concludes(deps, job, worker, thrown, tally);
      if (next === 'over') return;
      worker.poke();
      const backoffMs = Math.min(30_000, 500 * 2 ** tally.failures) * (0.75 + 0.5 * deps.chance.fraction());
      await pause(deps.clock, Math.max(next, backoffMs), signal);
    }
  }
}

/** Offers the job, or asks for it when the worker had accepted it, then follows it. */
async function converse(
  deps: AttemptDeps,
  job: JobRecord,
  worker: WorkerLink,
  tally: Tally,
  signal: AbortSignal,
): Promise<Outcome> {
  const { client } = worker;
  if (client === null || job.open === null) return 'again';
  if (job.open.workerJobId !== null) {
    const status = await client.status(job.open.workerJobId, signal);
    tally.unknown = 0;
    if (await judge(deps, job, worker, status)) return 'over';
  }
  const base = worker.linkBase;
  // While it answered, its way to this computer may have closed, or it may have been given another address.
  if (signal.aborted || !worker.ready || worker.client !== client || base === null) return 'again';
  const accepted = await offer(deps, job, worker, client, signal);
  const running = await deps.ledger.applySoon(job.id, {
    type: 'attempt_accepted',
    attempt: job.attempt,
    workerJobId: accepted.workerJobId,
    bootId: accepted.bootId,
  });
  if (running === null) {
    // Canceled while the offer was under way: the worker is told to drop it.
    await withdraw(client, accepted.workerJobId, { ...deps, stop: deps.stopping });
    return 'over';
  }
  tally.failures = 0;
  worker.fullness.hasRoom();

  const streams = worker.ping?.features.includes('events') ?? false;
  const renewAt = deps.clock.now() + RENEW_LINKS_MS;
  const follower = new AttemptFollower(deps, running, accepted.workerJobId, client, renewAt, streams, tally.stillness);
  const left = new AbortController();
  void worker.whenMoved(base, AbortSignal.any([signal, left.signal])).then(() => follower.ask());
  try {
    for await (const status of follower.statuses(signal)) {
      tally.unknown = 0;
      tally.failures = 0;
      if (await judge(deps, running, worker, status)) return 'over';
      // Where the links that it has lead nowhere any more, the job is posted again with new ones.
      if (!worker.ready || worker.linkBase !== base) return 'again';
    }
  } finally {
    left.abort();
  }
  if (follower.stalled) {
    await client.cancel(accepted.workerJobId, signal);
    fail(
      deps,
      job,
      'REMOTE_WORKER_TIMEOUT',
      say('no_progress', { seconds: deps.settings.current().workerTimeoutSeconds }),
    );
    return 'over';
  }
  return 'again';
}

/**
 * Posts the job. Where the attempt ends meanwhile, the answer is waited for all the same, for a while: only it tells by what name the worker is
 * told to drop what it has just taken. Where the engine stops, it is asked for again at the next start.
 */
async function offer(
  deps: AttemptDeps,
  job: JobRecord,
  worker: WorkerLink,
  client: WorkerClient,
  signal: AbortSignal,
): Promise<JobAccepted> {
  const limit = new AbortController();
  let cancelLimit = (): void => undefined;
  const ended = (): void => {
    cancelLimit = deps.clock.after(WITHDRAW_MS, () => limit.abort());
  };
  signal.addEventListener('abort', ended, { once: true });
  try {
    return await client.submit(
      jobRequest(job, worker, deps.links, deps.installId, deps.clock.now()),
      idempotencyKey(job),
      AbortSignal.any([deps.stopping, limit.signal]),
    );
  } finally {
    signal.removeEventListener('abort', ended);
    cancelLimit();
  }
}

/** Turns one status into events. @returns true when the attempt is over. */
async function judge(deps: AttemptDeps, job: JobRecord, worker: WorkerLink, status: JobStatus): Promise<boolean> {
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
async function settle(deps: AttemptDeps, job: JobRecord, worker: WorkerLink): Promise<void> {
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
function wasSuspect(deps: AttemptDeps, job: JobRecord, worker: WorkerLink): boolean {
  if (worker.movedAt !== null && job.open !== null && worker.movedAt >= job.open.startedAt) return false;
  return SUSPECT_STAGES.has(deps.ledger.get(job.id)?.stage ?? '');
}

function failedAtWorker(deps: AttemptDeps, job: JobRecord, worker: WorkerLink, status: JobStatus): void {
  const { code: workerCode, message } = status.error ?? { code: 'ENGINE_FAILED', message: '' };
  const code = codeOfWorkerError(workerCode);
  if (code === 'REMOTE_JOB_NOT_FOUND') lose(deps, job, message, wasSuspect(deps, job, worker));
  else if (code === 'SOURCE_MISSING') decline(deps, job, 'source_missing', null, say('moved'));
  else fail(deps, job, code, message);
}

/** Decides what a failed call means. @returns `over`, or milliseconds for which the worker is at least to be left alone before the next try. */
function concludes(
  deps: AttemptDeps,
  asked: JobRecord,
  worker: WorkerLink,
  thrown: unknown,
  tally: Tally,
): 'over' | number {
  const error = toAppError(thrown);
  const job = deps.ledger.get(asked.id);
  if (job === null || job.open === null || job.attempt !== asked.attempt) return 'over';
  const retryAfterMs = error instanceof WorkerRefusal ? error.retryAfterMs : null;
  // What it has, it has: who refuses a question about that (a gateway that is asked too often, say) tells nothing of the job.
  if (error instanceof WorkerRefusal && job.open.workerJobId !== null) {
    if (tally.failures >= PATIENCE) wait(deps, job.id, 'worker_unreachable', error.message);
    return spread(deps, retryAfterMs ?? 0);
  }
  switch (error.code) {
    case 'REMOTE_WORKER_CAPACITY':
      decline(deps, job, 'no_capacity', spread(deps, worker.fullness.refused(retryAfterMs)), say('busy'));
      return 'over';
    case 'REMOTE_JOB_NOT_FOUND': {
      const boot = error instanceof UnknownJob ? error.bootId : null;
      tally.unknown += 1;
      // One of ours names its boot in every answer, so this is somebody's who answers in its place.
      if (boot === null && !(worker.isDeployed && tally.unknown >= DEPLOYED_UNKNOWN_TIMES)) {
        if (tally.failures >= PATIENCE) wait(deps, job.id, 'worker_unreachable', error.message);
        return 0;
      }
      const died = boot === null || boot !== job.open.bootId;
      lose(deps, job, error.message, died && wasSuspect(deps, job, worker));
      return 'over';
    }
    case 'REMOTE_WORKER_UNREACHABLE':
    case 'WORKER_PROTOCOL':
      if (tally.failures >= PATIENCE) wait(deps, job.id, 'worker_unreachable', error.message);
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
function spread(deps: AttemptDeps, delayMs: number): number {
  return delayMs * (1 + deps.chance.fraction() / 4);
}

/**
 * Resolves when the attempt's worker can be asked again, or the signal aborts; the job says meanwhile why it cannot. A tunnel that is cut for a
 * moment is no news; one that stays away is.
 */
async function untilReady(deps: AttemptDeps, job: JobRecord, worker: WorkerLink, signal: AbortSignal): Promise<void> {
  showUnready(deps, job, worker);
  const soon = new AbortController();
  const cancel = deps.clock.after(TUNNEL_MS, () => soon.abort());
  await worker.whenReady(AbortSignal.any([signal, soon.signal]));
  cancel();
  if (worker.ready || signal.aborted) return;
  if (worker.health === 'ok') {
    const reason = worker.view().detail;
    wait(
      deps,
      job.id,
      'worker_unreachable',
      reason === null
        ? say('worker_unreaching', { worker: worker.name })
        : say('worker_but', { worker: worker.name, reason }),
    );
  } else showUnready(deps, job, worker);
  await worker.whenReady(signal);
}

/** The open attempt's worker cannot be asked now: the job waits, and the attempt stays open. */
function showUnready(deps: AttemptDeps, job: JobRecord, worker: WorkerLink): void {
  // A worker that is just being dialled is no news yet; the job keeps its state for a moment.
  if (worker.health === 'ok' || worker.health === 'connecting' || worker.health === 'starting') return;
  const refused = worker.health === 'unauthorized';
  wait(
    deps,
    job.id,
    refused ? 'worker_unauthorized' : 'worker_unreachable',
    say(refused ? 'worker_refuses' : 'worker_silent', { worker: worker.name }),
  );
}

function wait(deps: AttemptDeps, jobId: string, reason: WaitingReason, message: string): void {
  if (deps.ledger.get(jobId)?.waiting?.reason === reason) return;
  deps.ledger.apply(jobId, { type: 'wait', reason, until: null, message });
}

function decline(
  deps: AttemptDeps,
  job: JobRecord,
  reason: WaitingReason,
  delayMs: number | null,
  message: string,
): void {
  deps.ledger.apply(job.id, {
    type: 'attempt_declined',
    attempt: job.attempt,
    reason,
    until: delayMs === null ? null : deps.clock.now() + Math.round(delayMs),
    message,
  });
}

function fail(deps: AttemptDeps, job: JobRecord, code: ErrorCode, message: string): void {
  deps.ledger.apply(job.id, {
    type: 'attempt_failed',
    attempt: job.attempt,
    error: { code, message },
    chance: deps.chance.fraction(),
  });
}

function lose(deps: AttemptDeps, job: JobRecord, message: string, workerDied: boolean): void {
  deps.ledger.apply(job.id, {
    type: 'attempt_lost',
    attempt: job.attempt,
    error: { code: 'REMOTE_JOB_NOT_FOUND', message },
    workerDied,
    chance: deps.chance.fraction(),
  });
}
