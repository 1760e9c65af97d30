// Owns the interfaces between the engine and the rented machines: what the engine's calls ask of them, and what they need of the engine.

import type { ApiInput, ApiResult, AppEvent } from '../contract/api.ts';
import type { ErrorReport } from '../contract/errors.ts';
import type { IdentityVerdict } from '../contract/identity.ts';
import type { CapReason } from '../contract/job.ts';
import type { GpuSpeed } from '../contract/pod-prices.ts';
import type { WorkerHealth } from '../contract/worker-view.ts';
import type { Ping } from '../contract/worker-wire.ts';
import type { PodRecord } from '../jobs/pod-record.ts';
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
  /** True while its worker computes it: not while it is fetched ahead or waits its turn there. */
  readonly atWork: boolean;
  /** True when a worker with a free place would be given it now or soon. */
  readonly wantsWorker: boolean;
}

/** What waits for a worker, summed up. Seconds of recordings; `unmeasured` jobs have no length yet. */
export interface WaitingWork {
  readonly jobs: number;
  readonly unmeasured: number;
  readonly seconds: number;
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
  /** True while a person lets it take no new work. */
  readonly drained: boolean;
}

/** What rented machines need of the engine. */
export interface PodHost {
  /** What is under way, and the head of the line. */
  queue(): readonly QueuedJob[];
  /** All that waits, however long the line is. */
  waiting(): WaitingWork;
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
  /** What these jobs cost has risen. */
  costed(jobIds: readonly string[]): void;
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
  /** The cap of money that keeps a batch from rented machines; null where none does. */
  capOn(batchId: string): CapReason | null;
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
  /** US dollars so far; null where no pod did anything for it. */
  costOf(jobId: string): number | null;
  costOfBatch(batchId: string): number | null;
  saveSecrets(input: ApiInput<'savePodSecrets'>): Promise<ApiResult<'savePodSecrets'>>;
}

/** Makes the fleet of an engine. */
export type RentPods = (host: PodHost) => PodFleet;

/** Money and time of one pod on one day. US dollars, seconds of recordings. `batchId` null: nobody's time. */
export interface PodSpend {
  readonly day: string;
  readonly batchId: string | null;
  readonly usd: number;
  readonly audioSec: number;
}

/** What a pod has cost for one job, US dollars. */
export interface JobSpend {
  readonly jobId: string;
  readonly usd: number;
}

/** What is written with a change of a pod. */
export interface PodSaved {
  readonly spend?: readonly PodSpend[];
  readonly jobSpend?: readonly JobSpend[];
  readonly measurement?: GpuMeasurement | null;
}

/** How long a GPU took for a recording. Seconds. */
export interface GpuMeasurement {
  readonly jobId: string;
  readonly attempt: number;
  readonly gpuId: string;
  readonly model: string;
  readonly audioSec: number;
  readonly wallSec: number;
}

export interface BatchSpend {
  readonly batchId: string | null;
  readonly usd: number;
  readonly audioSec: number;
  readonly lastDay: string;
}

/** Rented machines on disk. Every method is one transaction at `synchronous=FULL` where it writes. */
export interface PodStore {
  /** All that are not over, oldest first. */
  livePods(): readonly PodRecord[];
  /** Those that were over at `since` or later, newest first. */
  endedPods(since: number): readonly PodRecord[];
  pod(id: string): PodRecord | null;
  podNamed(name: string): PodRecord | null;
  addPod(pod: PodRecord): void;
  /** Writes `next`, and what was spent and measured with it, if the stored revision is `next.revision - 1`; else false, and nothing is changed. */
  savePod(next: PodRecord, now: number, also?: PodSaved): boolean;
  /** For a worker that is no pod. */
  saveMeasurement(measurement: GpuMeasurement, now: number): void;
  /** What the provider billed for a pod and day. */
  saveBill(podId: string, day: string, usd: number, now: number): void;
  /** By day from `firstDay` on, with the bill instead of the meter where there is one; days without cost are absent. */
  spentByDay(firstDay: string): readonly { day: string; usd: number; billed: boolean; audioSec: number }[];
  /** By the meter, those with the latest cost first. */
  spentByBatch(firstDay: string): readonly BatchSpend[];
  spentOnBatch(batchId: string): number;
  /** Null where nothing was ever written down for it. */
  spentOnJob(jobId: string): number | null;
  spentOnPod(podId: string): { readonly usd: number; readonly onDay: (day: string) => number };
  /** Speeds of GPUs with this model, each from its latest recordings. */
  gpuSpeeds(model: string): ReadonlyMap<string, GpuSpeed>;
  /** Seconds from the intent to the first answer of the latest pods, median; null before there was one. */
  bootSeconds(): number | null;
}
