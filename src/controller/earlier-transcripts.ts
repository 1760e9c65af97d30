// Owns skipping what is done: a recording that was transcribed before with the same options gets that transcript, if its options say so.
// The same recording means the same bytes, wherever they lie and whatever they are called.

import { transcriptKey } from '../contract/options.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { JobLedger } from './job-ledger.ts';
import type { JobStore } from './queue-ports.ts';

export class EarlierTranscripts {
  readonly #store: JobStore;
  readonly #ledger: JobLedger;
  /** Jobs for which nothing was found since the last time that any job was completed. */
  readonly #without = new Set<string>();

  constructor(store: JobStore, ledger: JobLedger) {
    this.#store = store;
    this.#ledger = ledger;
    ledger.onChange((job) => {
      if (job.state === 'complete') this.#without.clear();
      // Also of one that stays in line: with other options it may be done already.
      else this.#without.delete(job.id);
    });
  }

  /** Gives a prepared job the transcript of an earlier one. @returns false when there is none, or it is to be made again. */
  take(job: JobRecord): boolean {
    if (job.source === null || job.options.whenDone === 'again' || this.#without.has(job.id)) return false;
    const key = transcriptKey(job.options);
    const earlier = this.#store
      .doneWith(job.source.sha256)
      .find(({ id, options }) => id !== job.id && transcriptKey(options) === key);
    if (earlier === undefined) {
      this.#without.add(job.id);
      return false;
    }
    return this.#ledger.copy(job.id, earlier) !== null;
  }
}

/** The same text for jobs of which one transcript would serve all; null for one that is to be made in any case. */
export function sharedWork(job: JobRecord): string | null {
  if (job.source === null || job.options.whenDone === 'again') return null;
  return `${job.source.sha256} ${transcriptKey(job.options)}`;
}
