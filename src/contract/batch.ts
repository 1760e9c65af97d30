// Owns batches (what was dropped together) and the queue as a whole, as their callers see them.

import * as z from 'zod';
import { instantSchema, jobStateSchema } from './job.ts';
import { jobOptionsSchema } from './options.ts';

/** How much there is and how far it is. Kept up to date by events of their own, at most a few a second. */
export const tallySchema = z.object({
  /** Jobs in each state; a state that no job is in is left out. */
  counts: z.partialRecord(jobStateSchema, z.number().int().positive()),
  jobs: z.number().int().nonnegative(),
  /** Jobs whose length is not known yet: a recording is measured shortly before its turn. */
  unmeasured: z.number().int().nonnegative(),
  /** Seconds of all recordings whose length is known. */
  totalSec: z.number().nonnegative(),
  /** Seconds of recordings that were transcribed, those under way as far as they are. */
  processedSec: z.number().nonnegative(),
  /**
   * Seconds of wall time left at the present speed of all workers, if they did nothing else; recordings of unknown length count as long as
   * the others are on average. Null while nothing is known.
   */
  etaSec: z.number().nonnegative().nullable(),
});
export type Tally = z.infer<typeof tallySchema>;

/** What was dropped together. */
export const batchViewSchema = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: instantSchema,
  /** Since when none of its jobs is begun; null while it is not paused. Those at a worker are finished. */
  pausedSince: instantSchema.nullable(),
  /** The options that its jobs were made with; null for a batch of an older version. */
  options: jobOptionsSchema.nullable(),
  /** US dollars that rented machines have cost for it so far, its share of their starts included; null where none did anything for it. */
  costUsd: z.number().nonnegative().nullable(),
  ...tallySchema.shape,
});
export type BatchView = z.infer<typeof batchViewSchema>;

/** The queue as a whole. */
export const queueViewSchema = z.object({
  /** Since when no job is begun; null while the queue is not paused. Those at a worker are finished. */
  pausedSince: instantSchema.nullable(),
  ...tallySchema.shape,
});
export type QueueView = z.infer<typeof queueViewSchema>;

export const EMPTY_TALLY: Tally = {
  counts: {},
  jobs: 0,
  unmeasured: 0,
  totalSec: 0,
  processedSec: 0,
  etaSec: null,
};
