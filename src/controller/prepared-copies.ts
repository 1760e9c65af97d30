// Owns the life of the copies that are sent in place of recordings: each goes when its job needs no worker any more, and what an earlier
// engine left goes at the start.

import { isFinal } from '../contract/job.ts';
import type { JobLedger } from './job-ledger.ts';
import type { Log, Media } from './ports.ts';
import type { JobStore } from './queue-ports.ts';

export class PreparedCopies {
  readonly #media: Pick<Media, 'release' | 'releaseAllBut'>;
  readonly #log: Log;

  constructor(media: Pick<Media, 'release' | 'releaseAllBut'>, ledger: JobLedger, log: Log) {
    this.#media = media;
    this.#log = log;
    ledger.onChange((job, previous) => {
      if (previous.source?.copy === undefined) return;
      const done = job.source === null || job.state === 'receiving' || isFinal(job.state);
      if (done) this.#quietly(this.#media.release(job.id));
    });
  }

  /** Call before work begins. */
  sweep(jobs: JobStore): void {
    const kept = jobs.inHand().filter(({ source }) => source?.copy !== undefined);
    this.#quietly(this.#media.releaseAllBut(new Set(kept.map(({ id }) => id))));
  }

  /** A copy that cannot be removed costs room and nothing else; the next start tries again. */
  #quietly(work: Promise<void>): void {
    work.catch((error: unknown) => this.#log.warn('copy_not_removed', { error: String(error) }));
  }
}
