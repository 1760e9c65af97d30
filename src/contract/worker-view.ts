// Owns a worker as the app shows it: health, device, identity, tunnel, without its token.

import * as z from 'zod';
import { errorReportSchema } from './errors.ts';
import { expectedIdentitySchema, identityVerdictSchema, workerIdentitySchema } from './identity.ts';
import { instantSchema } from './job.ts';
import { tunnelKindSchema } from './tunnel-wire.ts';

/** The id of the worker on this computer. */
export const LOCAL_WORKER_ID = 'local';

/** `local`: the process on this computer. `saved`: added by a person. `environment`: from REMOTE_WORKER_URL. `pod`: on a rented machine. */
export const workerKindSchema = z.enum(['local', 'saved', 'environment', 'pod']);
export type WorkerKind = z.infer<typeof workerKindSchema>;

/** `off`: not wanted now. `installing` and `starting` exist for the local one only. */
export const workerHealthSchema = z.enum([
  'off',
  'installing',
  'starting',
  'connecting',
  'ok',
  'unreachable',
  'unauthorized',
  'failed',
]);
export type WorkerHealth = z.infer<typeof workerHealthSchema>;

export const workerViewSchema = z.object({
  id: z.string(),
  kind: workerKindSchema,
  name: z.string(),
  url: z.string().nullable(),
  health: workerHealthSchema,
  /** When `health` became what it is. */
  since: instantSchema,
  /** One sentence about `health` where there is something to say (progress of an install, why it failed). */
  detail: z.string().nullable(),
  error: errorReportSchema.nullable(),
  latencyMs: z.number().nonnegative().nullable(),
  lastPingAt: instantSchema.nullable(),
  /** What it said in its last answer; null before the first. */
  capabilities: z
    .object({
      gpu: z.boolean(),
      gpuName: z.string().nullable(),
      cuda: z.string().nullable(),
      driver: z.string().nullable(),
      device: z.string().nullable(),
      deviceName: z.string().nullable(),
      computeType: z.string().nullable(),
      vramTotalMB: z.number().nullable(),
      vramUsedMB: z.number().nullable(),
      models: z.array(z.string()),
      loadedModels: z.array(z.string()),
      engineBusyShare: z.number().min(0).max(1).nullable(),
      diarization: z.boolean(),
      diarizationReason: z.string().nullable(),
      maxFileMB: z.number().nullable(),
      activeJobs: z.number().int(),
      maxConcurrentJobs: z.number().int(),
      prefetchJobs: z.number().int(),
      protocol: z.number().int(),
      version: z.string().nullable(),
      warnings: z.array(z.string()),
    })
    .nullable(),
  identity: workerIdentitySchema.nullable(),
  expectedIdentity: expectedIdentitySchema.nullable(),
  verdict: identityVerdictSchema,
  /** When the verdict became a mismatch; null while it is none. */
  mismatchSince: instantSchema.nullable(),
  /** Whether the expected identity comes from the environment, is this worker's own, or that of all workers; null where there is none. */
  expectedFrom: z.enum(['environment', 'worker', 'all']).nullable(),
  /** Since when it is given no new jobs because a person said so; null while it is given some. */
  drainedSince: instantSchema.nullable(),
  /** Jobs of this app that it has now. */
  jobs: z.number().int().nonnegative(),
  tunnel: z.object({
    /** Null while it is not known of which kind the worker can have one. */
    kind: tunnelKindSchema.nullable(),
    state: z.enum(['closed', 'connecting', 'open']),
    since: instantSchema,
    /** Where its links begin, when that is a public address of this computer. */
    address: z.string().nullable(),
    /** Bytes of recordings that this worker was sent since the app was started, and in the last seconds, a second. */
    bytesSent: z.number().int().nonnegative(),
    bytesPerSecond: z.number().nonnegative(),
  }),
});
export type WorkerView = z.infer<typeof workerViewSchema>;

/** One state of a worker, as long as it lasted. */
export const workerPastSchema = z.object({
  at: instantSchema,
  /** When it became another; null for the present one. */
  until: instantSchema.nullable(),
  health: workerHealthSchema,
  error: errorReportSchema.nullable(),
  /** Milliseconds, the mean of its answers in that time; null without one. */
  latencyMs: z.number().nonnegative().nullable(),
});
export type WorkerPast = z.infer<typeof workerPastSchema>;

/** Identities that a worker reported, newest first, each with when it was first seen. */
export const workerHistorySchema = z.object({
  health: z.array(workerPastSchema),
  identities: z.array(z.object({ at: instantSchema, identity: workerIdentitySchema })),
});
export type WorkerHistory = z.infer<typeof workerHistorySchema>;
