// Owns RunPod's wire (REST v2): its answers as they are parsed, and what this app makes of them. Unknown fields are passed over, for the
// provider adds some; what this app lives by must be there.

import * as z from 'zod';
import type { CatalogueGpu } from '../jobs/pod-choice.ts';
import { PROVIDER_STATUSES } from '../jobs/pod-record.ts';
import type { PodSpec, ProviderPod } from './provider.ts';

/** application/problem+json. */
export const problemSchema = z.object({
  title: z.string().optional(),
  detail: z.string().optional(),
  errors: z.array(z.unknown()).optional(),
});

const cloud = z.enum(['SECURE', 'COMMUNITY']).nullish().catch(null);

export const podSchema = z.object({
  id: z.string().min(1),
  name: z.string().nullish(),
  image: z.string().nullish(),
  env: z.record(z.string(), z.unknown()).nullish(),
  // A state of a newer API is taken for the one that costs and is there: nothing is given up for a word that is not known.
  status: z.enum(PROVIDER_STATUSES).catch('RUNNING'),
  gpu: z.object({ id: z.string().nullish(), count: z.number().int().nonnegative().nullish() }).nullish(),
  cloud,
  dataCenterId: z.string().nullish(),
  cudaVersion: z.string().nullish(),
  cost: z.number().nonnegative().nullish(),
  // Null or {} unless it runs; nothing in it is needed.
  runtime: z.unknown(),
  createdAt: z.string().nullish(),
});

export const podListSchema = z.object({ pods: z.array(podSchema) });

const price = z.number().nonnegative().nullish();

export const catalogueSchema = z.object({
  gpus: z.array(
    z.object({
      id: z.string().min(1),
      name: z.string().nullish(),
      manufacturer: z.string().nullish(),
      memory: z.number().nonnegative(),
      secure: z.boolean().nullish(),
      community: z.boolean().nullish(),
      price: z.object({ secure: price, community: price }).nullish(),
      availability: z.enum(['NONE', 'LOW', 'MEDIUM', 'HIGH']).nullish().catch(null),
    }),
  ),
});

export const billingSchema = z.object({
  records: z.array(
    z.object({ startTime: z.string(), podId: z.string().nullish(), totalAmount: z.number().nonnegative() }),
  ),
});

export const logLineSchema = z.object({ ts: z.string(), source: z.string().catch('container'), line: z.string() });

/** A pod as this app knows it. A GPU that is not there is count 0, one that is not told of is null. */
export function readPod(pod: z.output<typeof podSchema>): ProviderPod {
  const createdAt = Date.parse(pod.createdAt ?? '');
  return {
    name: pod.name ?? '',
    env: Object.fromEntries(
      Object.entries(pod.env ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
    createdAt: Number.isNaN(createdAt) ? null : createdAt,
    facts: {
      providerId: pod.id,
      status: pod.status,
      costPerHour: pod.cost ?? 0,
      gpuId: pod.gpu?.id ?? null,
      gpuCount: pod.gpu === null ? 0 : (pod.gpu?.count ?? null),
      cloud: pod.cloud ?? null,
      dataCenterId: pod.dataCenterId ?? null,
      cudaVersion: pod.cudaVersion ?? null,
      image: pod.image ?? null,
    },
  };
}

export function readCatalogue({ gpus }: z.output<typeof catalogueSchema>): CatalogueGpu[] {
  return gpus.map((gpu) => ({
    gpuId: gpu.id,
    name: gpu.name ?? gpu.id,
    manufacturer: gpu.manufacturer ?? 'UNKNOWN',
    memoryGB: gpu.memory,
    price: {
      SECURE: gpu.secure === false ? null : positive(gpu.price?.secure),
      COMMUNITY: gpu.community === false ? null : positive(gpu.price?.community),
    },
    availability: gpu.availability ?? 'UNKNOWN',
  }));
}

/** A price of 0 means that it is not offered there. */
function positive(usd: number | null | undefined): number | null {
  return usd == null || usd === 0 ? null : usd;
}

/** The body of `POST /v2/pods`. Only fields that are documented: an unknown one is refused with 422. */
export function createBody(spec: PodSpec): Record<string, unknown> {
  return {
    name: spec.name,
    image: spec.image,
    gpu: { id: spec.gpuId, count: 1, minCudaVersion: spec.minCudaVersion },
    cloud: spec.cloud,
    ...(spec.dataCenterIds.length === 0 ? {} : { dataCenterIds: spec.dataCenterIds }),
    disk: spec.diskGB,
    ports: [`${spec.port}/http`],
    env: spec.env,
    ...(spec.registryId === null ? {} : { registry: spec.registryId }),
    startSsh: false,
  };
}
