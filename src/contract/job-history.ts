// Owns what is remembered of a job besides its present state: its attempts and its events.

import * as z from 'zod';
import { errorReportSchema } from './errors.ts';
import { workerIdentitySchema } from './identity.ts';
import { instantSchema } from './job.ts';

/** One try at one worker. */
export const attemptSchema = z.object({
  /** From 1. */
  attempt: z.number().int().positive(),
  workerId: z.string(),
  /** As it was called then; null in rows of an older version. */
  workerName: z.string().nullable(),
  /** What the worker said of itself when the attempt began; null where it said nothing. */
  identity: workerIdentitySchema.nullable(),
  workerJobId: z.string().nullable(),
  startedAt: instantSchema,
  endedAt: instantSchema.nullable(),
  /** The type of the event that ended it; null while it is open. */
  endedBy: z.string().nullable(),
  error: errorReportSchema.nullable(),
});
export type AttemptView = z.infer<typeof attemptSchema>;

/** One change of a job; `seq` is the revision that it made, 0 its making. */
export const jobEventSchema = z.object({ seq: z.number().int().nonnegative(), at: instantSchema, type: z.string() });

export const jobHistorySchema = z.object({
  /** Oldest first. */
  attempts: z.array(attemptSchema),
  events: z.array(jobEventSchema),
});
export type JobHistory = z.infer<typeof jobHistorySchema>;
