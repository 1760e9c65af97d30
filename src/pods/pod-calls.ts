// Owns the calls about rented machines: what is refused, what is written, and what is answered.

import type { ApiInput, ApiResult } from '../contract/api.ts';
import { AppError } from '../contract/errors.ts';
import type { CapReason } from '../contract/job.ts';
import type { PodView } from '../contract/pods.ts';
import { say } from '../contract/sentences.ts';
import type { Delivered, PodFleet } from '../controller/pod-ports.ts';
import { podActions } from '../jobs/pod-life.ts';
import type { PodRecord, PodRequest } from '../jobs/pod-record.ts';
import type { FleetDeps } from './fleet.ts';
import { Fleet } from './fleet.ts';
import { Market, spendingOf } from './market.ts';
import type { PodPower } from './provider.ts';

export interface RentingDeps extends FleetDeps {
  /** The model of a job that names none. */
  readonly defaultModel: () => string;
}

/** Milliseconds for which a pod that ended is still listed. */
const LISTED_MS = 24 * 3_600_000;
/** Milliseconds that a call may wait for the provider. */
const ANSWER_MS = 60_000;

/** {@link PodFleet} over a provider and a store. */
export class RentedPods implements PodFleet {
  readonly #deps: RentingDeps;
  readonly #fleet: Fleet;
  readonly #market: Market;

  constructor(deps: RentingDeps) {
    this.#deps = deps;
    this.#fleet = new Fleet(deps);
    const { store, host, clock, settings, defaultModel } = deps;
    this.#market = new Market({ account: this.#fleet.account, store, host, clock, settings, defaultModel });
  }

  start(): void {
    this.#fleet.start();
  }

  close(): Promise<void> {
    return this.#fleet.close();
  }

  /** Resolves when no pod is being made here any more. */
  settled(): Promise<void> {
    return this.#fleet.settled();
  }

  takes(workerId: string, batchId: string): boolean {
    return this.#fleet.book.get(workerId) === null || this.#fleet.upkeep.takes(workerId, batchId);
  }

  capOn(batchId: string): CapReason | null {
    return this.#fleet.upkeep.capOn(batchId);
  }

  anyComing(): boolean {
    return (
      this.#deps.mayWork() && this.#fleet.book.live().some(({ state }) => state === 'wanted' || state === 'starting')
    );
  }

  delivered(what: Delivered): void {
    this.#fleet.delivered(what);
  }

  changed(): void {
    this.#fleet.changed();
  }

