// Owns what can be rented now for this queue: the catalogue laid against measured speeds, the candidates of a start, the plan of a run.

import type { ApiInput, ApiResult } from '../contract/api.ts';
import { AppError } from '../contract/errors.ts';
import type { GpuOffer, PodPlan, PodPrices } from '../contract/pod-prices.ts';
import type { PodSettings } from '../contract/pod-settings.ts';
import { digestOf } from '../contract/pod-settings.ts';
import type { PodCloud } from '../contract/pods.ts';
import { say } from '../contract/sentences.ts';
import type { PodHost, PodStore } from '../controller/pod-ports.ts';
import type { Clock } from '../controller/ports.ts';
import { ASSUMED_BOOT_SEC, canBeHad, choosePods, offersFor, queueSize } from '../jobs/pod-choice.ts';
import type { PodCandidate, PodRequest } from '../jobs/pod-record.ts';
import type { Account } from './account.ts';

export interface MarketDeps {
  readonly account: Account;
  readonly store: PodStore;
  readonly host: PodHost;
  readonly clock: Clock;
  readonly settings: () => PodSettings;
  /** The model of the next job. */
  readonly defaultModel: () => string;
}

interface Wish {
  readonly gpuIds?: readonly string[] | undefined;
  readonly cloud?: PodCloud | undefined;
}

export class Market {
  readonly #deps: MarketDeps;

  constructor(deps: MarketDeps) {
    this.#deps = deps;
  }

  /** @throws AppError PODS_NO_KEY and what the provider refuses with */
  async prices({ cloud }: ApiInput<'podPrices'>, signal: AbortSignal): Promise<PodPrices> {
    const { account, store, host, clock, settings, defaultModel } = this.#deps;
    const chosen = cloud ?? settings().cloud;
    const catalogue = await account.ask((provider) => provider.catalogue(chosen, settings().minCudaVersion, signal));
    const waiting = host.queue().filter(({ wantsWorker }) => wantsWorker);
    const queue = queueSize(host.waiting());
    const model = mostCommon(waiting.map((job) => job.model)) ?? defaultModel();
    const measured = store.gpuSpeeds(model);
    return {
      offers: offersFor(catalogue, { queue, cloud: chosen, measured, bootSec: this.bootSec() }),
      ...{ queue, model, fetchedAt: clock.now() },
    };
  }

  bootSec(): number {
    return this.#deps.store.bootSeconds() ?? ASSUMED_BOOT_SEC;
  }

  /**
   * What to ask for: the GPUs in the person's order, else the presets from the cheapest for this queue on.
   * @throws AppError PODS_NO_IMAGE, PODS_NO_CAPACITY
   */
  async request(wish: Wish, signal: AbortSignal): Promise<PodRequest> {
    const { settings } = this.#deps;
    const { image } = settings();
    if (image === '') throw new AppError('PODS_NO_IMAGE');
    const cloud = wish.cloud ?? settings().cloud;
    const { offers } = await this.prices({ cloud }, signal);
    const candidates = this.#chosen(wish, offers).map(candidateOf);
    if (candidates.length === 0) throw new AppError('PODS_NO_CAPACITY');
    return { image, imageDigest: digestOf(image), candidates, cloud };
  }

  /** @throws AppError PODS_NO_CAPACITY, CONFLICT where nothing waits, and what the provider refuses with */
  async plan(input: ApiInput<'runPods'>, signal: AbortSignal): Promise<PodPlan> {
    const { queue, offers } = await this.prices({ cloud: input.cloud }, signal);
    if (queue.jobs === 0) throw new AppError('CONFLICT', say('queue_empty'));
    const deadlineSec = input.deadlineHours === undefined ? null : input.deadlineHours * 3600;
    const most = Math.min(input.maxPods ?? this.#deps.settings().maxPods, this.#deps.settings().maxPods);
    const plans = this.#chosen(input, offers).flatMap((offer) => {
      const number = choosePods(offer, { queue, bootSec: this.bootSec() }, most, deadlineSec);
      return number === null || offer.pricePerHour === null
        ? []
        : [{ ...number, offer, pricePerHour: offer.pricePerHour }];
    });
    // A deadline that can be kept comes before the price.
    const [best] = plans.toSorted(
      (one, other) =>
        Number(other.meetsDeadline ?? true) - Number(one.meetsDeadline ?? true) ||
        one.estimate.usd - other.estimate.usd,
    );
    if (best === undefined) throw new AppError('PODS_NO_CAPACITY');
    const { offer, ...number } = best;
    return { ...number, gpuId: offer.gpuId, gpuName: offer.name, queue };
  }

  #chosen({ gpuIds }: Wish, offers: readonly GpuOffer[]): readonly GpuOffer[] {
    const wanted = gpuIds ?? this.#deps.settings().gpuIds;
    if (wanted.length === 0) return offers.filter((offer) => offer.preset && canBeHad(offer));
    // What a person named is asked for even where the catalogue says that there is none: it may be old by then.
    return wanted.flatMap(
      (gpuId) => offers.find((offer) => offer.gpuId === gpuId && offer.pricePerHour !== null) ?? [],
    );
  }
}

function candidateOf({ gpuId, name, memoryGB, pricePerHour }: GpuOffer): PodCandidate {
  return { gpuId, gpuName: name, memoryGB, pricePerHour };
}

function mostCommon(words: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].toSorted(([, one], [, other]) => other - one)[0]?.[0] ?? null;
}

/** The sum of what was spent, as the contract has it. */
export function spendingOf(
  { store, host, clock, settings }: Pick<MarketDeps, 'store' | 'host' | 'clock' | 'settings'>,
  days: number,
  costPerHour: number,
): ApiResult<'podSpending'> {
  const DAY_MS = 86_400_000;
  const now = clock.now();
  const names = Array.from({ length: days }, (_, index) =>
    new Date(now - (days - 1 - index) * DAY_MS).toISOString().slice(0, 10),
  );
  const first = names[0] ?? '';
  const spent = new Map(store.spentByDay(first).map((day) => [day.day, day]));
  const list = names.map((day) => spent.get(day) ?? { day, usd: 0, billed: false, audioSec: 0 });
  const total = list.reduce((sum, { usd }) => sum + usd, 0);
  const audioSec = list.reduce((sum, day) => sum + day.audioSec, 0);
  return {
    costPerHour,
    today: list.at(-1)?.usd ?? 0,
    days: list,
    batches: store.spentByBatch(first).map(({ batchId, usd, audioSec: heard }) => ({
      batchId,
      name: batchId === null ? 'Nothing to do' : (host.batchName(batchId) ?? 'A batch that was removed'),
      usd,
      audioSec: heard,
      usdPerAudioHour: perHour(usd, heard),
    })),
    total,
    usdPerAudioHour: perHour(total, audioSec),
    caps: { perBatchUsd: settings().capPerBatchUsd, perDayUsd: settings().capPerDayUsd },
  };
}

function perHour(usd: number, audioSec: number): number | null {
  return audioSec > 0 ? (usd * 3600) / audioSec : null;
}
