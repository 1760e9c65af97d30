// Owns what the workers have room for in one pass of the dispatcher: who may be given which job, and who is the next to get one.

import { type Ability, isForNow, type Lack, lackSentence, lacks } from '../jobs/capability.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { WorkerLink } from './worker-link.ts';
import type { WorkerRoster } from './worker-roster.ts';

type Wish = Pick<JobRecord, 'options' | 'source'>;

export class Places {
  readonly #roster: WorkerRoster;
  readonly #usable: readonly WorkerLink[];
  readonly #held = new Map<WorkerLink, number>();

  /** @param heldBy jobs that a worker has of this app */
  constructor(roster: WorkerRoster, heldBy: (workerId: string) => number) {
    this.#roster = roster;
    this.#usable = roster.usable();
    for (const link of this.#usable) this.#held.set(link, heldBy(link.id));
  }

  /** True when any worker may be given new jobs now, with or without a free place. */
  get any(): boolean {
    return this.#usable.length > 0;
  }

  /** Jobs that all workers hold when they are full. */
  get total(): number {
    return this.#usable.reduce((sum, { ping }) => sum + (ping?.maxConcurrentJobs ?? 0) + (ping?.prefetchJobs ?? 0), 0);
  }

  /** Recordings that are computed at the same time. */
  get engines(): number {
    return this.#usable.reduce((sum, { ping }) => sum + (ping?.maxConcurrentJobs ?? 0), 0);
  }

  canDo(job: Wish): boolean {
    return this.#usable.some((link) => isAble(link, job));
  }

  /** Whether any worker can do the job and may be given it, with or without a free place. */
  anyMay(job: Wish, mayTake: (workerId: string) => boolean): boolean {
    return this.#usable.some((link) => isAble(link, job) && mayTake(link.id));
  }

  /** What every worker lacks for this job, in sentences; null where one can do it, or may yet come that can. */
  lackOf(job: Wish): string | null {
    if (!this.any || this.canDo(job) || this.#roster.anyStarting()) return null;
    const lacking = this.#usable.map(({ name, ping }) => ({ name, found: ping === null ? [] : lacksOf(ping, job) }));
    if (lacking.some(({ found }) => isForNow(found))) return null;
    return lacking
      .flatMap(({ name, found: [first] }) => (first === undefined ? [] : [lackSentence(name, first)]))
      .join(' ');
  }

  /** Takes a place for a job: at the worker that is the least busy for what it can do at once. Null when there is none now. */
  take(job: Wish, mayTake: (workerId: string) => boolean): WorkerLink | null {
    const free = this.#usable.filter((link) => this.#free(link) > 0 && isAble(link, job) && mayTake(link.id));
    const load = (link: WorkerLink): number => (this.#held.get(link) ?? 0) / (link.ping?.maxConcurrentJobs ?? 1);
    const chosen = free.reduce<WorkerLink | null>(
      (best, link) => (best === null || load(link) < load(best) ? link : best),
      null,
    );
    if (chosen !== null) {
      this.#held.set(chosen, (this.#held.get(chosen) ?? 0) + 1);
      chosen.fullness.offered();
    }
    return chosen;
  }

  #free(link: WorkerLink): number {
    const { ping } = link;
    if (ping === null) return 0;
    if (!link.fullness.mayBeOffered) return 0;
    const held = this.#held.get(link) ?? 0;
    // A deployed worker takes whatever it is sent and runs it all at once: what others gave it counts too.
    if (link.isDeployed) return ping.maxConcurrentJobs - Math.max(held, ping.activeJobs);
    return ping.maxConcurrentJobs + ping.prefetchJobs - held;
  }
}

function isAble({ ping }: WorkerLink, job: Wish): boolean {
  return ping !== null && lacksOf(ping, job).length === 0;
}

function lacksOf(ping: Ability, job: Wish): readonly Lack[] {
  return lacks(job.options, job.source?.sizeBytes ?? null, ping);
}
