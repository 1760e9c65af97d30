// Owns the worker's side of the wire (docs/protocol.md): what a worker answers, parsed from `unknown`, and what it is sent.
// Unknown keys are let through everywhere, so that a newer peer is not refused for saying more.

import * as z from 'zod';
import { workerIdentitySchema } from './identity.ts';
import { jobStageSchema } from './job.ts';

/** What a worker of part 2 announces in `/v1/ping`. */
export const WORKER_FEATURES = ['tunnel', 'events', 'resume', 'delivery'] as const;

export const healthSchema = z.looseObject({
  status: z.literal('ok'),
  service: z.literal('bulk-transcribe-worker'),
  model: z.string(),
  maxFileMB: z.number(),
});
export type Health = z.infer<typeof healthSchema>;

/** `/v1/ping`. The part-1 fields are required; the others are absent from a deployed worker and take their neutral value. */
export const pingSchema = z.looseObject({
  status: z.literal('ok'),
  version: z
    .string()
    .nullish()
    .transform((v) => v ?? null),
  identity: workerIdentitySchema.nullish().transform((v) => v ?? null),
  gpu: z.boolean(),
  gpuName: z
    .string()
    .nullish()
    .transform((v) => v ?? null),
  cuda: z
    .string()
    .nullish()
    .transform((v) => v ?? null),
  models: z.array(z.string()),
  diarization: z.boolean(),
  maxFileMB: z
    .number()
    .nullish()
    .transform((v) => v ?? null),
  activeJobs: z.number().int().nonnegative().default(0),
  maxConcurrentJobs: z.number().int().positive().default(1),
  warnings: z.array(z.string()).default([]),
  protocol: z.number().int().default(1),
  features: z.array(z.string()).default([]),
  prefetchJobs: z.number().int().nonnegative().default(0),
  bootId: z.string().nullable().default(null),
  instanceId: z.string().nullable().default(null),
  device: z.string().nullable().default(null),
  deviceName: z.string().nullable().default(null),
  computeType: z.string().nullable().default(null),
  driver: z.string().nullable().default(null),
  vramTotalMB: z.number().nullable().default(null),
  vramUsedMB: z.number().nullable().default(null),
  loadedModels: z.array(z.string()).default([]),
  /** Share of the wall time since its start in which the engine computed, 0..1; null before the first work. */
  engineBusyShare: z.number().min(0).max(1).nullable().default(null),
  diarizationReason: z.string().nullable().default(null),
  /** True at its start, while it tries whether it can tell speakers apart: `diarization` is false then, and may become true. */
  diarizationChecking: z.boolean().default(false),
});
export type Ping = z.infer<typeof pingSchema>;

export const workerStatusSchema = z.enum(['queued', 'running', 'complete', 'failed', 'canceled']);

/** Characters of a worker's sentence that are kept: it may say anything. */
const SENTENCE = 2_000;

export const workerErrorSchema = z.object({
  code: z.string().transform((code) => code.slice(0, 100)),
  message: z.string().transform((message) => message.slice(0, SENTENCE).toWellFormed()),
});

/** Answer of `POST /v1/jobs`. */
export const jobAcceptedSchema = z.looseObject({
  workerJobId: z.string().min(1).max(200),
  status: workerStatusSchema,
  bootId: z.string().nullable().default(null),
  instanceId: z.string().nullable().default(null),
});
export type JobAccepted = z.infer<typeof jobAcceptedSchema>;

/** While the worker fetches a model that it does not have yet: bytes that are there, and all of them. */
const modelOnItsWay = {
  modelBytes: z.number().int().nonnegative().nullish(),
  modelTotalBytes: z.number().int().nonnegative().nullish(),
} as const;

export const wireProgressSchema = z.looseObject({
  percent: z.number().min(0).max(100).nullish(),
  processedSec: z.number().nonnegative().nullish(),
  totalSec: z.number().nonnegative().nullish(),
  ...modelOnItsWay,
  /** Of a deployed worker, which counts no seconds. */
  chunkIndex: z.number().nullish().catch(null),
  totalChunks: z.number().nullish().catch(null),
});

