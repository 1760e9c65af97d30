// Owns since when a job waits for the same thing, whatever was tried in between: people want to know how long it has lasted, not when it was last
// found to last.

import type { WaitingReason } from '../contract/job.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { JobEvent } from '../jobs/transition.ts';

/** What is waited for by trying again and again. */
const TRIED: ReadonlySet<WaitingReason> = new Set(['no_capacity', 'disk_full']);
/** The events of a try that has not come out yet. */
const TRYING: ReadonlySet<JobEvent['type']> = new Set(['wake', 'prepare_started', 'attempt_opened']);

export class WaitBeginnings {
  readonly #began = new Map<string, { readonly reason: WaitingReason; readonly since: number }>();

  /** When the wait began that goes on after this try, milliseconds; undefined where it begins now. */
  since(jobId: string, reason: WaitingReason): number | undefined {
    const began = this.#began.get(jobId);
    return began?.reason === reason ? began.since : undefined;
  }

  /** A job changed. */
  changed({ id, waiting }: JobRecord, event: JobEvent): void {
    if (waiting !== null && TRIED.has(waiting.reason))
      this.#began.set(id, { reason: waiting.reason, since: waiting.since });
    else if (waiting !== null || !TRYING.has(event.type)) this.#began.delete(id);
  }
}
