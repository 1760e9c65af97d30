// Owns what the rented machines see of the engine: the queue as work to be paid for, workers put up and taken away, jobs given back.

import type { AppEvent } from '../contract/api.ts';
import type { JobStage } from '../contract/job.ts';
import { isFinal } from '../contract/job.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { JobEvent } from '../jobs/transition.ts';
import type { Holds } from './holds.ts';
import type { JobBoard } from './job-board.ts';
import type { JobLedger } from './job-ledger.ts';
import type { Delivered, PodHost, PodWorker, QueuedJob, WaitingWork } from './pod-ports.ts';
import type { Chance, Clock, Log, WorkerAddress } from './ports.ts';
import type { BatchStore, JobStore } from './queue-ports.ts';
import { withdraw } from './withdrawal.ts';
import type { WorkerRoster } from './worker-roster.ts';

export interface PodHostDeps {
  readonly store: JobStore;
  readonly batches: BatchStore;
  readonly holds: Holds;
  readonly ledger: JobLedger;
  readonly board: JobBoard;
  readonly roster: WorkerRoster;
  readonly chance: Chance;
  readonly clock: Clock;
  readonly log: Log;
  readonly publish: (event: AppEvent) => void;
  readonly costed: (jobIds: readonly string[]) => void;
  readonly nudge: () => void;
}

/** Jobs at the head of the line that are looked at: the rest is known by its sums. */
const LINE_SHOWN = 50;
/** Reasons to wait that the workers at hand would not end: no pod is kept for them. */
const WAITS_FOR_ELSE: ReadonlySet<string> = new Set(['paused', 'source_missing', 'disk_full', 'worker_lacks']);
/** Stages in which a GPU has a job; before them it is fetched ahead or waits its turn. */
const AT_WORK: ReadonlySet<string> = new Set<JobStage>(['loading_model', 'transcribing', 'diarizing', 'uploading']);

/** {@link PodHost} over the engine's own parts. */
export class EnginePodHost implements PodHost {
  readonly #deps: PodHostDeps;

  constructor(deps: PodHostDeps) {
    this.#deps = deps;
  }

  queue(): readonly QueuedJob[] {
    const { store, holds } = this.#deps;
    const inHand = store.inHand();
    // What no worker can do stands for its whole batch.
    const lacking = inHand.filter((job) => job.waiting?.reason === 'worker_lacks').map(({ batchId }) => batchId);
    const line = holds.queueSince === null ? store.inLine(LINE_SHOWN, lacking) : [];
    return [...inHand, ...line].map((job) => this.#queued(job));
  }

  waiting(): WaitingWork {
    const { batches, holds, store } = this.#deps;
    if (holds.queueSince !== null) return { jobs: 0, unmeasured: 0, seconds: 0 };
    // Of all that is queued, less what is paused; and what waits for a moment.
    const queued = (batchId: string | null): WaitingWork =>
      sum(batches.sums(batchId).filter(({ state }) => state === 'queued'));
    const paused = batches.paused().map(queued);
    const soon = store
      .inHand()
      // A worker that is rented for it may well have what the present ones lack.
      .filter(
        (job) => job.waiting?.reason === 'worker_lacks' || (job.state !== 'queued' && this.#queued(job).wantsWorker),
      )
      .map(({ source }) => ({
        jobs: 1,
        unmeasured: source?.durationSec == null ? 1 : 0,
        seconds: source?.durationSec ?? 0,
      }));
    const less = sum(paused);
    const all = sum([queued(null), ...soon]);
    return {
      jobs: all.jobs - less.jobs,
      unmeasured: all.unmeasured - less.unmeasured,
      seconds: Math.max(0, all.seconds - less.seconds),
    };
  }

  batchName(batchId: string): string | null {
    return this.#deps.batches.batches([batchId])[0]?.name ?? null;
  }

  putWorker(id: string, name: string, address: WorkerAddress, imageDigest: string | null): void {
    this.#deps.roster.putPod(id, name, address, imageDigest);
  }

  worker(id: string): PodWorker | null {
    const link = this.#deps.roster.get(id);
    if (link === null) return null;
    const { error, verdict } = link.view();
    const drained = link.drainedSince !== null;
    return { health: link.health, since: link.since, ping: link.ping, error, verdict, drained };
  }

  restWorker(id: string, detail: string): void {
    this.#deps.roster.get(id)?.disconnect('off', detail);
  }

  pokeWorker(id: string): void {
    this.#deps.roster.get(id)?.poke();
  }

  async loseWorker(id: string, why: string): Promise<void> {
    for (const job of this.#heldBy(id)) {
      this.#deps.ledger.apply(job.id, {
        type: 'attempt_lost',
        attempt: job.attempt,
        error: { code: 'REMOTE_JOB_NOT_FOUND', message: why },
        workerDied: false,
        chance: this.#deps.chance.fraction(),
      });
    }
    await this.#deps.roster.removePod(id);
  }

  returnJobs(workerId: string, which: (job: QueuedJob) => boolean, why: string): void {
    for (const job of this.#heldBy(workerId)) {
      if (!which(this.#queued(job))) continue;
      const client = this.#deps.roster.get(workerId)?.client ?? null;
      if (client !== null && job.open?.workerJobId != null) void withdraw(client, job.open.workerJobId, this.#deps);
      this.#deps.ledger.apply(job.id, {
        type: 'attempt_declined',
        attempt: job.attempt,
        reason: 'no_worker',
        until: null,
        message: why,
      });
    }
  }

  publish(event: AppEvent): void {
    this.#deps.publish(event);
  }

  costed(jobIds: readonly string[]): void {
    this.#deps.costed(jobIds);
  }

  nudge(): void {
    this.#deps.nudge();
  }

  #heldBy(workerId: string): readonly JobRecord[] {
    return this.#deps.store.inHand().filter((job) => job.open?.workerId === workerId);
  }

  #queued(job: JobRecord): QueuedJob {
    return {
      id: job.id,
      batchId: job.batchId,
      model: job.options.model,
      durationSec: job.source?.durationSec ?? null,
      processedSec: this.#deps.board.progress(job.id).processedSec ?? 0,
      workerId: job.open?.workerId ?? null,
      atWork: job.open !== null && AT_WORK.has(job.stage ?? ''),
      wantsWorker:
        job.open === null &&
        job.transcriptSha256 === null &&
        !isFinal(job.state) &&
        !this.#deps.holds.holds(job.batchId) &&
        !WAITS_FOR_ELSE.has(job.waiting?.reason ?? ''),
    };
  }
}

/** The delivery that an event of the ledger tells of; null for every other event. */
export function deliveryOf(job: JobRecord, previous: JobRecord, event: JobEvent, now: number): Delivered | null {
  if (event.type !== 'delivered' || previous.open === null) return null;
  return {
    jobId: job.id,
    batchId: job.batchId,
    workerId: previous.open.workerId,
    attempt: previous.attempt,
    model: job.options.model,
    durationSec: job.source?.durationSec ?? null,
    startedAt: previous.open.startedAt,
    at: now,
  };
}

function sum(parts: readonly WaitingWork[]): WaitingWork {
  return parts.reduce(
    (total, { jobs, unmeasured, seconds }) => ({
      jobs: total.jobs + jobs,
      unmeasured: total.unmeasured + unmeasured,
      seconds: total.seconds + seconds,
    }),
    { jobs: 0, unmeasured: 0, seconds: 0 },
  );
}
