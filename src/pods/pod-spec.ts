// Owns what is asked for when a pod is made: the image, the machine, and every variable that its worker is started with.

import type { PodSettings } from '../contract/pod-settings.ts';
import type { PodCandidate, PodRequest } from '../jobs/pod-record.ts';
import type { PodSpec } from './provider.ts';

export const WORKER_PORT = 8477;

export interface SpecParts {
  readonly name: string;
  readonly request: PodRequest;
  readonly candidate: PodCandidate;
  readonly settings: PodSettings;
  readonly workerToken: string;
  readonly hfToken: string | null;
  /** Seconds without a controller after which the worker ends its pod. */
  readonly deadManSeconds: number;
}

/** The whole request. The account's key is not in it: a pod is given its own by the provider, which can do no more than end that pod. */
export function podSpec({
  name,
  request,
  candidate,
  settings,
  workerToken,
  hfToken,
  deadManSeconds,
}: SpecParts): PodSpec {
  return {
    name,
    image: request.image,
    gpuId: candidate.gpuId,
    cloud: request.cloud,
    dataCenterIds: settings.dataCenterIds,
    diskGB: settings.diskGB,
    minCudaVersion: settings.minCudaVersion,
    registryId: settings.registryId,
    port: WORKER_PORT,
    env: {
      WORKER_TOKEN: workerToken,
      ...(hfToken === null ? {} : { HF_TOKEN: hfToken }),
      WORKER_PORT: String(WORKER_PORT),
      WORKER_MODEL: settings.model,
      WORKER_MAX_CONCURRENT_JOBS: String(settings.maxConcurrentJobs),
      WORKER_MAX_FILE_MB: String(settings.maxFileMB),
      WORKER_TMP_DIR: '/tmp/bt-worker',
      DIARIZATION_DEVICE: 'cuda',
      ...(request.imageDigest === null ? {} : { IMAGE_DIGEST: request.imageDigest }),
      WORKER_IDLE_STOP_SECONDS: String(deadManSeconds),
    },
  };
}
