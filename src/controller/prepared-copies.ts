// Owns the life of the copies that are sent in place of recordings: each goes when its job needs no worker any more, and what an earlier
// engine left goes at the start.

import { isFinal } from '../contract/job.ts';
import type { JobLedger } from './job-ledger.ts';
import type { Log, Media } from './ports.ts';
import type { JobStore } from './queue-ports.ts';

export class PreparedCopies {
  readonly #media: Pick<Media, 'copies' | 'release'>;
  readonly #log: Log;

  constructor(media: Pick<Media, 'copies' | 'release'>, ledger: JobLedger, log: Log) {
    this.#media = media;
    this.#log = log;
    ledger.onChange((job, previous) => {
      if (previous.source?.copy === undefined) return;
      const done = job.source === null || job.state === 'receiving' || isFinal(job.state);
      if (done) this.#quietly(this.#media.release(job.id));
    });
  }

  /** Resolves when the copies that no job needs are gone. Call before work begins. */
  async sweep(jobs: Pick<JobStore, 'get'>): Promise<void> {
    for (const id of await this.#media.copies()) {
      const job = jobs.get(id);
      if (job === null || isFinal(job.state) || job.source?.copy === undefined) await this.#media.release(id);
    }
  }

  /** A copy that cannot be removed costs room and nothing else; the next start tries again. */
  #quietly(work: Promise<void>): void {
    work.catch((error: unknown) => this.#log.warn('copy_not_removed', { error: String(error) }));
  }
}
