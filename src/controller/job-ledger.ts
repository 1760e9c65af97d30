// Owns the only way in which a job changes: read, transition, write, tell. Everything that must happen when a job changes hangs on it.
// What every job goes through shares its commit with what else comes in the same turn and is awaited (`applySoon`, `deliver`, `finish`); what is
// rare, or what a pass goes on from at once, is written where it stands (`apply`, `applyEach`). Listeners hear of changes in the order of the commits.

import type { ErrorReport } from '../contract/errors.ts';
import { AppError } from '../contract/errors.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { JobEvent } from '../jobs/transition.ts';
import { transition } from '../jobs/transition.ts';
import type { Clock, Log, WrittenFile } from './ports.ts';
import type { JobStore } from './queue-ports.ts';

export type LedgerListener = (job: JobRecord, previous: JobRecord, event: JobEvent) => void;

/** How often a write is tried when another one came between; each time on the record as it then is. */
const WRITE_TRIES = 3;

/** What is to become of a job. */
export interface Wanted {
  readonly id: string;
  readonly event: JobEvent;
}

interface Change {
  readonly previous: JobRecord;
  readonly next: JobRecord;
  readonly event: JobEvent;
}

type Save = (next: JobRecord, now: number) => boolean;

export class JobLedger {
  readonly #store: JobStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #listeners: LedgerListener[] = [];
  /** On disk, and not told to the listeners yet. */
  readonly #untold: Change[] = [];

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

  /** Whether this attempt is the one that a worker has now. */
  isOpen(id: string, attempt: number): boolean {
    const job = this.get(id);
    return job !== null && job.open !== null && job.attempt === attempt;
  }

  /** Applies `event`. @returns the job afterwards, or null when the event means nothing in the job's present state. */
  apply(id: string, event: JobEvent): JobRecord | null {
    return this.#write(id, event, (next, now) => this.#store.save(next, event, now));
  }

  /** As {@link apply}, in one commit with what else comes in this turn. Resolves when it is on disk and told. */
  applySoon(id: string, event: JobEvent): Promise<JobRecord | null> {
    return this.#writeSoon(id, event, (next, now) => this.#store.save(next, event, now));
  }

  /** Applies an event to each of many jobs in one transaction; those for which it means nothing are left out. @returns ids of the jobs that were changed */
  applyEach(wanted: readonly Wanted[]): readonly string[] {
    const done = this.#writeEach(wanted);
    for (const change of done) this.#logChange(change);
    this.#tell(done);
    return done.map(({ next }) => next.id);
  }

  /** As {@link applyEach}, with one event for all, and one line in the log. */
  applyAll(ids: readonly string[], event: JobEvent): readonly string[] {
    const done = this.#writeEach(ids.map((id) => ({ id, event })));
    if (done.length > 0) this.#log.info('jobs_changed', { change: event.type, jobs: done.length });
    this.#tell(done);
    return done.map(({ next }) => next.id);
  }

  /** Applies `delivered` and stores the transcript in the same transaction. Resolves when both are on disk: the worker may be told. */
  deliver(id: string, event: JobEvent & { type: 'delivered' }, json: string): Promise<JobRecord | null> {
    return this.#writeSoon(id, event, (next, now) =>
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
  finish(id: string, outputs: readonly WrittenFile[]): Promise<JobRecord | null> {
    const event: JobEvent = { type: 'outputs_written' };
    return this.#writeSoon(id, event, (next, now) => this.#store.saveOutputs(next, event, outputs, now));
  }

  #write(id: string, event: JobEvent, save: Save): JobRecord | null {
    const change = this.#change(id, event, save);
    if (change === null) return null;
    this.#logChange(change);
    this.#tell([change]);
    return change.next;
  }

  async #writeSoon(id: string, event: JobEvent, save: Save): Promise<JobRecord | null> {
    const change = await this.#store.together(
      () => this.#change(id, event, save),
      (written) => {
        if (written !== null) this.#untold.push(written);
      },
    );
    if (change === null) return null;
    this.#logChange(change);
    this.#tell([]);
    return change.next;
  }

  #writeEach(wanted: readonly Wanted[]): readonly Change[] {
    const now = this.#clock.now();
    const changes: Change[] = [];
    for (const { id, event } of wanted) {
      const previous = this.#store.get(id);
      const result = previous === null ? null : transition(previous, event, now);
      if (previous !== null && result?.ok === true) changes.push({ previous, next: result.job, event });
    }
    if (changes.length === 0) return [];
    const written = this.#store.saveAll(changes, now);
    return changes.filter((_, index) => written[index] === true);
  }

  #change(id: string, event: JobEvent, save: Save): Change | null {
    for (let attempt = 0; attempt < WRITE_TRIES; attempt += 1) {
      const previous = this.#store.get(id);
      if (previous === null) return null;
      const now = this.#clock.now();
      const result = transition(previous, event, now);
      if (!result.ok) {
        this.#log.info('transition_refused', {
          jobId: id,
          state: previous.state,
          change: event.type,
          refusal: result.refusal,
        });
        return null;
      }
      if (save(result.job, now)) return { previous, next: result.job, event };
    }
    throw new AppError('INTERNAL', `Job ${id} changed ${WRITE_TRIES} times while it was being changed.`);
  }

  #logChange({ previous, next, event }: Change): void {
    this.#log.info('job_changed', {
      jobId: next.id,
      change: event.type,
      from: previous.state,
      to: next.state,
      attempt: next.attempt,
      ...codeOf(next.error),
    });
  }

  /** Tells `changes` after all that was on disk before them. A listener that throws keeps nothing from the others. */
  #tell(changes: readonly Change[]): void {
    this.#untold.push(...changes);
    let thrown: { readonly error: unknown } | null = null;
    for (let change = this.#untold.shift(); change !== undefined; change = this.#untold.shift()) {
      for (const listener of this.#listeners) {
        try {
          listener(change.next, change.previous, change.event);
        } catch (error) {
          thrown ??= { error };
        }
      }
    }
    if (thrown !== null) throw thrown.error;
  }
}

function codeOf(error: ErrorReport | null): { code?: string } {
  return error === null ? {} : { code: error.code };
}
