// Owns what happens next: wakes what has waited long enough, prepares a few recordings ahead, gives prepared ones to workers with a free
// place, runs every open attempt, and has files written. One pass looks at all unfinished jobs; whatever changes asks for another pass.

import type { ErrorReport } from '../contract/errors.ts';
import { toAppError } from '../contract/errors.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { JobEvent } from '../jobs/transition.ts';
import { isOpen } from '../jobs/transition.ts';
import type { AttemptDeps } from './attempt-runner.ts';
import { runAttempt, SOURCE_RETRY_MS } from './attempt-runner.ts';
import type { Finisher } from './finisher.ts';
import type { JobLedger } from './job-ledger.ts';
import type { JobStore, Media } from './ports.ts';
import type { WorkerLink } from './worker-link.ts';

/** Recordings that are hashed at the same time, and how many may lie ready ahead of the workers. */
const PREPARE_AT_ONCE = 2;
const PREPARE_AHEAD = 4;
/** Milliseconds until the queue is tried again when it could not be written (the disk is full). */
const HOLD_MS = 2_000;

export interface DispatcherDeps extends AttemptDeps {
  /** Whether a worker may be given a job of this batch now: money is a reason not to. */
  readonly mayTake: (workerId: string, batchId: string) => boolean;
  readonly store: JobStore;
  readonly media: Media;
  readonly finisher: Finisher;
}

export class Dispatcher {
  readonly #deps: DispatcherDeps;
  readonly #ledger: JobLedger;
  /** Every unfinished job, as last written. */
  readonly #jobs = new Map<string, JobRecord>();
  readonly #runners = new Map<
    string,
    { readonly attempt: number; readonly stop: AbortController; readonly done: Promise<void> }
  >();
  readonly #preparing = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  #started = false;
  #passPlanned = false;
  #cancelTimer: (() => void) | null = null;
  /** Set while nothing is begun, because the queue could not be written. */
  #endHold: (() => void) | null = null;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
    this.#ledger = deps.ledger;
    deps.ledger.onChange((job, previous, event) => this.#changed(job, previous, event));
  }

