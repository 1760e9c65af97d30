// Owns how far batches and the queue as a whole are: their sums from the store, what is under way from the board, told a few times a second.

import type { AppEvent } from '../contract/api.ts';
import type { BatchView, QueueView, Tally } from '../contract/batch.ts';
import { tallyOf } from '../jobs/tally.ts';
import type { Holds } from './holds.ts';
import type { JobBoard } from './job-board.ts';
import type { JobLedger } from './job-ledger.ts';
import type { Clock } from './ports.ts';
import type { BatchStore, JobStore, StoredBatch } from './queue-ports.ts';

/** Milliseconds between two tellings. */
const TELL_MS = 500;

export interface BatchBoardDeps {
  readonly store: JobStore;
  readonly batches: BatchStore;
  readonly holds: Holds;
  readonly board: JobBoard;
  readonly ledger: JobLedger;
  /** What rented machines have cost for a batch, US dollars; null where they did nothing for it. */
  readonly costOf: (batchId: string) => number | null;
  readonly clock: Clock;
  readonly publish: (event: AppEvent) => void;
}

export class BatchBoard {
  readonly #deps: BatchBoardDeps;
  /** Jobs at a worker, with what of them is needed here. */
  readonly #atWorker = new Map<string, { readonly batchId: string; readonly workerId: string }>();
  /** What each worker did a second when it was last measured: it is not slower because it is just loading the next recording. */
  readonly #speeds = new Map<string, number>();
  readonly #touched = new Set<string>();
  #cancelTell: (() => void) | null = null;
  #closed = false;

  constructor(deps: BatchBoardDeps) {
    this.#deps = deps;
    deps.ledger.onChange((job) => {
      if (job.open === null) this.#atWorker.delete(job.id);
      else this.#atWorker.set(job.id, { batchId: job.batchId, workerId: job.open.workerId });
      this.touch(job.batchId);
    });
  }

  /** Takes up what was at workers when the engine was stopped. */
  start(): void {
    for (const { id, batchId, open } of this.#deps.store.inHand())
      if (open !== null) this.#atWorker.set(id, { batchId, workerId: open.workerId });
  }

  /** Tells soon how far the batch is, and the queue. */
  touch(batchId: string): void {
    if (this.#closed) return;
    this.#touched.add(batchId);
    this.#cancelTell ??= this.#deps.clock.after(TELL_MS, () => {
      this.#cancelTell = null;
      this.#tell();
    });
  }

  /** A job told how far it is. */
  progressed(jobId: string): void {
    const batchId = this.#atWorker.get(jobId)?.batchId;
    if (batchId !== undefined) this.touch(batchId);
  }

  view(batch: StoredBatch): BatchView {
    return { ...batch, costUsd: this.#deps.costOf(batch.id), ...this.#tally(batch.id) };
  }

  queue(): QueueView {
    return { pausedSince: this.#deps.holds.queueSince, ...this.#tally(null) };
  }

  /** Nothing is told any more, whatever is still delivered while the engine ends. */
  close(): void {
    this.#closed = true;
    this.#cancelTell?.();
  }

  #tell(): void {
    const ids = [...this.#touched];
    this.#touched.clear();
    for (const batch of this.#deps.batches.batches(ids)) this.#deps.publish({ type: 'batch', batch: this.view(batch) });
    this.#deps.publish({ type: 'queue', queue: this.queue() });
  }

  #tally(batchId: string | null): Tally {
    const busy = new Set<string>();
    let processedSec = 0;
    for (const [id, job] of this.#atWorker) {
      const progress = this.#deps.board.progress(id);
      if (progress.speed !== null && progress.speed > 0) this.#speeds.set(job.workerId, progress.speed);
      busy.add(job.workerId);
      if (batchId === null || job.batchId === batchId) processedSec += progress.processedSec ?? 0;
    }
    let speed = 0;
    for (const workerId of busy) speed += this.#speeds.get(workerId) ?? 0;
    return tallyOf(this.#deps.batches.sums(batchId), { processedSec, speed: speed > 0 ? speed : null });
  }
}
