// Owns the interfaces between the engine and the rented machines: what the engine's calls ask of them, and what they need of the engine.

import type { ApiInput, ApiResult, AppEvent } from '../contract/api.ts';
import type { ErrorReport } from '../contract/errors.ts';
import type { IdentityVerdict } from '../contract/identity.ts';
import type { WorkerHealth } from '../contract/worker-view.ts';
import type { Ping } from '../contract/worker-wire.ts';
import type { WorkerAddress } from './ports.ts';

/** A job that is not final, as far as renting is concerned. */
export interface QueuedJob {
  readonly id: string;
  readonly batchId: string;
  readonly model: string;
  /** Seconds; null before it was prepared. */
  readonly durationSec: number | null;
  /** Seconds of it that are heard already. */
  readonly processedSec: number;
  /** The worker that has it; null while it waits for one. */
  readonly workerId: string | null;
  /** True when a worker with a free place would be given it now or soon. */
  readonly wantsWorker: boolean;
}

/** A transcript that has arrived from a worker. */
export interface Delivered {
  readonly jobId: string;
  readonly batchId: string;
  readonly workerId: string;
  readonly attempt: number;
  readonly model: string;
  readonly durationSec: number | null;
  /** When the attempt was opened, milliseconds since 1970. */
  readonly startedAt: number;
  readonly at: number;
}

/** A worker on a rented machine as its link sees it. */
export interface PodWorker {
  readonly health: WorkerHealth;
  readonly since: number;
  readonly ping: Ping | null;
  readonly error: ErrorReport | null;
  readonly verdict: IdentityVerdict;
}

/** What rented machines need of the engine. */
export interface PodHost {
  queue(): readonly QueuedJob[];
  batchName(batchId: string): string | null;
  /** Makes the worker known, or gives it another address. `imageDigest` is what its identity is held against. */
  putWorker(id: string, name: string, address: WorkerAddress, imageDigest: string | null): void;
  worker(id: string): PodWorker | null;
  /** Says why there is nobody to ask now; its jobs keep their attempts. */
  restWorker(id: string, detail: string): void;
  /** Asks it at once instead of at its next interval. */
  pokeWorker(id: string): void;
  /**
   * Takes the worker away, its machine being gone for good by the provider's word: what it had goes back into the queue, and no death is
   * held against any recording.
   */
  loseWorker(id: string, why: string): Promise<void>;
  /** Gives jobs that a worker has back to the queue, where they wait until `retryJob` or {@link PodFleet.takes} lets them go on. */
  returnJobs(workerId: string, which: (job: QueuedJob) => boolean, why: string): void;
  publish(event: AppEvent): void;
  /** Something changed in what may be given out. */
  nudge(): void;
}

/** Rented machines, as the engine sees them. */
export interface PodFleet {
  /** Looks at the provider, takes up what an earlier run left, and goes on by itself. */
  start(): void;
  /** Stops looking. Pods stay as they are; their own timers end them when nobody comes back. */
  close(): Promise<void>;
  /** Whether the worker may be given this job: not while its pod is being emptied, nor beyond a cap. Workers that are no pods may. */
  takes(workerId: string, batchId: string): boolean;
  /** True while a machine is on its way whose worker may be used soon. */
  anyComing(): boolean;
  /** A transcript arrived: what it cost and how fast the GPU was is known now. */
  delivered(what: Delivered): void;
  /** The queue or the settings changed. */
  changed(): void;

  list(): ApiResult<'listPods'>;
  check(): Promise<ApiResult<'checkPods'>>;
  prices(input: ApiInput<'podPrices'>): Promise<ApiResult<'podPrices'>>;
  startPod(input: ApiInput<'startPod'>): Promise<ApiResult<'startPod'>>;
  run(input: ApiInput<'runPods'>): Promise<ApiResult<'runPods'>>;
  change(input: ApiInput<'changePod'>): Promise<ApiResult<'changePod'>>;
  log(id: string): Promise<ApiResult<'podLog'>>;
  spending(input: ApiInput<'podSpending'>): ApiResult<'podSpending'>;
  saveSecrets(input: ApiInput<'savePodSecrets'>): Promise<ApiResult<'savePodSecrets'>>;
}

/** Makes the fleet of an engine. */
export type RentPods = (host: PodHost) => PodFleet;