  /** Takes up every unfinished job where it was, then goes on by itself. */
  start(): void {
    this.#started = true;
    for (const job of this.#deps.store.unfinished()) this.#jobs.set(job.id, job);
    this.nudge();
  }

  /** New jobs, already stored. */
  added(jobs: readonly JobRecord[]): void {
    for (const job of jobs) this.#jobs.set(job.id, job);
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
    for (const runner of this.#runners.values()) runner.stop.abort();
    await Promise.allSettled([
      ...[...this.#runners.values()].map((runner) => runner.done),
      ...this.#preparing.values(),
    ]);
    await this.#deps.finisher.idle();
  }

  #pass(): void {
    const jobs = [...this.#jobs.values()].sort((a, b) => a.position - b.position);
    const now = this.#deps.clock.now();
    const usable = this.#deps.roster.usable();
    if (jobs.length > 0) this.#deps.roster.ensureLocal();

    for (const job of jobs) {
      if (job.state === 'receiving') this.#deps.finisher.finish(job.id).catch((error: unknown) => this.#hold(error));
      // Its preparation died with an earlier engine, or ended without a word because none could be written; to begin again costs nothing.
      else if (job.state === 'preparing' && !this.#preparing.has(job.id)) this.#ledger.apply(job.id, { type: 'wake' });
      else if (job.open !== null) this.#run(job);
      else if (mayWake(job, now, usable)) this.#ledger.apply(job.id, { type: 'wake' });
    }
    this.#prepare(jobs);
    this.#dispatch(usable);
    this.#planWake(now);
  }

  #prepare(jobs: readonly JobRecord[]): void {
    const ready = jobs.filter((job) => job.state === 'queued' && job.source !== null).length;
    for (const job of jobs) {
      if (this.#preparing.size >= PREPARE_AT_ONCE || ready + this.#preparing.size >= PREPARE_AHEAD) return;
      if (job.state !== 'queued' || job.source !== null || this.#preparing.has(job.id)) continue;
      const work = this.#prepareOne(job)
        .catch((error: unknown) => this.#hold(error))
        .finally(() => {
          this.#preparing.delete(job.id);
          this.nudge();
        });
      this.#preparing.set(job.id, work);
    }
  }

  async #prepareOne(job: JobRecord): Promise<void> {
    if (this.#ledger.apply(job.id, { type: 'prepare_started' }) === null) return;
    try {
      const { id: jobId, sourcePath: path, options } = job;
      const source = await this.#deps.media.prepare({ jobId, path, options }, this.#stop.signal);
      // Canceled meanwhile: nobody would send the copy.
      if (this.#ledger.apply(jobId, { type: 'prepared', source }) === null) await this.#deps.media.release(jobId);
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      const error = toAppError(thrown, 'SOURCE_UNREADABLE').report();
      if (error.code === 'SOURCE_MISSING' || error.code === 'SOURCE_CHANGED') this.#waitForSource(job.id, error);
      else this.#ledger.apply(job.id, { type: 'prepare_failed', error });
    }
  }

  /** A drive may be unplugged, a file still being written: that is a reason to wait. */
  #waitForSource(jobId: string, error: ErrorReport): void {
    this.#ledger.apply(jobId, {
      type: 'wait',
      reason: 'source_missing',
      until: this.#deps.clock.now() + SOURCE_RETRY_MS,
      message: error.message,
    });
  }

  #dispatch(usable: readonly WorkerLink[]): void {
    const prepared = [...this.#jobs.values()]
      .filter((job) => job.state === 'queued' && job.source !== null && job.open === null)
      .sort((a, b) => a.position - b.position);
    if (prepared.length === 0) return;
    if (usable.length === 0) {
      this.#explainNoWorker(prepared);
      return;
    }
    this.#explainNoDiarizer(prepared, usable);
    const places = new Map(usable.map((link) => [link, this.#freePlaces(link)]));
    for (const job of prepared) {
      const able = usable.filter((link) => canTake(job, link));
      const free = able.filter((link) => (places.get(link) ?? 0) > 0 && this.#deps.mayTake(link.id, job.batchId));
      // One that lists the model first; without any, the first one refuses with the list of what it has.
      const chosen =
        free.find((link) => link.ping?.models.includes(job.options.model)) ??
        (able.some((link) => link.ping?.models.includes(job.options.model)) ? undefined : free[0]);
      if (chosen === undefined) continue;
      places.set(chosen, (places.get(chosen) ?? 0) - 1);
      this.#ledger.apply(job.id, { type: 'attempt_opened', workerId: chosen.id });
    }
  }

  #freePlaces(link: WorkerLink): number {
    const ping = link.ping;
    if (ping === null) return 0;
    let held = 0;
    for (const job of this.#jobs.values()) if (job.open?.workerId === link.id) held += 1;
    // A deployed worker takes whatever it is sent and runs it all at once: what others gave it counts too.
    if (link.isDeployed) return ping.maxConcurrentJobs - Math.max(held, ping.activeJobs);
    return ping.maxConcurrentJobs + ping.prefetchJobs - held;
  }

  /** Says why nothing can take the jobs, unless some worker is on its way. */
  #explainNoWorker(prepared: readonly JobRecord[]): void {
    const { roster } = this.#deps;
    if (roster.anyComing()) return;
    const message = roster.whyNone();
    for (const job of prepared) this.#ledger.apply(job.id, { type: 'wait', reason: 'no_worker', until: null, message });
  }

  /** A recording that asked for speakers is given to no worker that cannot tell them apart: it waits for one that can. */
  #explainNoDiarizer(prepared: readonly JobRecord[], usable: readonly WorkerLink[]): void {
    if (usable.every(({ ping }) => ping?.diarization === true)) return;
    const reasons = usable.map(({ name, ping }) => `${name}: ${ping?.diarizationReason ?? 'it does not say why.'}`);
    const message = `No worker that is connected can tell speakers apart. ${reasons.join(' ')}`;
    for (const job of prepared)
      if (!usable.some((link) => canTake(job, link)))
        this.#ledger.apply(job.id, { type: 'wait', reason: 'no_worker', until: null, message });
  }

  #run(job: JobRecord): void {
    if (this.#runners.get(job.id)?.attempt === job.attempt) return;
    this.#runners.get(job.id)?.stop.abort();
    const stop = new AbortController();
    const done = runAttempt(this.#deps, job.id, stop.signal)
      .catch((error: unknown) => this.#hold(error))
      .finally(() => {
        if (this.#runners.get(job.id)?.stop === stop) this.#runners.delete(job.id);
        this.nudge();
      });
    this.#runners.set(job.id, { attempt: job.attempt, stop, done });
  }

  #changed(job: JobRecord, previous: JobRecord, event: JobEvent): void {
    if (isOpen(job)) this.#jobs.set(job.id, job);
    else this.#jobs.delete(job.id);
    if (previous.open !== null && job.open === null) {
      this.#runners.get(job.id)?.stop.abort();
      this.#deps.board.clear(job.id);
      const worker = this.#deps.roster.get(previous.open.workerId);
      // How much it has left to do is known from its ping alone.
      if (worker?.isDeployed) worker.poke();
      if (event.type !== 'attempt_declined') this.#wakeForPlace();
    }
    this.nudge();
  }

  /** A place is free: whoever waits for one need not sit out its time. */
  #wakeForPlace(): void {
    try {
      for (const job of [...this.#jobs.values()])
        if (job.waiting?.reason === 'no_capacity') this.#ledger.apply(job.id, { type: 'wake' });
    } catch (error) {
      // The change that freed the place is stored, and its other listeners must hear of it.
      this.#hold(error);
    }
  }

  /** One timer, for the earliest time that any job waits for. */
  #planWake(now: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    let earliest = Number.POSITIVE_INFINITY;
    for (const job of this.#jobs.values())
      if (job.open === null && job.waiting?.until) earliest = Math.min(earliest, job.waiting.until);
    // A worker that falls silent is given up for this computer's own after a while, without any event: look once a second while jobs lie ready.
    if ([...this.#jobs.values()].some((job) => job.state === 'queued' || job.waiting?.reason === 'no_worker'))
      earliest = Math.min(earliest, now + 1_000);
    if (earliest === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = this.#deps.clock.after(Math.max(20, earliest - now), () => this.nudge());
  }
}

/** Whether the worker can do what was asked, as far as it is not the worker itself that says it best by refusing. */
function canTake({ options }: JobRecord, { ping }: WorkerLink): boolean {
  return !options.diarize || options.diarizeOptional === true || ping?.diarization === true;
}

function mayWake(job: JobRecord, now: number, usable: readonly WorkerLink[]): boolean {
  if (job.waiting === null || job.open !== null) return false;
  if (job.waiting.reason === 'no_worker') return usable.some((link) => canTake(job, link));
  return job.waiting.until !== null && job.waiting.until <= now;
}
