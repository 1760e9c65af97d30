// Owns sample facts about rented machines for the engine in memory: no pods, a pod that was just asked for, prices, a month of spending.

import type { GpuOffer, PodPrices } from '../../contract/pod-prices.ts';
import type { PodSpending } from '../../contract/pod-spending.ts';
import type { PodsSummary, PodView } from '../../contract/pods.ts';

/** Nothing rented, no key. */
export const NO_PODS: PodsSummary = {
  account: { state: 'no_key', apiKeySaved: false, hfTokenSaved: false, error: null, checkedAt: null, retryAt: null },
  ...{ live: 0, costPerHour: 0, spentToday: 0, capPerDayUsd: 20, found: 0 },
};

const SAMPLE_DIGEST = `sha256:${'4e'.repeat(32)}`;

/** A pod whose start was just asked for. */
export function samplePod(id: string, now: number): PodView {
  return {
    ...{ id, name: `bt-1a2b3c4d-${id}`, providerId: null, state: 'wanted', since: now },
    ...{ gpuId: 'NVIDIA GeForce RTX 4090', gpuName: 'RTX 4090', gpuCount: null, memoryGB: 24, cloud: 'SECURE' },
    ...{ dataCenterId: null, cudaVersion: null, image: `registry.example/worker@${SAMPLE_DIGEST}` },
    ...{ imageDigest: SAMPLE_DIGEST, imageAtProvider: null, imageDiffers: null, costPerHour: 0, spent: 0 },
    ...{ spentToday: 0, createdAt: now, readyAt: null, endedAt: null, bootDeadline: null, idleSince: null },
    ...{ idleEndsAt: null, workerId: id, url: null, jobsHeld: 0, jobsDone: 0, audioSec: 0, endReason: null },
    ...{ trouble: null, detail: 'Being asked for.', actions: ['terminate'], foreign: false },
  };
}

function offer(patch: Partial<GpuOffer> & Pick<GpuOffer, 'gpuId' | 'name' | 'memoryGB'>): GpuOffer {
  return {
    ...{ preset: true, cloud: 'SECURE', pricePerHour: 1, availability: 'HIGH', cheapest: false },
    ...{ speed: null, usdPerAudioHour: null, estimate: null },
    ...patch,
  };
}

/** Prices as a provider might tell them; invented, and for looking only. */
export function samplePodPrices(now: number): PodPrices {
  const measured = { speed: 48, basis: 'measured', recordings: 31, audioSec: 88_000 } as const;
  const assumed = { speed: 30, basis: 'assumed', recordings: 0, audioSec: 0 } as const;
  return {
    offers: [
      offer({
        ...{ gpuId: 'NVIDIA GeForce RTX 4090', name: 'RTX 4090', memoryGB: 24, pricePerHour: 0.44, cheapest: true },
        ...{ speed: measured, usdPerAudioHour: 0.0092 },
        estimate: { pods: 1, audioSec: 43_200, wallSec: 1080, usd: 0.13, basis: 'measured' },
      }),
      offer({
        ...{ gpuId: 'NVIDIA A100 80GB PCIe', name: 'A100 PCIe', memoryGB: 80, pricePerHour: 1.19, availability: 'LOW' },
        ...{ speed: assumed, usdPerAudioHour: 0.0397 },
        estimate: { pods: 1, audioSec: 43_200, wallSec: 1620, usd: 0.54, basis: 'assumed' },
      }),
      offer({ gpuId: 'NVIDIA A40', name: 'A40', memoryGB: 48, pricePerHour: 0.4, availability: 'NONE' }),
    ],
    queue: { jobs: 12, audioSec: 43_200, unknown: 2 },
    model: 'large-v3',
    fetchedAt: now,
  };
}

/** Nothing spent. */
export function sampleSpending(): PodSpending {
  return {
    ...{ costPerHour: 0, today: 0, days: [], batches: [], total: 0, usdPerAudioHour: null },
    caps: { perBatchUsd: null, perDayUsd: 20 },
  };
}
