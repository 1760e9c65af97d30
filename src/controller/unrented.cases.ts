// Owns an engine without rented machines: it has none, and every wish for one is refused for want of a key.

import { AppError } from '../contract/errors.ts';
import type { PodsSummary } from '../contract/pods.ts';
import type { RentPods } from './pod-ports.ts';

const NONE: PodsSummary = {
  account: { state: 'no_key', apiKeySaved: false, hfTokenSaved: false, error: null, checkedAt: null, retryAt: null },
  live: 0,
  costPerHour: 0,
  spentToday: 0,
  capPerDayUsd: null,
  found: 0,
};

async function refuse(): Promise<never> {
  throw new AppError('PODS_NO_KEY');
}

/** Rents nothing. */
export const unrented: RentPods = () => ({
  start: () => undefined,
  close: async () => undefined,
  takes: () => true,
  capOn: () => null,
  anyComing: () => false,
  delivered: () => undefined,
  changed: () => undefined,
  list: () => ({ pods: [], summary: NONE }),
  check: async () => ({ pods: [], summary: NONE }),
  prices: refuse,
  startPod: refuse,
  run: refuse,
  change: refuse,
  log: refuse,
  spending: () => ({
    ...{ costPerHour: 0, today: 0, days: [], batches: [], total: 0, usdPerAudioHour: null },
    caps: { perBatchUsd: null, perDayUsd: null },
  }),
  costOf: () => null,
  costOfBatch: () => null,
  saveSecrets: refuse,
});