/** Answer of `GET /v1/jobs/{id}`. */
export const jobStatusSchema = z.looseObject({
  workerJobId: z.string(),
  controllerJobId: z.string(),
  status: workerStatusSchema,
  stage: jobStageSchema,
  stageStartedAt: z.string().nullish(),
  progress: wireProgressSchema.nullish(),
  error: workerErrorSchema.nullish().transform((v) => v ?? null),
  attempt: z.number().int().positive().nullish(),
  bootId: z.string().nullable().default(null),
  result: z
    .looseObject({ sha256: z.string(), sizeBytes: z.number(), acknowledged: z.boolean() })
    .nullish()
    .transform((v) => v ?? null),
});
export type JobStatus = z.infer<typeof jobStatusSchema>;

/** What `GET /v1/jobs/{id}/events` carries, as a union on `event`. */
export const workerEventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('progress'),
    data: z.looseObject({
      status: workerStatusSchema,
      stage: jobStageSchema,
      percent: z.number().min(0).max(100).nullish(),
      processedSec: z.number().nonnegative().nullish(),
      totalSec: z.number().nonnegative().nullish(),
      ...modelOnItsWay,
    }),
  }),
  z.object({
    event: z.literal('segment'),
    data: z.looseObject({ id: z.number().int(), start: z.number(), end: z.number(), text: z.string().max(100_000) }),
  }),
  z.object({
    event: z.literal('log'),
    data: z.looseObject({ level: z.string(), event: z.string(), message: z.string() }),
  }),
  z.object({ event: z.literal('speakers'), data: z.looseObject({ count: z.number().int() }) }),
  z.object({
    event: z.literal('done'),
    data: z.looseObject({ status: workerStatusSchema, error: workerErrorSchema.nullish().transform((v) => v ?? null) }),
  }),
]);
export type WorkerEvent = z.infer<typeof workerEventSchema>;

/** Body of `POST /v1/jobs`. One input a job in part 2. */
export interface JobRequest {
  readonly controllerJobId: string;
  /** A short hash for the worker's logs; nothing secret can be found from it. */
  readonly controllerSessionHash: string;
  readonly attempt: number;
  readonly inputs: readonly [
    {
      readonly inputId: string;
      readonly filename: string;
      readonly contentType: string;
      readonly sizeBytes: number;
      readonly sha256: string;
      /** Number of the audio track to take, from 1; null: the first. */
      readonly audioTrack: number | null;
      /** Seconds of the recording before the first sound of the file; times count from the recording's beginning. */
      readonly startSec: number;
      readonly downloadUrl: string;
    },
  ];
  readonly options: {
    readonly model: string;
    readonly language: string;
    readonly diarizationEnabled: boolean;
    /** True: a worker that cannot tell speakers apart transcribes all the same, and says so in the warnings. */
    readonly diarizationOptional: boolean;
    readonly diarizationEffective: {
      readonly minSpeakers: number | null;
      readonly maxSpeakers: number | null;
      readonly numSpeakers: number | null;
    };
    readonly vadEnabled: boolean;
    readonly wordTimestamps: boolean;
    readonly initialPrompt: string;
    readonly hotwords: string;
    /** `separate`: each channel is transcribed by itself, as a speaker of its own. Only for workers with the feature `channels`. */
    readonly channels: 'mix' | 'separate';
  };
  readonly callbackUrl: string;
  readonly outputsUploadUrl: string;
}

/** Body of a refusal, `{error, code?}`. */
export const refusalSchema = z.looseObject({ error: z.string(), code: z.string().optional() });

/** Body of `POST …/worker/complete`. It only nudges: the worker itself is asked. */
export const completeCallbackSchema = z.looseObject({
  workerJobId: z.string(),
  controllerJobId: z.string(),
  status: z.string(),
});
