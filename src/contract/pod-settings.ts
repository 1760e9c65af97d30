// Owns what a person sets once for all rented machines: image, GPUs, disk, when they are ended, what they may cost.

import * as z from 'zod';
import { podCloudSchema } from './pods.ts';

const DIGEST_REFERENCE = /[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}(?![0-9a-f])/;

/** The reference by digest in a text such as the push script's output; null where there is none. */
export function imageReference(text: string): string | null {
  return DIGEST_REFERENCE.exec(text)?.[0] ?? null;
}

/** `sha256:…` of a reference by digest. */
export function digestOf(reference: string): string | null {
  return /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1] ?? null;
}

/** The whole output of the push script may be pasted: the reference is taken out of it. */
const imageSchema = z
  .string()
  .max(20_000)
  .transform((text, context) => {
    if (text.trim() === '') return '';
    const reference = imageReference(text);
    if (reference !== null) return reference;
    context.addIssue({
      code: 'custom',
      message:
        'it has to name the image by its digest, as scripts/push_worker.sh prints it: registry/bulk-transcribe-worker@sha256:… with 64 digits',
    });
    return z.NEVER;
  });

const usd = z.number().positive().max(100_000).nullable();

export const podSettingsSchema = z.object({
  /** By digest; empty where none was chosen yet, and then nothing is started. */
  image: imageSchema,
  /** GPU types in the order in which they are tried; empty = the presets, the cheapest for the queue first. */
  gpuIds: z.array(z.string().min(1).max(100)).max(20),
  cloud: podCloudSchema,
  /** Empty = anywhere. */
  dataCenterIds: z.array(z.string().min(1).max(40)).max(50),
  /** Container disk, GB. */
  diskGB: z.int().min(10).max(2000),
  minCudaVersion: z.string().regex(/^\d+\.\d+$/),
  /** Id of a registry login that is stored at the provider, for an image that is not public. */
  registryId: z.string().min(1).max(100).nullable(),
  /** WORKER_MODEL, WORKER_MAX_CONCURRENT_JOBS and WORKER_MAX_FILE_MB of the pod. */
  model: z.string().min(1).max(200),
  maxConcurrentJobs: z.int().min(1).max(16),
  maxFileMB: z.int().min(1).max(1_000_000),
  /** Minutes without work after which a pod is ended. */
  idleStopMinutes: z.number().min(0.1).max(1440),
  /** Minutes in which a worker must have answered after its pod was made. */
  bootMinutes: z.number().min(0.1).max(240),
  capPerBatchUsd: usd,
  capPerDayUsd: usd,
  /** At a cap: `finish` gives out no work that cannot be done within it; `now` ends at once. Neither spends beyond the cap. */
  capAction: z.enum(['finish', 'now']),
  maxPods: z.int().min(1).max(20),
});
export type PodSettings = z.infer<typeof podSettingsSchema>;

export const DEFAULT_POD_SETTINGS: PodSettings = {
  image: '',
  gpuIds: [],
  cloud: 'SECURE',
  dataCenterIds: [],
  diskGB: 50,
  minCudaVersion: '12.8',
  registryId: null,
  model: 'large-v3',
  maxConcurrentJobs: 1,
  maxFileMB: 2000,
  idleStopMinutes: 10,
  bootMinutes: 20,
  capPerBatchUsd: null,
  capPerDayUsd: 20,
  capAction: 'finish',
  maxPods: 3,
};
