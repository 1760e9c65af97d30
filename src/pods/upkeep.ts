// Owns what is decided about pods between two looks at the provider: whose worker is put up, who has nothing to do, who was too slow to
// start, whose money is used up. It only writes intents; the provider is asked elsewhere.

import type { ErrorReport } from '../contract/errors.ts';
import type { CapReason } from '../contract/job.ts';
import type { PodSettings } from '../contract/pod-settings.ts';
import { digestOf } from '../contract/pod-settings.ts';
import { say } from '../contract/sentences.ts';
import type { PodHost, PodStore, QueuedJob } from '../controller/pod-ports.ts';
import type { Clock } from '../controller/ports.ts';
import { GPU_PRESETS } from '../jobs/pod-choice.ts';
import type { BudgetState } from '../jobs/pod-money.ts';
import { budgetState, dayOf } from '../jobs/pod-money.ts';
import { idleLimitMs, type PodRecord } from '../jobs/pod-record.ts';
import type { Account } from './account.ts';
import { bootFailure } from './boot-failure.ts';
import type { PodBook } from './pod-book.ts';
import { WORKER_PORT } from './pod-spec.ts';
import type { WorkedFor, WorksFor } from './worked-for.ts';

export interface UpkeepDeps {
  readonly book: PodBook;
  readonly store: PodStore;
  readonly host: PodHost;
  readonly account: Account;
  readonly clock: Clock;
  readonly settings: () => PodSettings;
  /** False while only this computer is to work: then nothing waits for a pod. */
  readonly mayWork: () => boolean;
  /** Milliseconds until the next look at the provider: what a cap looks ahead. */
  readonly lookMs: number;
  readonly lastLogLine: (podId: string) => string | null;
}

/** A recording of unknown length is taken for half an hour. */
const ASSUMED_RECORDING_SEC = 1800;
/** Seconds of recording per second, of a GPU that nobody knows: careful. */
const ASSUMED_SPEED = 10;

export class Upkeep {
  readonly #deps: UpkeepDeps;
  /** As of the last {@link decide}. */
  #day: BudgetState = 'open';
  #batches = new Map<string, BudgetState>();

  constructor(deps: UpkeepDeps) {
    this.#deps = deps;
  }

  /** One round over all pods. Money first: what is over is ended before anything else is given out. */
  decide(): void {
    const { book, host } = this.#deps;
    book.meterAll();
    this.#judgeBudgets(host.queue());
    // What a cap gave back is in it now.
    const queue = host.queue();
    for (const pod of book.live()) this.#one(pod, queue);
  }

  /** Whether a pod's worker may be given a job of this batch. */
  takes(podId: string, batchId: string): boolean {
    const pod = this.#deps.book.get(podId);
    return pod?.state === 'ready' && this.#day === 'open' && (this.#batches.get(batchId) ?? 'open') === 'open';
  }