  list(): ApiResult<'listPods'> {
    const ended = this.#deps.store.endedPods(this.#deps.clock.now() - LISTED_MS);
    const pods = [...this.#fleet.book.live(), ...ended].toSorted((one, other) => other.createdAt - one.createdAt);
    return { pods: pods.map((pod) => this.#fleet.view(pod)), summary: this.#fleet.summary() };
  }

  async check(): Promise<ApiResult<'checkPods'>> {
    await this.#fleet.look();
    return this.list();
  }

  prices(input: ApiInput<'podPrices'>): Promise<ApiResult<'podPrices'>> {
    return this.#market.prices(input, limit());
  }

  async startPod(input: ApiInput<'startPod'>): Promise<PodView> {
    this.#mayStart(1);
    const request = await this.#market.request(input, limit());
    // Another start may have come first.
    this.#mayStart(1);
    this.#mayPay(request, 1);
    return this.#fleet.view(this.#fleet.begin(request, false));
  }

  async run(input: ApiInput<'runPods'>): Promise<ApiResult<'runPods'>> {
    const plan = await this.#market.plan(input, limit());
    if (input.dryRun) return { plan, pods: [] };
    const { gpuIds, cloud } = input;
    this.#mayStart(1);
    const request = await this.#market.request({ gpuIds, cloud }, limit());
    // The planned GPU first, the others behind it for when it is not to be had.
    const candidates = [
      ...request.candidates.filter(({ gpuId }) => gpuId === plan.gpuId),
      ...request.candidates.filter(({ gpuId }) => gpuId !== plan.gpuId),
    ];
    this.#mayStart(plan.pods);
    this.#mayPay({ ...request, candidates }, plan.pods);
    const pods = Array.from({ length: plan.pods }, () => this.#fleet.begin({ ...request, candidates }, true));
    return { plan, pods: pods.map((pod) => this.#fleet.view(pod)) };
  }

  async change({ id, action }: ApiInput<'changePod'>): Promise<PodView> {
    const pod = this.#pod(id);
    if (!podActions(pod, this.#fleet.book.token(id) !== null).includes(action))
      throw new AppError('CONFLICT', say('pod_not_now'));
    const { book } = this.#fleet;
    switch (action) {
      case 'terminate':
        book.apply(id, { type: 'end', reason: 'person' });
        await this.#fleet.look();
        break;
      case 'stop':
        book.apply(id, { type: 'stop' });
        await this.#fleet.look();
        break;
      case 'drain':
        book.apply(id, { type: 'drain' });
        this.#fleet.changed();
        break;
      case 'adopt':
        book.apply(id, { type: 'adopt' });
        await this.#fleet.look();
        break;
      case 'start':
      case 'restart':
        await this.#power(pod, action);
        break;
      default:
        action satisfies never;
    }
    return this.#fleet.view(this.#pod(id));
  }

  async log(id: string): Promise<ApiResult<'podLog'>> {
    const pod = this.#pod(id);
    return { lines: [...(await this.#fleet.logs.read(id, pod.facts?.providerId ?? null))] };
  }

  spending({ days }: ApiInput<'podSpending'>): ApiResult<'podSpending'> {
    this.#fleet.book.meterAll();
    return spendingOf(this.#deps, days, this.#fleet.summary().costPerHour);
  }

  costOf(jobId: string): number | null {
    return this.#deps.store.spentOnJob(jobId);
  }

  costOfBatch(batchId: string): number | null {
    const usd = this.#deps.store.spentOnBatch(batchId);
    return usd > 0 ? usd : null;
  }

  async saveSecrets({ apiKey, hfToken }: ApiInput<'savePodSecrets'>): Promise<ApiResult<'savePodSecrets'>> {
    this.#fleet.account.save(apiKey, hfToken);
    if (apiKey !== undefined) await this.#fleet.look();
    this.#fleet.tellSum();
    return this.#fleet.summary();
  }

  /** To start costs money, so what stands against it is said before anything is written. */
  #mayStart(more: number): void {
    const { settings, mayWork } = this.#deps;
    if (!mayWork()) throw new AppError('CONFLICT', say('pods_mode_off'));
    if (!this.#fleet.account.hasKey) throw new AppError('PODS_NO_KEY');
    const mine = this.#fleet.book.live().filter(({ state }) => state !== 'found').length;
    if (mine + more > settings().maxPods)
      throw new AppError('CONFLICT', say('pods_enough', { count: mine, most: settings().maxPods }));
  }

  /** @throws AppError POD_CAP_REACHED when what is left for today does not pay for so many starts of the first candidate. */
  #mayPay({ candidates }: PodRequest, pods: number): void {
    this.#fleet.upkeep.decide();
    const usdPerHour = (candidates[0]?.pricePerHour ?? 0) * pods;
    if (!this.#fleet.upkeep.affords(usdPerHour, this.#market.bootSec()))
      throw new AppError('POD_CAP_REACHED', say('pods_cap_left'));
  }

  /** A pod that stands still is paid for from here on; the next look would see it, too. */
  async #power(pod: PodRecord, what: PodPower & ('start' | 'restart')): Promise<void> {
    const providerId = pod.facts?.providerId;
    if (providerId === undefined) throw new AppError('CONFLICT', say('pod_unconfirmed'));
    const { facts } = await this.#fleet.account.ask((provider) => provider.power(providerId, what, limit()));
    this.#deps.host.restWorker(pod.id, say('machine_starts'));
    this.#fleet.book.apply(pod.id, { type: what });
    this.#fleet.book.seen(pod.id, facts);
    await this.#fleet.look();
  }

  #pod(id: string): PodRecord {
    const pod = this.#fleet.book.get(id);
    if (pod === null) throw new AppError('NOT_FOUND', say('pod_unknown'));
    return pod;
  }
}

function limit(): AbortSignal {
  return AbortSignal.timeout(ANSWER_MS);
}
