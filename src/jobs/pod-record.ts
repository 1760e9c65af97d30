// Owns the pod as the engine keeps it: everything that its life may read or change. The view in contract/pods.ts is made from it.

import type { ErrorReport } from '../contract/errors.ts';
import type { PodCloud, PodEndReason, PodState } from '../contract/pods.ts';
import type { Instant } from './record.ts';

/** One GPU that may be asked for. `pricePerHour` in US dollars, as the catalogue had it when the start was asked for. */
export interface PodCandidate {
  readonly gpuId: string;
  readonly gpuName: string;
  readonly memoryGB: number;
  readonly pricePerHour: number | null;
}

/** What was asked for. Frozen when the intent is written, so that a start that goes on after a crash asks for the same. */
export interface PodRequest {
  readonly image: string;
  readonly imageDigest: string | null;
  /** In the order in which they are tried. */
  readonly candidates: readonly PodCandidate[];
  readonly cloud: PodCloud;
}

/** The provider's states of a pod. `TERMINATED` is as good as gone. */
export const PROVIDER_STATUSES = ['PROVISIONING', 'STARTING', 'RUNNING', 'EXITED', 'ERROR', 'TERMINATED'] as const;
export type ProviderStatus = (typeof PROVIDER_STATUSES)[number];

/** What the provider says of a pod. Null where it says nothing. */
export interface PodFacts {
  readonly providerId: string;
  readonly status: ProviderStatus;
  readonly costPerHour: number;
  readonly gpuId: string | null;
  /** 0 for a pod that came back without its GPU. */
  readonly gpuCount: number | null;
  readonly cloud: PodCloud | null;
  readonly dataCenterId: string | null;
  readonly cudaVersion: string | null;
  readonly image: string | null;
}

export interface PodRecord {
  readonly id: string;
  readonly name: string;
  readonly state: PodState;
  readonly since: Instant;
  /** Null for a found pod: nobody here asked for it. */
  readonly request: PodRequest | null;
  /** How many times its making was asked for; each time the intent is on disk before. */
  readonly tries: number;
  readonly postedAt: Instant | null;
  /** The candidate that was asked for last. */
  readonly candidate: PodCandidate | null;
  readonly facts: PodFacts | null;
  /** When the provider last spoke of it. */
  readonly seenAt: Instant | null;
  /** Until when its cost is written down. */
  readonly meteredAt: Instant | null;
  readonly bootDeadline: Instant | null;
  readonly bootMs: number;
  readonly idleSince: Instant | null;
  /** Milliseconds without work after which it is ended. */
  readonly idleMs: number;
  /** True for one that was started to run the queue: it ends when that is done. */
  readonly forQueue: boolean;
  readonly endReason: PodEndReason | null;
  readonly trouble: ErrorReport | null;
  readonly foreign: boolean;
  readonly jobsDone: number;
  readonly audioSec: number;
  readonly createdAt: Instant;
  readonly readyAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly revision: number;
}

/** The record of a pod whose start was asked for just now. */
export function wantedPod(
  pod: Pick<PodRecord, 'id' | 'name' | 'bootMs' | 'idleMs' | 'forQueue'> & { readonly request: PodRequest },
  now: Instant,
): PodRecord {
  return { ...fresh(pod, now), ...pod, state: 'wanted' };
}

/** The record of a pod that runs under a name of ours and is not known here. */
export function foundPod(
  pod: Pick<PodRecord, 'id' | 'name' | 'bootMs' | 'idleMs' | 'foreign'> & { readonly facts: PodFacts },
  now: Instant,
): PodRecord {
  return { ...fresh(pod, now), ...pod, state: 'found', seenAt: now };
}

/**
 * Milliseconds without work after which a pod is ended: as when it was started, or less where the setting was lowered since. A longer
 * setting is for pods that start later: nobody is to pay more for one than was agreed.
 */
export function idleLimitMs({ idleMs }: Pick<PodRecord, 'idleMs'>, idleStopMinutes: number): number {
  return Math.min(idleMs, idleStopMinutes * 60_000);
}

function fresh(
  { id, name, bootMs, idleMs }: Pick<PodRecord, 'id' | 'name' | 'bootMs' | 'idleMs'>,
  now: Instant,
): PodRecord {
  return {
    ...{ id, name, bootMs, idleMs, state: 'wanted', since: now, request: null, tries: 0, postedAt: null },
    ...{ candidate: null, facts: null, seenAt: null, meteredAt: null, bootDeadline: null, idleSince: null },
    ...{ forQueue: false, endReason: null, trouble: null, foreign: false, jobsDone: 0, audioSec: 0 },
    ...{ createdAt: now, readyAt: null, endedAt: null, revision: 0 },
  };
}
