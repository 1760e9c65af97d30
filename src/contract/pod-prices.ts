// Owns what renting would cost: the GPUs on offer with the provider's prices of now, estimates with their basis, and the plan for a queue.

import * as z from 'zod';
import { instantSchema } from './job.ts';
import { podCloudSchema, usdSchema } from './pods.ts';

/** `measured`: on this GPU with this model, from recordings that were finished here. `assumed`: a rough public figure, until there is one. */
export const speedBasisSchema = z.enum(['measured', 'assumed']);
export type SpeedBasis = z.infer<typeof speedBasisSchema>;

/** Seconds of recording per second of wall time, download and delivery included. */
export const gpuSpeedSchema = z.object({
  speed: z.number().positive(),
  basis: speedBasisSchema,
  /** What it was measured on; 0 where it is assumed. */
  recordings: z.number().int().nonnegative(),
  audioSec: z.number().nonnegative(),
});
export type GpuSpeed = z.infer<typeof gpuSpeedSchema>;

export const costEstimateSchema = z.object({
  pods: z.number().int().positive(),
  audioSec: z.number().nonnegative(),
  /** Wall time from pressing start to the last transcript, seconds, the boot included. */
  wallSec: z.number().nonnegative(),
  usd: usdSchema,
  basis: speedBasisSchema,
});
export type CostEstimate = z.infer<typeof costEstimateSchema>;

export const availabilitySchema = z.enum(['NONE', 'LOW', 'MEDIUM', 'HIGH', 'UNKNOWN']);
export type Availability = z.infer<typeof availabilitySchema>;

export const gpuOfferSchema = z.object({
  gpuId: z.string(),
  name: z.string(),
  memoryGB: z.number().nonnegative(),
  /** True for the GPUs that this app knows to be good for transcribing. */
  preset: z.boolean(),
  cloud: podCloudSchema,
  /** US dollars per hour in `cloud` for one GPU; null where it is not offered there. */
  pricePerHour: usdSchema.nullable(),
  availability: availabilitySchema,
  speed: gpuSpeedSchema.nullable(),
  /** US dollars per hour of recording, boot not counted; null where the speed or the price is not known. */
  usdPerAudioHour: usdSchema.nullable(),
  /** For the queue as it is, on one pod. */
  estimate: costEstimateSchema.nullable(),
  /** True for the one that is cheapest for this queue among those that can be had. */
  cheapest: z.boolean(),
});
export type GpuOffer = z.infer<typeof gpuOfferSchema>;

/** What waits to be transcribed. */
export const queueSizeSchema = z.object({
  jobs: z.number().int().nonnegative(),
  /** Seconds; recordings of unknown length are counted as long as the average of the others. */
  audioSec: z.number().nonnegative(),
  /** Recordings whose length is not known yet. */
  unknown: z.number().int().nonnegative(),
});
export type QueueSize = z.infer<typeof queueSizeSchema>;

export const podPricesSchema = z.object({
  /** The presets first, the cheapest for this queue on top; what cannot be had last. */
  offers: z.array(gpuOfferSchema),
  queue: queueSizeSchema,
  /** The model that the speeds are for. */
  model: z.string(),
  fetchedAt: instantSchema,
});
export type PodPrices = z.infer<typeof podPricesSchema>;

export const podPlanSchema = z.object({
  gpuId: z.string(),
  gpuName: z.string(),
  pricePerHour: usdSchema,
  pods: z.number().int().nonnegative(),
  estimate: costEstimateSchema,
  /** Null where no deadline was given. */
  meetsDeadline: z.boolean().nullable(),
  /** One sentence: why this number. */
  reason: z.string(),
  queue: queueSizeSchema,
});
export type PodPlan = z.infer<typeof podPlanSchema>;
