// Owns the only way in which a job changes: read, transition, write, tell. Everything that must happen when a job changes hangs on it.

import type { ErrorReport } from '../contract/errors.ts';
import { AppError } from '../contract/errors.ts';
import type { OutputFile } from '../contract/job.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { JobEvent } from '../jobs/transition.ts';
import { transition } from '../jobs/transition.ts';
import type { Clock, Log } from './ports.ts';
import type { JobStore } from './queue-ports.ts';

export type LedgerListener = (job: JobRecord, previous: JobRecord, event: JobEvent) => void;

/** How often a write is tried when another one came between; each time on the record as it then is. */
const WRITE_TRIES = 3;

export class JobLedger {
  readonly #store: JobStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #listeners: LedgerListener[] = [];

  constructor(store: JobStore, clock: Clock, log: Log) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** Called after each change is on disk, in the order of registration. */
  onChange(listener: LedgerListener): void {
    this.#listeners.push(listener);
  }

  get(id: string): JobRecord | null {
    return this.#store.get(id);
  }

  /** Applies `event`. @returns the job afterwards, or null when the event means nothing in the job's present state. */
  apply(id: string, event: JobEvent): JobRecord | null {
    return this.#write(id, event, (next, now) => this.#store.save(next, event, now));
  }

  /**
   * Applies one event to many jobs in one transaction; those for which it means nothing are left out.
   * @returns ids of the jobs that were changed
   */
  applyAll(ids: readonly string[], event: JobEvent): readonly string[] {
    const now = this.#clock.now();
    const changes: { readonly previous: JobRecord; readonly next: JobRecord }[] = [];
    for (const id of ids) {
      const previous = this.#store.get(id);
      const result = previous === null ? null : transition(previous, event, now);
      if (previous !== null && result?.ok === true) changes.push({ previous, next: result.job });
    }
    const written = this.#store.saveAll(
      changes.map(({ next }) => next),
      event,
      now,
    );
    const done = changes.filter((_, index) => written[index] === true);
    if (done.length > 0) this.#log.info('jobs_changed', { event: event.type, jobs: done.length });
    for (const { previous, next } of done) for (const listener of this.#listeners) listener(next, previous, event);
    return done.map(({ next }) => next.id);
  }

  /** Applies `delivered` and stores the transcript in the same transaction. */
  deliver(id: string, event: JobEvent & { type: 'delivered' }, json: string): JobRecord | null {
    return this.#write(id, event, (next, now) =>
      this.#store.saveDelivered(next, event, { json, sha256: event.sha256 }, now),
    );
  }

  /** Applies `imported` and stores the transcript in the same transaction. */
  imported(id: string, event: JobEvent & { type: 'imported' }, json: string): JobRecord | null {
    return this.#write(id, event, (next, now) =>
      this.#store.saveDelivered(next, event, { json, sha256: event.sha256 }, now),
    );
  }

  /** Applies `copied`: the job gets the transcript of `earlier`, with the edits that it has, in the same transaction. */
  copy(id: string, earlier: JobRecord): JobRecord | null {
    if (earlier.transcriptSha256 === null || earlier.finishedAt === null) return null;
    const event: JobEvent = {
      type: 'copied',
      from: { jobId: earlier.id, name: earlier.name, finishedAt: earlier.finishedAt },
      sha256: earlier.transcriptSha256,
    };
    return this.#write(id, event, (next, now) => this.#store.saveCopied(next, event, earlier.id, now));
  }

  /** Applies `outputs_written` and remembers the files in the same transaction. */
  finish(id: string, outputs: readonly OutputFile[]): JobRecord | null {
    const event: JobEvent = { type: 'outputs_written' };
    return this.#write(id, event, (next, now) => this.#store.saveOutputs(next, event, outputs, now));
  }

  #write(id: string, event: JobEvent, save: (next: JobRecord, now: number) => boolean): JobRecord | null {
    for (let attempt = 0; attempt < WRITE_TRIES; attempt += 1) {
      const previous = this.#store.get(id);
      if (previous === null) return null;
      const now = this.#clock.now();
      const result = transition(previous, event, now);
      if (!result.ok) {
        this.#log.info('transition_refused', {
          jobId: id,
          state: previous.state,
          event: event.type,
          refusal: result.refusal,
        });
        return null;
      }
      if (!save(result.job, now)) continue;
      this.#log.info('job_changed', {
        jobId: id,
        event: event.type,
        from: previous.state,
        to: result.job.state,
        attempt: result.job.attempt,
        ...codeOf(result.job.error),
      });
      for (const listener of this.#listeners) listener(result.job, previous, event);
      return result.job;
    }
    throw new AppError('INTERNAL', `Job ${id} changed ${WRITE_TRIES} times while it was being changed.`);
  }
}

function codeOf(error: ErrorReport | null): { code?: string } {
  return error === null ? {} : { code: error.code };
}
