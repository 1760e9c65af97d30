// Owns looking at recordings shortly before their turn: a few at a time, a few ahead of the workers, in the order of the queue.

import type { ErrorReport } from '../contract/errors.ts';
import { toAppError } from '../contract/errors.ts';
import type { JobRecord, PreparedSource } from '../jobs/record.ts';
import type { JobLedger } from './job-ledger.ts';
import type { Clock, Media } from './ports.ts';
import type { JobStore } from './queue-ports.ts';
import type { WaitBeginnings } from './wait-beginnings.ts';

/** Recordings that are hashed at the same time. */
const AT_ONCE = 2;
/** How many may lie ready ahead of the workers, at least; and for each place at a worker. */
const AHEAD = 4;
const AHEAD_OF_EACH = 2;
/** Milliseconds until a copy is tried again for which the disk had no room. */
const DISK_LOOK_MS = 60_000;

export interface PreparerDeps {
  readonly store: JobStore;
  readonly ledger: JobLedger;
  readonly media: Media;
  readonly clock: Clock;
  readonly waits: WaitBeginnings;
  /** The queue could not be written. */
  readonly onUnwritten: (error: unknown) => void;
  readonly onDone: () => void;
}

/** What the preparer goes by in a pass. */
export interface PreparerView {
  /** Prepared jobs that may be given out, whether or not there is a place for them now. */
  readonly ready: readonly JobRecord[];
  /** Places at all workers together. */
  readonly places: number;
  /** Batches of which nothing is begun. */
  readonly held: Set<string>;
  /** Says why a job cannot be done by any worker, after it was told so; false where it can. */
  readonly refuse: (job: JobRecord) => boolean;
}

export class Preparer {
  readonly #deps: PreparerDeps;
  readonly #running = new Map<string, { readonly work: Promise<void>; readonly stop: AbortController }>();
  readonly #stop = new AbortController();

  constructor(deps: PreparerDeps) {
    this.#deps = deps;
  }

  has(jobId: string): boolean {
    return this.#running.has(jobId);
  }

  /** Begins what there is room for. @returns false when nothing is in line. */
  fill({ ready, places, held, refuse }: PreparerView): boolean {
    const most = Math.max(AHEAD, AHEAD_OF_EACH * places);
    const last = ready.reduce((highest, { position }) => Math.max(highest, position), Number.NEGATIVE_INFINITY);
    let any = false;
    // One refusal holds a whole batch, so this ends after as many rounds as there are batches that nobody can do.
    for (;;) {
      const heads = this.#deps.store.inLine(AT_ONCE, [...held]);
      if (heads.length === 0) return any;
      any = true;
      const refused = heads.find((job) => refuse(job));
      if (refused === undefined) {
        for (const job of heads) {
          if (this.#running.size >= AT_ONCE) return true;
          // What was moved before all that lies ready does not wait until those are gone.
          if (ready.length + this.#running.size >= most && job.position > last) return true;
          this.#begin(job);
        }
        return true;
      }
      held.add(refused.batchId);
    }
  }

  /** Ends what is under way, leaving the jobs as they are. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled([...this.#running.values()].map(({ work }) => work));
  }

  /** Nobody wants the job prepared any more: a person canceled or paused it. Others need not wait until all of it is hashed. */
  drop(jobId: string): void {
    this.#running.get(jobId)?.stop.abort();
  }

  #begin(job: JobRecord): void {
    if (this.#running.has(job.id)) return;
    const stop = new AbortController();
    const work = this.#prepare(job, AbortSignal.any([this.#stop.signal, stop.signal]))
      .catch((error: unknown) => this.#deps.onUnwritten(error))
      .finally(() => {
        this.#running.delete(job.id);
        this.#deps.onDone();
      });
    this.#running.set(job.id, { work, stop });
  }

  async #prepare(job: JobRecord, signal: AbortSignal): Promise<void> {
    const { ledger, media } = this.#deps;
    if ((await ledger.applySoon(job.id, { type: 'prepare_started' })) === null) return;
    const { id: jobId, sourcePath: path, options } = job;
    let source: PreparedSource;
    try {
      source = await media.prepare({ jobId, path, options }, signal);
    } catch (thrown) {
      if (!signal.aborted) this.#judge(jobId, toAppError(thrown, 'SOURCE_UNREADABLE').report());
      return;
    }
    if ((await ledger.applySoon(jobId, { type: 'prepared', source })) !== null) return;
    // Canceled meanwhile: nobody would send the copy. One that cannot be removed goes at the next start.
    await media.release(jobId).catch(() => undefined);
  }

  #judge(jobId: string, error: ErrorReport): void {
    const { ledger, clock, waits } = this.#deps;
    const { code, message } = error;
    // A drive may be unplugged, a file still being written, the disk without room for a copy: these are reasons to wait.
    if (code === 'SOURCE_MISSING' || code === 'SOURCE_CHANGED')
      ledger.apply(jobId, { type: 'wait', reason: 'source_missing', until: null, message });
    else if (code === 'DISK_FULL')
      ledger.apply(jobId, {
        type: 'wait',
        reason: 'disk_full',
        since: waits.since(jobId, 'disk_full'),
        until: clock.now() + DISK_LOOK_MS,
        message,
      });
    else ledger.apply(jobId, { type: 'prepare_failed', error });
  }
}
