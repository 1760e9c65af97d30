// Owns who is given what in a pass of the dispatcher: which prepared job goes to which worker, and what those say that no worker gets.

import type { CapReason } from '../contract/job.ts';
import type { JobRecord } from '../jobs/record.ts';
import { isSuspect } from '../jobs/standing.ts';
import type { JobEvent } from '../jobs/transition.ts';
import { turnOrder } from '../jobs/turn.ts';
import type { EarlierTranscripts } from './earlier-transcripts.ts';
import { sharedWork } from './earlier-transcripts.ts';
import type { JobLedger, Wanted } from './job-ledger.ts';
import type { Places } from './worker-places.ts';
import type { WorkerRoster } from './worker-roster.ts';

export interface GiverDeps {
  readonly ledger: JobLedger;
  readonly roster: WorkerRoster;
  /** Whether a worker may be given a job of this batch now: money is a reason not to. */
  readonly mayTake: (workerId: string, batchId: string) => boolean;
  /** The cap of money that keeps a batch from rented workers; null where none does. */
  readonly capOn: (batchId: string) => CapReason | null;
}

export class JobGiver {
  readonly #deps: GiverDeps;
  readonly #earlier: EarlierTranscripts;
  /** What was asked about caps of batches in this pass. */
  readonly #caps = new Map<string, CapReason | null>();

  constructor(deps: GiverDeps, earlier: EarlierTranscripts) {
    this.#deps = deps;
    this.#earlier = earlier;
  }

  /** What was asked in the pass before may be otherwise now. */
  newPass(): void {
    this.#caps.clear();
  }

  /**
   * Opens an attempt of each of `ready` for which a worker has a place.
   * @param ready prepared jobs that nobody holds back
   * @param inHand all jobs that workers may have, or that are being finished
   */
  give(ready: readonly JobRecord[], inHand: Iterable<JobRecord>, places: Places): void {
    const { mayTake } = this.#deps;
    const atWork = new Set<string | null>();
    /** Workers that have a recording with which one died: a second such would be blamed for what the first does. */
    const atRisk = new Set<string>();
    for (const job of inHand) {
      if (job.open !== null || job.state === 'receiving') atWork.add(sharedWork(job));
      if (job.open !== null && isSuspect(job)) atRisk.add(job.open.workerId);
    }
    const without = ready.filter((job) => !this.#earlier.take(job) && !this.#heldByCap(job, places));
    if (without.length === 0) return;
    if (!places.any) {
      this.#explainNoWorker(without);
      return;
    }
    const opened: Wanted[] = [];
    for (const job of turnOrder(without, places.engines)) {
      const work = sharedWork(job);
      // The very same is being transcribed for another job: this one gets it from there.
      if (work !== null && atWork.has(work)) continue;
      if (this.refused(job, places)) continue;
      const worker = places.take(job, (id) => mayTake(id, job.batchId) && !(isSuspect(job) && atRisk.has(id)));
      if (worker === null) continue;
      atWork.add(work);
      if (isSuspect(job)) atRisk.add(worker.id);
      const { id: workerId, name, ping } = worker;
      const seen = { name, identity: ping?.identity ?? null };
      opened.push({ id: job.id, event: { type: 'attempt_opened', workerId, worker: seen } });
    }
    this.#deps.ledger.applyEach(opened);
  }

  /** True when no worker can do what the job asks for, which it then says. */
  refused(job: JobRecord, places: Places): boolean {
    const message = places.lackOf(job);
    if (message === null) return false;
    this.#deps.ledger.apply(job.id, { type: 'wait', reason: 'worker_lacks', until: null, message });
    return true;
  }

  /** True when only money is in the way, which the job then says. */
  #heldByCap(job: JobRecord, places: Places): boolean {
    const reason = this.capOn(job, places);
    if (reason === null) return false;
    this.#deps.ledger.apply(job.id, { type: 'wait', reason, until: null, message: '' });
    return true;
  }

  /** The cap of money that alone keeps the job from every worker that could do it; null where none does. */
  capOn(job: JobRecord, places: Places): CapReason | null {
    const { mayTake, capOn } = this.#deps;
    if (places.anyMay(job, (id) => mayTake(id, job.batchId))) return null;
    const known = this.#caps.get(job.batchId);
    if (known !== undefined) return known;
    const cap = capOn(job.batchId);
    this.#caps.set(job.batchId, cap);
    return cap;
  }

  /** Says why nothing can take the jobs, unless some worker is on its way. */
  #explainNoWorker(prepared: readonly JobRecord[]): void {
    const { roster } = this.#deps;
    if (roster.anyComing()) return;
    const message = roster.whyNone();
    const event: JobEvent = { type: 'wait', reason: 'no_worker', until: null, message };
    this.#deps.ledger.applyEach(prepared.map(({ id }) => ({ id, event })));
  }
}
