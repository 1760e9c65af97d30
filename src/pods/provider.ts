// Owns what a provider of rented machines must do, whoever it is, and how it refuses. Each one runs the suite in provider.cases.ts.

import type { ErrorCode } from '../contract/errors.ts';
import { AppError } from '../contract/errors.ts';
import type { PodCloud, PodLogLine } from '../contract/pods.ts';
import type { CatalogueGpu } from '../jobs/pod-choice.ts';
import type { PodFacts } from '../jobs/pod-record.ts';

/** What a pod is made of. */
export interface PodSpec {
  readonly name: string;
  /** By digest. */
  readonly image: string;
  readonly gpuId: string;
  readonly cloud: PodCloud;
  readonly dataCenterIds: readonly string[];
  readonly diskGB: number;
  readonly minCudaVersion: string;
  readonly registryId: string | null;
  /** The port at which the worker listens; the provider leads an https address to it. */
  readonly port: number;
  /** Holds secrets: never to be logged. */
  readonly env: Readonly<Record<string, string>>;
}

/** A pod as the provider lists it. */
export interface ProviderPod {
  readonly name: string;
  readonly facts: PodFacts;
  /** The environment as the provider shows it; holds secrets. */
  readonly env: Readonly<Record<string, string>>;
  readonly createdAt: number | null;
}

export interface PodBill {
  readonly providerId: string;
  /** `2026-11-25`, UTC. */
  readonly day: string;
  readonly usd: number;
}

/** A refusal or a failure of the provider. `code` is one of the `PODS_*`. */
export class ProviderRefusal extends AppError {
  /** HTTP status; null where there was no answer. */
  readonly status: number | null;
  /** What the provider said, for people. */
  readonly detail: string;
  /** Milliseconds after which it may be asked again; null where it did not say. */
  readonly retryAfterMs: number | null;

  constructor(
    code: ErrorCode,
    message: string,
    {
      status = null,
      detail = '',
      retryAfterMs = null,
      cause,
    }: {
      readonly status?: number | null;
      readonly detail?: string;
      readonly retryAfterMs?: number | null;
      readonly cause?: unknown;
    } = {},
  ) {
    super(code, message, { cause });
    this.name = 'ProviderRefusal';
    this.status = status;
    this.detail = detail;
    this.retryAfterMs = retryAfterMs;
  }

  /** True when it is not known whether what was asked for was done. */
  get uncertain(): boolean {
    return this.code === 'PODS_UNREACHABLE' || this.code === 'PODS_PROTOCOL';
  }
}

export type PodPower = 'start' | 'stop' | 'restart';

/**
 * A provider of machines. Every method throws ProviderRefusal and nothing else; no call lasts longer than 30 s but `logs`.
 * PODS_KEY_REFUSED, PODS_FORBIDDEN, PODS_NO_BALANCE, PODS_GONE, PODS_CONFLICT, PODS_REQUEST_WRONG, PODS_RATE_LIMITED, PODS_UNREACHABLE
 * (no answer, or none that is worth something: it is not known what was done), PODS_PROTOCOL.
 */
export interface PodProvider {
  catalogue(cloud: PodCloud, minCudaVersion: string, signal: AbortSignal): Promise<readonly CatalogueGpu[]>;
  /**
   * Makes one. Not repeatable: after an uncertain refusal, look for the name.
   * PODS_NO_CAPACITY or PODS_REQUEST_WRONG where this GPU is not to be had as asked for; the provider does not always tell the two apart.
   */
  create(spec: PodSpec, signal: AbortSignal): Promise<ProviderPod>;
  /** All pods of the account, whoever made them. */
  list(signal: AbortSignal): Promise<readonly ProviderPod[]>;
  get(providerId: string, signal: AbortSignal): Promise<ProviderPod>;
  /** PODS_CONFLICT when the pod is in no state for it. */
  power(providerId: string, what: PodPower, signal: AbortSignal): Promise<ProviderPod>;
  /** Ends it for good. One that is gone already is no error. */
  terminate(providerId: string, signal: AbortSignal): Promise<void>;
  /** The last `tail` lines and then new ones, until the signal ends it or the stream ends. `after` takes a broken stream up again. */
  logs(
    providerId: string,
    from: { readonly tail: number; readonly after: string | null },
    signal: AbortSignal,
  ): AsyncIterable<{ readonly id: string; readonly line: PodLogLine }>;
  /** By pod and day, the present day included. */
  bills(days: number, signal: AbortSignal): Promise<readonly PodBill[]>;
  /** The https address that leads to `port` of a pod. */
  address(providerId: string, port: number): string;
  close(): Promise<void>;
}

/** Makes a provider for an account's key. */
export type OpenProvider = (apiKey: string) => PodProvider;