  /**
   * The cap that keeps a batch from the pods. Where none is left, what remains of the caps is judged by the last one's price and speed: it would
   * not last until the next look, or not for the next recording.
   */
  capOn(batchId: string): CapReason | null {
    if (this.#day !== 'open') return 'cap_day';
    if ((this.#batches.get(batchId) ?? 'open') !== 'open') return 'cap_batch';
    const { book, store, host, clock, settings, lookMs } = this.#deps;
    if (book.live().some((pod) => pod.state !== 'found')) return null;
    const [last] = store.endedPods(clock.now() - CAPPED_FOR_MS);
    if (last === undefined) return null;
    const { capPerDayUsd, capPerBatchUsd, capAction } = settings();
    // Gone, it has no price any more but the one at which it was asked for.
    const usdPerHour = last.candidate?.pricePerHour ?? rateOf([last]);
    const mine = host.queue().filter((job) => job.batchId === batchId);
    const workMs = capAction === 'now' ? null : this.#workMs(last, mine);
    const isUsed = (capUsd: number | null, spentUsd: number): boolean =>
      budgetState({ capUsd, spentUsd, usdPerHour }, lookMs, workMs) !== 'open';
    if (isUsed(capPerDayUsd, this.#today().spentUsd)) return 'cap_day';
    return isUsed(capPerBatchUsd, store.spentOnBatch(batchId)) ? 'cap_batch' : null;
  }

  /** Whether what is left of the day's cap pays for the start of a pod at this price and for a look's worth of work. */
  affords(usdPerHour: number, bootSec: number): boolean {
    const { capPerDayUsd } = this.#deps.settings();
    const { spentUsd, rate } = this.#today();
    const budget = { capUsd: capPerDayUsd, spentUsd, usdPerHour: rate + usdPerHour };
    return this.#day === 'open' && budgetState(budget, bootSec * 1000 + this.#deps.lookMs, null) === 'open';
  }

  /** What was spent today, and what all that costs costs in an hour. */
  #today(): { readonly spentUsd: number; readonly rate: number } {
    const { store, clock } = this.#deps;
    const today = dayOf(clock.now());
    return { spentUsd: store.spentByDay(today).find(({ day }) => day === today)?.usd ?? 0, rate: rateOf(this.#paid()) };
  }

  #paid(): readonly PodRecord[] {
    return this.#deps.book.live().filter((pod) => pod.state !== 'found' && costs(pod));
  }

  /**
   * Whose time a pod's is. Batches: of the jobs that it has; while it has none, of those that wait for it. Jobs: those that it computes; while
   * it computes none, those that it has; none while it has none.
   * @param over a job that it has just delivered: the time until now was that one's too
   */
  worksFor(podId: string, over: WorkedFor | null = null): WorksFor {
    const queue = this.#deps.host.queue();
    const held = queue.filter(({ workerId }) => workerId === podId);
    const has: readonly WorkedFor[] = over === null ? held : [...held, over];
    const atWork = [...held.filter((job) => job.atWork), ...(over === null ? [] : [over])];
    return {
      batches: (has.length > 0 ? has : queue.filter(({ wantsWorker }) => wantsWorker)).map(({ batchId }) => batchId),
      jobs: (atWork.length > 0 ? atWork : held).map(({ id }) => id),
    };
  }

  /** The earliest time at which {@link decide} has something to do although nothing happens, milliseconds since 1970. */
  nextDeadline(): number {
    const times = this.#deps.book
      .live()
      .flatMap((pod) => [
        ...(pod.bootDeadline === null ? [] : [pod.bootDeadline]),
        ...(pod.idleSince === null ? [] : [pod.idleSince + idleLimitMs(pod, this.#deps.settings().idleStopMinutes)]),
      ]);
    return Math.min(Number.POSITIVE_INFINITY, ...times);
  }

  #judgeBudgets(queue: readonly QueuedJob[]): void {
    const { store, settings, host, lookMs } = this.#deps;
    const { capPerDayUsd, capPerBatchUsd, capAction } = settings();
    const paid = this.#paid();
    const { spentUsd, rate } = this.#today();
    const workMs = (pods: readonly PodRecord[]): number | null =>
      capAction === 'now' ? null : Math.max(0, ...pods.map((pod) => this.#workMs(pod, queue)));
    this.#day = budgetState({ capUsd: capPerDayUsd, spentUsd, usdPerHour: rate }, lookMs, workMs(paid));

    this.#batches = new Map();
    if (capPerBatchUsd === null) return;
    for (const batchId of new Set(queue.map((job) => job.batchId))) {
      const pods = paid.filter((pod) => this.worksFor(pod.id).batches.includes(batchId));
      const state = budgetState(
        { capUsd: capPerBatchUsd, spentUsd: store.spentOnBatch(batchId), usdPerHour: rateOf(pods) },
        lookMs,
        workMs(pods),
      );
      this.#batches.set(batchId, state);
      if (state !== 'over') continue;
      for (const pod of pods) host.returnJobs(pod.id, (job) => job.batchId === batchId, say('cap_batch'));
    }
  }

  /** Milliseconds that what the pod has and one more recording would take it. */
  #workMs(pod: PodRecord, queue: readonly QueuedJob[]): number {
    const { store } = this.#deps;
    const left = queue
      .filter(({ workerId }) => workerId === pod.id)
      .reduce((sum, job) => sum + Math.max(0, (job.durationSec ?? ASSUMED_RECORDING_SEC) - job.processedSec), 0);
    const next = queue.find(({ wantsWorker }) => wantsWorker);
    const model = next?.model ?? queue[0]?.model ?? '';
    const gpuId = pod.candidate?.gpuId ?? pod.facts?.gpuId ?? '';
    const speed = store.gpuSpeeds(model).get(gpuId)?.speed ?? GPU_PRESETS[gpuId] ?? ASSUMED_SPEED;
    const more = next === undefined ? 0 : (next.durationSec ?? ASSUMED_RECORDING_SEC);
    return ((left + more) / speed) * 1000;
  }

  #one(pod: PodRecord, queue: readonly QueuedJob[]): void {
    const { book, clock } = this.#deps;
    if (this.#day === 'over' && pod.state !== 'found' && pod.state !== 'ending' && costs(pod)) {
      book.apply(pod.id, { type: 'end', reason: 'cap_day', trouble: { code: 'POD_CAP_REACHED', message: '' } });
      return;
    }
    switch (pod.state) {
      case 'starting':
      case 'ready':
      case 'draining':
        this.#working(pod, queue);
        return;
      case 'stopped':
      case 'exited':
        // It may cost its disk, and nobody may come back to it.
        book.apply(pod.id, { type: 'idle' });
        if (clock.now() - (book.get(pod.id)?.idleSince ?? clock.now()) >= STOPPED_FOR_MS)
          book.apply(pod.id, { type: 'end', reason: 'idle' });
        return;
      case 'wanted':
      case 'stopping':
      case 'ending':
      case 'ended':
      case 'failed':
      case 'found':
        return;
      default:
        pod.state satisfies never;
    }
  }

  #working(before: PodRecord, queue: readonly QueuedJob[]): void {
    const { book, host, account, clock } = this.#deps;
    const now = clock.now();
    if (before.facts?.gpuCount === 0) {
      book.apply(before.id, { type: 'end', reason: 'no_gpu', trouble: { code: 'POD_NO_GPU', message: '' } });
      return;
    }
    const token = book.token(before.id);
    const provider = account.provider();
    if (before.facts?.status === 'RUNNING' && token !== null && provider !== null) {
      const url = provider.address(before.facts.providerId, WORKER_PORT);
      const image = before.request?.image ?? before.facts.image ?? '';
      host.putWorker(
        before.id,
        before.facts.gpuId ?? before.name,
        { url, token },
        before.request?.imageDigest ?? digestOf(image),
      );
    }
    const worker = host.worker(before.id);
    if (before.state === 'starting') {
      if (worker?.health === 'ok' && before.facts?.status === 'RUNNING') book.apply(before.id, { type: 'answered' });
      else if (before.bootDeadline !== null && now >= before.bootDeadline) this.#tooSlow(before);
      else host.pokeWorker(before.id);
    } else if (worker !== null && worker.health !== 'ok' && now - worker.since >= before.bootMs) {
      this.#tooSlow(before);
      return;
    } else {
      const silent = worker !== null && worker.health !== 'ok' && now - worker.since >= SILENT_MS;
      book.apply(before.id, { type: 'trouble', error: silent ? (worker.error ?? SILENT) : null });
    }
    const pod = book.get(before.id);
    if (pod !== null && (pod.state === 'ready' || pod.state === 'draining')) this.#idle(pod, queue, now);
  }

  #tooSlow(pod: PodRecord): void {
    const { book, host, lastLogLine } = this.#deps;
    const message = bootFailure(pod, host.worker(pod.id), lastLogLine(pod.id));
    book.apply(pod.id, { type: 'end', reason: 'boot_timeout', trouble: { code: 'POD_BOOT_TIMEOUT', message } });
  }

  #idle(pod: PodRecord, queue: readonly QueuedJob[], now: number): void {
    const { book } = this.#deps;
    const { host, mayWork, settings } = this.#deps;
    const waiting =
      mayWork() && host.worker(pod.id)?.drained !== true ? queue.filter(({ wantsWorker }) => wantsWorker) : [];
    if (
      queue.some(({ workerId }) => workerId === pod.id) ||
      waiting.some(({ batchId }) => this.takes(pod.id, batchId))
    ) {
      book.apply(pod.id, { type: 'busy' });
      return;
    }
    // Nothing at hand, nothing to come: what waits is beyond a cap, or nothing waits.
    if (pod.state === 'draining') book.apply(pod.id, { type: 'end', reason: 'person' });
    else if (waiting.length > 0 && now - pod.since >= SETTLED_MS)
      book.apply(pod.id, {
        type: 'end',
        reason: this.#day === 'open' ? 'cap_batch' : 'cap_day',
        trouble: { code: 'POD_CAP_REACHED', message: '' },
      });
    else {
      const idle = book.apply(pod.id, { type: 'idle' }) ?? pod;
      if (idle.idleSince !== null && now - idle.idleSince >= idleLimitMs(idle, settings().idleStopMinutes))
        book.apply(pod.id, { type: 'end', reason: idle.forQueue ? 'drained' : 'idle' });
    }
  }
}

/** Milliseconds for which a pod that just became ready may wait for work that it may be given, though other work is beyond a cap. */
const SETTLED_MS = 60_000;
/** Milliseconds for which the last pod's price tells what a cap still pays for. */
const CAPPED_FOR_MS = 24 * 3_600_000;
/** Milliseconds that a worker may be silent before that is said. */
const SILENT_MS = 60_000;
const SILENT: ErrorReport = { code: 'REMOTE_WORKER_UNREACHABLE', message: '' };
/** Milliseconds after which a pod that stands still is ended. */
const STOPPED_FOR_MS = 24 * 3_600_000;

function rateOf(pods: readonly PodRecord[]): number {
  return pods.reduce((sum, pod) => sum + (pod.facts?.costPerHour ?? pod.candidate?.pricePerHour ?? 0), 0);
}

/** Whether its GPU is paid for now, or will be as soon as it is made. */
function costs(pod: PodRecord): boolean {
  return pod.state === 'wanted' || (pod.facts?.costPerHour ?? 0) > 0;
}
