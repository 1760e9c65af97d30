// Owns the last step: a stored transcript becomes the files that were asked for. No worker is needed, so it may be done again at any time.

import { toAppError } from '../contract/errors.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { CarriedEdits } from './carried-edits.ts';
import type { EditedTranscripts } from './edited-transcripts.ts';
import type { JobLedger } from './job-ledger.ts';
import type { Log, OutputFacts, OutputWriter, WrittenFile } from './ports.ts';
import type { JobStore } from './queue-ports.ts';
import type { TranscriptKeeper } from './transcript-keeper.ts';

export class Finisher {
  readonly #store: JobStore;
  readonly #transcripts: EditedTranscripts;
  readonly #carried: CarriedEdits;
  readonly #keeper: TranscriptKeeper;
  readonly #ledger: JobLedger;
  readonly #writer: OutputWriter;
  readonly #log: Log;
  readonly #writing = new Map<string, Promise<void>>();

  constructor(
    store: JobStore,
    transcripts: EditedTranscripts,
    carried: CarriedEdits,
    keeper: TranscriptKeeper,
    ledger: JobLedger,
    writer: OutputWriter,
    log: Log,
  ) {
    this.#store = store;
    this.#transcripts = transcripts;
    this.#carried = carried;
    this.#keeper = keeper;
    this.#ledger = ledger;
    this.#writer = writer;
    this.#log = log;
  }

  /**
   * Writes the files of a job in `receiving`, unless that is being done already.
   * @returns rejects when the outcome could not be stored: the job is still `receiving`, and its files are found in place the next time
   */
  finish(jobId: string): Promise<void> {
    const present = this.#writing.get(jobId);
    if (present !== undefined) return present;
    const work = this.#write(jobId).finally(() => this.#writing.delete(jobId));
    this.#writing.set(jobId, work);
    return work;
  }

  /** Resolves when nothing is being written any more. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#writing.values());
  }

  async #write(jobId: string): Promise<void> {
    let outputs: readonly WrittenFile[];
    let kept = false;
    try {
      const job = this.#store.get(jobId);
      if (job?.state === 'receiving') this.#carried.take(job);
      const transcript = this.#transcripts.edited(jobId);
      if (job === null || job.state !== 'receiving') return;
      if (transcript === null) throw new Error('The stored transcript is gone.');
      await this.#keeper.keep(jobId);
      kept = true;
      outputs = await this.#writer.write(job, transcript, outputFacts(this.#store, job));
    } catch (thrown) {
      const error = toAppError(thrown, 'EXPORT_FAILED');
      // Of the app's own disk, before a file was to be written: no word about the job, which goes on when there is room.
      if (!kept && error.code === 'DISK_FULL') throw error;
      this.#log.error('outputs_failed', { jobId, code: error.code, message: error.message });
      this.#ledger.apply(jobId, { type: 'outputs_failed', error: error.report() });
      return;
    }
    await this.#ledger.finish(jobId, outputs);
  }
}

/** What the names of a job's files are made of beside the job. */
export function outputFacts(store: JobStore, job: JobRecord): OutputFacts {
  return { batchName: store.batchName(job.batchId), isOthers: (path) => store.isOutputOfOthers(path, job) };
}
