// Owns the choice of a machine: which GPUs are good for transcribing, what a queue costs on each, and how many to take. Pure; prices and
// measured speeds are arguments, and no price is written here.

import type { Availability, CostEstimate, GpuOffer, GpuSpeed, QueueSize } from '../contract/pod-prices.ts';
import type { PodCloud } from '../contract/pods.ts';
import { say } from '../contract/sentences.ts';

/**
 * GPUs that are good for transcribing, with a rough speed for large-v3: seconds of recording per second. Careful figures from what others
 * published for comparable engines; used until this computer has measured its own.
 */
export const GPU_PRESETS: Readonly<Record<string, number>> = {
  'NVIDIA GeForce RTX 4090': 30,
  'NVIDIA A40': 16,
  'NVIDIA L40': 24,
  'NVIDIA L40S': 28,
  'NVIDIA A100 80GB PCIe': 28,
  'NVIDIA A100-SXM4-80GB': 30,
  'NVIDIA H100 PCIe': 38,
  'NVIDIA H100 80GB HBM3': 42,
  'NVIDIA H100 NVL': 40,
};

/** Seconds from pressing start to the first work, until it was measured: machine, image, model. */
export const ASSUMED_BOOT_SEC = 240;

/** GB of GPU memory below which large-v3 in float16 with batches does not fit. */
const LEAST_MEMORY_GB = 10;

/** A GPU as the provider's catalogue has it. */
export interface CatalogueGpu {
  readonly gpuId: string;
  readonly name: string;
  readonly manufacturer: string;
  readonly memoryGB: number;
  /** US dollars per hour by cloud; null where it is not offered there. */
  readonly price: Readonly<Record<PodCloud, number | null>>;
  readonly availability: Availability;
}

export interface Situation {
  readonly queue: QueueSize;
  readonly cloud: PodCloud;
  /** Measured for the model in question, by GPU. */
  readonly measured: ReadonlyMap<string, GpuSpeed>;
  readonly bootSec: number;
}

/** The queue's size; recordings of unknown length are counted as the average of the others. */
export function queueSize(
  { jobs, unmeasured, seconds }: { readonly jobs: number; readonly unmeasured: number; readonly seconds: number },
  assumedSec = 1800,
): QueueSize {
  const known = jobs - unmeasured;
  const average = known > 0 ? seconds / known : assumedSec;
  return { jobs, audioSec: seconds + unmeasured * average, unknown: unmeasured };
}

/** Time and money for the queue on so many pods of one kind. Recordings are not split, so more pods than recordings are no help. */
export function estimate(
  queue: QueueSize,
  { speed, basis }: Pick<GpuSpeed, 'speed' | 'basis'>,
  usdPerHour: number,
  pods: number,
  bootSec: number,
): CostEstimate {
  const busySec = queue.audioSec / speed / Math.min(pods, Math.max(1, queue.jobs));
  const wallSec = bootSec + busySec;
  return { pods, audioSec: queue.audioSec, wallSec, usd: (usdPerHour * pods * wallSec) / 3600, basis };
}

/** The catalogue as offers for this queue: what can be had before what cannot, presets first, the cheapest on top. */
export function offersFor(catalogue: readonly CatalogueGpu[], situation: Situation): GpuOffer[] {
  const offers = catalogue
    .filter(({ manufacturer, memoryGB }) => manufacturer !== 'AMD' && memoryGB >= LEAST_MEMORY_GB)
    .map((gpu) => offerOf(gpu, situation))
    .sort(
      (one, other) =>
        Number(canBeHad(other)) - Number(canBeHad(one)) ||
        Number(other.preset) - Number(one.preset) ||
        worth(one) - worth(other) ||
        one.gpuId.localeCompare(other.gpuId),
    );
  const cheapest = offers
    .filter((offer) => canBeHad(offer) && offer.estimate !== null)
    .sort((one, other) => worth(one) - worth(other))[0];
  return offers.map((offer) => (offer === cheapest ? { ...offer, cheapest: true } : offer));
}

function offerOf(gpu: CatalogueGpu, { queue, cloud, measured, bootSec }: Situation): GpuOffer {
  const pricePerHour = gpu.price[cloud];
  const assumed = GPU_PRESETS[gpu.gpuId];
  const speed: GpuSpeed | null =
    measured.get(gpu.gpuId) ??
    (assumed === undefined ? null : { speed: assumed, basis: 'assumed', recordings: 0, audioSec: 0 });
  return {
    ...{ gpuId: gpu.gpuId, name: gpu.name, memoryGB: gpu.memoryGB, preset: assumed !== undefined, cloud },
    ...{ pricePerHour, availability: gpu.availability, speed, cheapest: false },
    usdPerAudioHour: speed === null || pricePerHour === null ? null : pricePerHour / speed.speed,
    estimate: speed === null || pricePerHour === null ? null : estimate(queue, speed, pricePerHour, 1, bootSec),
  };
}

/** Whether it is worth asking for: it has a price, and the provider does not say that there is none. */
export function canBeHad({ pricePerHour, availability }: GpuOffer): boolean {
  return pricePerHour !== null && availability !== 'NONE';
}

function worth({ estimate: cost, usdPerAudioHour }: GpuOffer): number {
  if (cost === null) return Number.POSITIVE_INFINITY;
  return cost.audioSec > 0 ? cost.usd : (usdPerAudioHour ?? Number.POSITIVE_INFINITY);
}

/** How much more a faster plan may cost than the cheapest one when no deadline decides. */
const WORTH_ITS_TIME = 1.15;

/** How many pods to take of an offer, and why. */
export interface PodNumber {
  readonly pods: number;
  readonly estimate: CostEstimate;
  readonly meetsDeadline: boolean | null;
  readonly reason: string;
}

/**
 * The number of pods against price and deadline. With a deadline, the fewest that keep it, or the most that may be taken. Without one, the
 * most whose boots add no more than 15 % to the price of one. Never more than recordings. Null where the offer's cost is not known.
 * @param deadlineSec seconds from now
 */
export function choosePods(
  offer: GpuOffer,
  { queue, bootSec }: Pick<Situation, 'queue' | 'bootSec'>,
  maxPods: number,
  deadlineSec: number | null,
): PodNumber | null {
  const { speed, pricePerHour } = offer;
  if (speed === null || pricePerHour === null) return null;
  const most = Math.max(1, Math.min(maxPods, queue.jobs));
  const on = (pods: number): CostEstimate => estimate(queue, speed, pricePerHour, pods, bootSec);
  const all = Array.from({ length: most }, (_, index) => on(index + 1));
  if (deadlineSec !== null) {
    const inTime = all.find(({ wallSec }) => wallSec <= deadlineSec);
    const chosen = inTime ?? on(most);
    return {
      pods: chosen.pods,
      estimate: chosen,
      meetsDeadline: inTime !== undefined,
      reason:
        inTime === undefined
          ? say('choice_late', { pods: said(most) })
          : chosen.pods === 1
            ? say('choice_in_time_one')
            : say('choice_in_time', { pods: said(chosen.pods) }),
    };
  }
  const limit = on(1).usd * WORTH_ITS_TIME;
  const chosen = all.findLast(({ usd }) => usd <= limit) ?? on(1);
  return {
    pods: chosen.pods,
    estimate: chosen,
    meetsDeadline: null,
    reason:
      chosen.pods === most ? say('choice_all', { pods: said(most) }) : say('choice_some', { pods: said(chosen.pods) }),
  };
}

function said(pods: number): string {
  return pods === 1 ? say('one_pod') : say('many_pods', { count: pods });
}
