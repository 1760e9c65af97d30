// Owns one open attempt from the offer to its end: offers the job (again, after a restart or a cut), and follows it. What the worker
// says is judged in attempt-verdict.ts. It ends when the attempt is no longer open, for whatever reason.

import { say } from '../contract/sentences.ts';
import type { JobAccepted } from '../contract/worker-wire.ts';
import type { JobRecord } from '../jobs/record.ts';
import { AttemptFollower } from './attempt-follower.ts';
import type { Misses, VerdictDeps } from './attempt-verdict.ts';
import { concludes, fail, judge, lose, wait } from './attempt-verdict.ts';
import type { JobBoard } from './job-board.ts';
import { idempotencyKey, jobRequest, LINK_LIFE_SECONDS } from './job-request.ts';
import { pause } from './pause.ts';
import type { LinkSigner, SettingsSource, WorkerClient } from './ports.ts';
import { Stillness } from './stillness.ts';
import { WITHDRAW_MS, withdraw } from './withdrawal.ts';
import type { WorkerLink } from './worker-link.ts';
import type { WorkerRoster } from './worker-roster.ts';
import { TUNNEL_MS } from './worker-tunnel.ts';

export interface AttemptDeps extends VerdictDeps {
  readonly board: JobBoard;
  readonly roster: WorkerRoster;
  readonly links: LinkSigner;
  readonly settings: SettingsSource;
  readonly installId: string;
  /** Whether a worker computes another recording of this app than the one named. */
  readonly computesAnother: (workerId: string, jobId: string) => boolean;
  /** Aborts when the engine stops. */
  readonly stopping: AbortSignal;
}

/** Milliseconds after which fresh links are posted: well within their life, so that no link in use runs out. */
const RENEW_LINKS_MS = (LINK_LIFE_SECONDS * 1000) / 3;
/** What went wrong so often in a row, and how long nothing moved. */
interface Tally extends Misses {
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
