// Owns what rented machines have cost: by day, by batch, per hour of recording, and the caps.

import * as z from 'zod';
import { usdSchema } from './pods.ts';

export const spendingDaySchema = z.object({
  /** `2026-11-25`, in UTC, as the provider bills. */
  day: z.iso.date(),
  usd: usdSchema,
  /** True where the provider's bill was read back; else it is the app's own meter. */
  billed: z.boolean(),
  /** Seconds of recordings that pods delivered on this day. */
  audioSec: z.number().nonnegative(),
});
export type SpendingDay = z.infer<typeof spendingDaySchema>;

export const spendingBatchSchema = z.object({
  /** Null: time in which a pod started or had nothing to do for anybody. */
  batchId: z.string().nullable(),
  name: z.string(),
  usd: usdSchema,
  audioSec: z.number().nonnegative(),
  usdPerAudioHour: usdSchema.nullable(),
});
export type SpendingBatch = z.infer<typeof spendingBatchSchema>;

export const podSpendingSchema = z.object({
  costPerHour: usdSchema,
  today: usdSchema,
  /** Oldest first, every day of the span, days without cost too. */
  days: z.array(spendingDaySchema),
  /** Newest batch first. */
  batches: z.array(spendingBatchSchema),
  total: usdSchema,
  usdPerAudioHour: usdSchema.nullable(),
  caps: z.object({ perBatchUsd: usdSchema.nullable(), perDayUsd: usdSchema.nullable() }),
});
export type PodSpending = z.infer<typeof podSpendingSchema>;
