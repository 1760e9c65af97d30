// Owns that a person's corrections survive when a recording is transcribed again: before the files of the new transcript are written, those of the
// newest earlier transcript that has any are laid over it, once, as one edit that can be undone; what has no place in it is kept beside it.

import type { Edit } from '../contract/edits.ts';
import { AppError } from '../contract/errors.ts';
import type { JobRecord } from '../jobs/record.ts';
import { carryOver } from '../transcript/carry-over.ts';
import { applyEdits } from '../transcript/edit.ts';
import type { EditedTranscripts } from './edited-transcripts.ts';
import type { Clock, Log } from './ports.ts';
import type { JobStore } from './queue-ports.ts';
import type { EditStore } from './transcript-ports.ts';
import { searchChange } from './transcript-search.ts';

/** Operations of one edit; very many corrections are several. */
const MOST_OPERATIONS = 10_000;

export class CarriedEdits {
  readonly #store: JobStore;
  readonly #edits: EditStore;
  readonly #transcripts: EditedTranscripts;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(store: JobStore, edits: EditStore, transcripts: EditedTranscripts, clock: Clock, log: Log) {
    this.#store = store;
    this.#edits = edits;
    this.#transcripts = transcripts;
    this.#clock = clock;
    this.#log = log;
  }

  /** Does nothing where it was done, or there is nothing to carry over. @throws AppError DISK_FULL, DATABASE_DAMAGED */
  take(job: JobRecord): void {
    // A transcript that a worker made: one that was copied has the edits already, one that was imported is a person's own.
    if (job.source === null || job.attempt === 0 || job.copiedFrom !== null) return;
    if (this.#edits.carried(job.id) !== null || this.#transcripts.log(job.id).revision > 0) return;
    const earlier = this.#store
      .doneWith(job.source.sha256)
      .find(({ id }) => id !== job.id && this.#transcripts.log(id).done.length > 0);
    if (earlier === undefined) return;
    try {
      this.#carry(earlier, job);
    } catch (thrown) {
      if (thrown instanceof AppError) throw thrown;
      // The transcript itself is worth more; the earlier one is still there with its corrections.
      this.#log.error('edits_not_carried', { jobId: job.id, error: String(thrown) });
    }
  }

  #carry(earlier: JobRecord, job: JobRecord): void {
    const before = this.#transcripts.machine(earlier.id);
    const machine = this.#transcripts.machine(job.id);
    if (before === null || machine === null) return;
    const { operations, placed, left } = carryOver(before, this.#transcripts.log(earlier.id).done, machine);
    const at = this.#clock.now();
    const edits: Edit[] = [];
    for (let from = 0; from < operations.length; from += MOST_OPERATIONS)
      edits.push({ seq: edits.length + 1, at, operations: operations.slice(from, from + MOST_OPERATIONS) });
    const change = searchChange(applyEdits(machine, []), applyEdits(machine, edits));
    const stored = this.#edits.carry(job.id, edits, change, {
      from: { jobId: earlier.id, name: earlier.name, finishedAt: earlier.finishedAt ?? at },
      placed,
      // What had no place in the earlier one either is still not forgotten.
      left: [...left, ...(this.#edits.carried(earlier.id)?.left ?? [])],
    });
    if (stored) this.#log.info('edits_carried', { jobId: job.id, from: earlier.id, placed, left: left.length });
  }
}
