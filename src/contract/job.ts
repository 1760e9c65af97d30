// Owns the words for a job's life (states, stages, reasons to wait) and the shape in which a job leaves the engine.

import * as z from 'zod';
import { errorReportSchema } from './errors.ts';
import { mediaSchema, sentSchema } from './media.ts';
import { exportFormatSchema, type JobOptions, jobOptionsSchema } from './options.ts';

/**
 * Where a job is. `waiting` stands beside the others: it names what is waited for and remembers nothing else, because whatever was
 * under way is asked for again. `complete`, `failed` and `canceled` are final until a person says retry.
 */
export const JOB_STATES = [
  'queued',
  'preparing',
  'dispatching',
  'running',
  'receiving',
  'waiting',
  'complete',
  'failed',
  'canceled',
] as const;
export const jobStateSchema = z.enum(JOB_STATES);
export type JobState = z.infer<typeof jobStateSchema>;

/** The worker's stages (docs/protocol.md part 1). */
export const JOB_STAGES = [
  'queued',
  'initializing',
  'downloading',
  'loading_model',
  'transcribing',
  'diarizing',
  'uploading',
  'complete',
] as const;
export const jobStageSchema = z.enum(JOB_STAGES);
export type JobStage = z.infer<typeof jobStageSchema>;

export const WAITING_REASONS = [
  'worker_unreachable',
  'worker_unauthorized',
  'no_capacity',
  'no_worker',
  /** Workers answer, but none can do what the options ask for. */
  'worker_lacks',
  'retry',
  'paused',
  'source_missing',
  'disk_full',
  /** Only a rented machine could take it, and what its batch, or the day, may cost is used up. */
  'cap_batch',
  'cap_day',
] as const;
export const waitingReasonSchema = z.enum(WAITING_REASONS);
export type WaitingReason = z.infer<typeof waitingReasonSchema>;
/** Which cap of money holds a job back. */
export type CapReason = Extract<WaitingReason, 'cap_batch' | 'cap_day'>;

/** A point in time: milliseconds since 1970, UTC, as the app's own clock says. */
export const instantSchema = z.number().int().nonnegative();

/** How far a job is. Seconds are seconds of the recording; `percent` 0..100, null where nothing is known. */
export const progressSchema = z.object({
  percent: z.number().min(0).max(100).nullable(),
  processedSec: z.number().nonnegative().nullable(),
  totalSec: z.number().nonnegative().nullable(),
  /** Seconds of recording per second of wall time since transcribing began, null until measured. */
  speed: z.number().nonnegative().nullable(),
  /** Bytes that the worker has fetched of this recording, and all of them. */
  sentBytes: z.number().int().nonnegative().nullable(),
  totalBytes: z.number().int().nonnegative().nullable(),
  /** Bytes that the worker has of a model that it fetches for this recording, and all of them; null while it fetches none. */
  modelBytes: z.number().int().nonnegative().nullable(),
  modelTotalBytes: z.number().int().nonnegative().nullable(),
  /** Seconds of wall time left at the measured speed, null until known. */
  etaSec: z.number().nonnegative().nullable(),
});
export type JobProgress = z.infer<typeof progressSchema>;

export const NO_PROGRESS: JobProgress = {
  percent: null,
  processedSec: null,
  totalSec: null,
  speed: null,
  sentBytes: null,
  totalBytes: null,
  modelBytes: null,
  modelTotalBytes: null,
  etaSec: null,
};

/** A file that was written for a job. */
export const outputFileSchema = z.object({ format: exportFormatSchema, path: z.string() });
export type OutputFile = z.infer<typeof outputFileSchema>;

/** A file that was not replaced when those of its job were written anew, because it may hold what a person wrote. */
export const keptFileSchema = z.object({
  path: z.string(),
  /** `changed`: since the app wrote it. `unknown`: a version of the app wrote it that did not remember what it wrote. */
  reason: z.enum(['changed', 'unknown']),
  /** Where the transcript lies now instead; null where the job's rule for files that are there is to skip them. */
  newPath: z.string().nullable(),
});
export type KeptFile = z.infer<typeof keptFileSchema>;

export const copiedFromSchema = z.object({ jobId: z.string(), name: z.string(), finishedAt: instantSchema });
export type CopiedFrom = z.infer<typeof copiedFromSchema>;

/** A job as the UI, the command line and scripts see it. */
export const jobViewSchema = z.object({
  id: z.string(),
  batchId: z.string(),
  /** Order in the queue: smaller goes first. Leaves gaps, and changes when jobs are moved. */
  position: z.number().int(),
  /** File name for people, with its extension. */
  name: z.string(),
  /** Absolute path of the recording on the engine's computer. */
  sourcePath: z.string(),
  sizeBytes: z.number().int().nonnegative().nullable(),
  durationSec: z.number().nonnegative().nullable(),
  sha256: z.string().nullable(),
  state: jobStateSchema,
  stage: jobStageSchema.nullable(),
  waiting: z
    .object({ reason: waitingReasonSchema, since: instantSchema, until: instantSchema.nullable(), message: z.string() })
    .nullable(),
  error: errorReportSchema.nullable(),
  /** Number of the present attempt, from 1; 0 before the first. */
  attempt: z.number().int().nonnegative(),
  options: jobOptionsSchema,
  progress: progressSchema,
  workerId: z.string().nullable(),
  workerName: z.string().nullable(),
  outputs: z.array(outputFileSchema),
  hasTranscript: z.boolean(),
  /**
   * The earlier job whose transcript, with its edits, was taken over instead of transcribing the same recording with the same options again;
   * null where it was transcribed for this job.
   */
  copiedFrom: copiedFromSchema.nullable(),
  /**
   * US dollars that rented machines have cost for it so far, by the app's own meter: while several recordings were worked at side by side, in
   * equal parts. Null where no rented machine worked at it.
   */
  costUsd: z.number().nonnegative().nullable(),
  /** What the recording is; absent until it was looked at. */
  media: mediaSchema.optional(),
  /** What leaves this computer for a worker; absent until it was prepared. */
  sent: sentSchema.optional(),
  createdAt: instantSchema,
  startedAt: instantSchema.nullable(),
  finishedAt: instantSchema.nullable(),
  updatedAt: instantSchema,
});
export type JobView = z.infer<typeof jobViewSchema>;

/** A line of text as it is decoded, before the transcript is there. Seconds of the recording. */
export const liveSegmentSchema = z.object({
  id: z.number().int(),
  start: z.number(),
  end: z.number(),
  text: z.string(),
});
export type LiveSegment = z.infer<typeof liveSegmentSchema>;

/**
 * True where speakers are to be told apart by their voices, though a different person speaks on each channel: `channels: separate` names them
 * without guessing.
 */
export function couldSeparate({
  media,
  options,
}: {
  readonly media?: { readonly distinctChannels: boolean | null } | undefined;
  readonly options: Pick<JobOptions, 'diarize' | 'channels'>;
}): boolean {
  return media?.distinctChannels === true && options.diarize && options.channels !== 'separate';
}

/** True when nothing more happens to a job in this state without a person. */
export function isFinal(state: JobState): boolean {
  return state === 'complete' || state === 'failed' || state === 'canceled';
}
