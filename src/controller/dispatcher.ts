// Owns what happens next: wakes what has waited long enough, has recordings prepared a few ahead, gives prepared ones to workers that can do
// them and have a place, runs every open attempt, and has files written. One pass looks at all jobs in hand (what is only in line stays on
// disk, so a pass costs the same however long the line is); whatever changes asks for another pass.

import type { JobRecord } from '../jobs/record.ts';
import { isAtEngine, isAway, isForWorker, isReady, nextLook } from '../jobs/standing.ts';
import type { JobEvent } from '../jobs/transition.ts';
import { isInHand } from '../jobs/transition.ts';
import type { AttemptDeps } from './attempt-runner.ts';
import { runAttempt } from './attempt-runner.ts';
import { AwayFiles } from './away-files.ts';
import { EarlierTranscripts } from './earlier-transcripts.ts';
import type { Finisher } from './finisher.ts';
import type { Holds } from './holds.ts';
import type { GiverDeps } from './job-giver.ts';
import { JobGiver } from './job-giver.ts';
import type { JobLedger } from './job-ledger.ts';
import type { Media } from './ports.ts';
import { Preparer } from './preparer.ts';
import type { JobStore } from './queue-ports.ts';
import { WaitBeginnings } from './wait-beginnings.ts';
import { Places } from './worker-places.ts';

/** Milliseconds until the queue is tried again when it could not be written (the disk is full). */
const HOLD_MS = 2_000;

export interface DispatcherDeps extends Omit<AttemptDeps, 'computesAnother' | 'stopping' | 'waits'>, GiverDeps {
  readonly store: JobStore;
  readonly holds: Holds;
  readonly media: Media;
  readonly finisher: Finisher;
}

export class Dispatcher {
  readonly #deps: DispatcherDeps;
  readonly #ledger: JobLedger;
  readonly #giver: JobGiver;
  readonly #preparer: Preparer;
  readonly #away: AwayFiles;
  /** Every job in hand, as last written, but for those whose recording is away. */
  readonly #jobs = new Map<string, JobRecord>();
  readonly #runners = new Map<string, { readonly attempt: number; readonly stop: AbortController }>();
  /** What runners still do, those of attempts that are over too. */
  readonly #running = new Set<Promise<void>>();
  readonly #waits = new WaitBeginnings();
  readonly #stop = new AbortController();
  #started = false;
  #passPlanned = false;
  #cancelTimer: (() => void) | null = null;
  /** Set while nothing is begun, because the queue could not be written. */
  #endHold: (() => void) | null = null;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
    this.#ledger = deps.ledger;
    this.#giver = new JobGiver(deps, new EarlierTranscripts(deps.store, deps.ledger));
    this.#preparer = new Preparer({
      ...deps,
      waits: this.#waits,
      onUnwritten: (error) => this.#hold(error),
      onDone: () => this.nudge(),
    });
    this.#away = new AwayFiles({ ...deps, found: (ids) => this.#tryWake(ids) });
    deps.ledger.onChange((job, previous, event) => this.#changed(job, previous, event));
  }

  /** Takes up every unfinished job where it was, then goes on by itself. */
  start(): void {
    this.#started = true;
    for (const job of this.#deps.store.inHand()) this.#keep(job);
    this.nudge();
  }

  /** Jobs that a worker has now. */
  heldBy(workerId: string): number {
    let held = 0;
    for (const job of this.#jobs.values()) if (job.open?.workerId === workerId) held += 1;
    return held;
  }

  /** Jobs were put elsewhere in the queue. */
  moved(positions: readonly { readonly id: string; readonly position: number }[]): void {
    for (const { id } of positions) {
      const job = this.#jobs.has(id) ? this.#deps.store.get(id) : null;
      if (job !== null) this.#jobs.set(id, job);
    }
    this.nudge();
  }

  /** Plans a pass; many nudges in one turn are one pass. Does nothing before {@link start}. */
  nudge(): void {
    if (!this.#started || this.#passPlanned || this.#endHold !== null || this.#stop.signal.aborted) return;
    this.#passPlanned = true;
    queueMicrotask(() => {
      this.#passPlanned = false;
      if (this.#stop.signal.aborted) return;
      try {
        this.#pass();
      } catch (error) {
        this.#hold(error);
      }
    });
  }

  /** The queue could not be written. Nothing is lost by waiting, and trying at once would only keep the computer busy. */
  #hold(error: unknown): void {
    if (this.#endHold !== null || this.#stop.signal.aborted) return;
    this.#deps.log.error('queue_held', { error: String(error) });
    this.#endHold = this.#deps.clock.after(HOLD_MS, () => {
      this.#endHold = null;
      this.nudge();
    });
  }

  /** Ends runners and preparations, leaving the jobs as they are. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#cancelTimer?.();
    this.#endHold?.();
    this.#away.close();
    for (const runner of this.#runners.values()) runner.stop.abort();
    await Promise.allSettled(this.#running);
    await this.#preparer.close();
    await this.#deps.finisher.idle();
  }

  #pass(): void {
    const { roster, clock, holds } = this.#deps;
    this.#giver.newPass();
    const now = clock.now();
    const places = new Places(roster, (id) => this.heldBy(id));
    const awake: JobRecord[] = [];
    for (const job of [...this.#jobs.values()]) {
      if (job.state === 'receiving') this.#deps.finisher.finish(job.id).catch((error: unknown) => this.#hold(error));
      // Its preparation died with an earlier engine, or ended without a word because none could be written; to begin again costs nothing.
      else if (job.state === 'preparing' && !this.#preparer.has(job.id)) awake.push(job);
      else if (job.open !== null) this.#run(job);
      else if (this.#mayWake(job, now, places)) awake.push(job);
    }
    this.#wake(awake);
    const inLine = holds.queueSince === null && this.#prepare(places);
    if (inLine || this.#jobs.size > 0) roster.ensureLocal();
    const ready = [...this.#jobs.values()].filter((job) => isReady(job) && !holds.holds(job.batchId));
    this.#giver.give(ready, this.#jobs.values(), places);
    this.#planWake(now);
  }

  /** @returns whether anything is in line. */
  #prepare(places: Places): boolean {
    const ready: JobRecord[] = [];
    const held = new Set<string>();
    for (const job of this.#jobs.values()) {
      const reason = job.waiting?.reason;
      // No copy of the next one would find room either.
      if (reason === 'disk_full') return true;
      // What no worker can do now stands for its whole batch: all of it has the same options.
      if (reason === 'worker_lacks') held.add(job.batchId);
      else if (isReady(job) || (job.source !== null && isForWorker(job)))
        if (!this.#deps.holds.holds(job.batchId)) ready.push(job);
    }
    return this.#preparer.fill({
      ready,
      places: places.total,
      held,
      refuse: (job) => this.#giver.refused(job, places),
    });
  }

  #mayWake(job: JobRecord, now: number, places: Places): boolean {
    const { waiting, open } = job;
    if (waiting === null || open !== null) return false;
    switch (waiting.reason) {
      case 'no_worker':
        return places.any || this.#giver.capOn(job, places) !== null;
      case 'worker_lacks':
        return places.any && places.canDo(job);
      case 'cap_batch':
      case 'cap_day':
        return this.#giver.capOn(job, places) !== waiting.reason;
      default:
        // Before it began to wait: the clock was put back, and nobody knows by how much.
        return waiting.until !== null && (waiting.until <= now || now < waiting.since);
    }
  }

  #run(job: JobRecord): void {
    if (this.#runners.get(job.id)?.attempt === job.attempt) return;
    this.#runners.get(job.id)?.stop.abort();
    const stop = new AbortController();
    const deps = {
      ...this.#deps,
      waits: this.#waits,
      computesAnother: this.#computesAnother,
      stopping: this.#stop.signal,
    };
    const work = runAttempt(deps, job.id, stop.signal)
      .catch((error: unknown) => this.#hold(error))
      .finally(() => {
        this.#running.delete(work);
        if (this.#runners.get(job.id)?.stop === stop) this.#runners.delete(job.id);
        this.nudge();
      });
    this.#running.add(work);
    this.#runners.set(job.id, { attempt: job.attempt, stop });
  }

  readonly #computesAnother = (workerId: string, jobId: string): boolean => {
    for (const job of this.#jobs.values())
      if (job.id !== jobId && job.open?.workerId === workerId && isAtEngine(job)) return true;
    return false;
  };

  #changed(job: JobRecord, previous: JobRecord, event: JobEvent): void {
    this.#keep(job);
    this.#waits.changed(job, event);
    if (previous.state === 'preparing' && job.state !== 'preparing') this.#preparer.drop(job.id);
    if (previous.open !== null && job.open === null) {
      this.#runners.get(job.id)?.stop.abort();
      this.#deps.board.clear(job.id);
      const worker = this.#deps.roster.get(previous.open.workerId);
      // How much it has left to do is known from its ping alone.
      if (worker?.isDeployed) worker.poke();
      if (event.type !== 'attempt_declined') {
        worker?.fullness.hasRoom();
        this.#wakeForPlace();
      }
    }
    this.nudge();
  }

  #keep(job: JobRecord): void {
    const away = isAway(job);
    // Of a drive that is not connected there may be thousands: no pass looks at them.
    if (isInHand(job) && !away) this.#jobs.set(job.id, job);
    else this.#jobs.delete(job.id);
    if (away) this.#away.add(job.id, job.sourcePath);
    else this.#away.delete(job.id);
  }

  #wake(jobs: readonly JobRecord[]): void {
    this.#ledger.applyEach(jobs.map(({ id }) => ({ id, event: { type: 'wake' } })));
  }

  /** As {@link #wake}, where nobody could do anything about a queue that cannot be written: it is tried again. */
  #tryWake(ids: readonly string[]): void {
    try {
      this.#ledger.applyEach(ids.map((id) => ({ id, event: { type: 'wake' } })));
    } catch (error) {
      this.#hold(error);
    }
  }

  /** A place is free: whoever waits for one need not sit out its time. */
  #wakeForPlace(): void {
    // The change that freed the place is stored, and its other listeners must hear of it.
    const waiting = [...this.#jobs.values()].filter((job) => job.waiting?.reason === 'no_capacity');
    this.#tryWake(waiting.map(({ id }) => id));
  }

  /** One timer, for the earliest time that any job waits for. */
  #planWake(now: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    const earliest = nextLook(this.#jobs.values(), now);
    if (earliest === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = this.#deps.clock.after(Math.max(20, earliest), () => this.nudge());
  }
}
