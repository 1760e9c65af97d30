// Owns a rented machine as the app shows it: its states, why it ended, what may be done with it, its money, and the account that pays.

import * as z from 'zod';
import { errorReportSchema } from './errors.ts';
import { instantSchema } from './job.ts';

/**
 * Where a pod is.
 * wanted    the intent is on disk; whether the provider has it is not known yet.   starting  it is there; its worker has not answered.
 * ready     its worker answers.                                                    draining  as ready, but it is given no more work and then ended.
 * stopping  asked to stop.                                                         stopped   stopped by request: no GPU cost, its disk may cost.
 * exited    its container ended, and nobody here asked for that.                   ending    asked to end for good, until the provider says it is gone.
 * ended     gone, says the provider.                                               failed    never came to be: nothing runs, nothing costs.
 * found     runs at the provider under a name of this app, and nobody here knows it: adopt it or end it.
 */
export const POD_STATES = [
  'wanted',
  'starting',
  'ready',
  'draining',
  'stopping',
  'stopped',
  'exited',
  'ending',
  'ended',
  'failed',
  'found',
] as const;
export const podStateSchema = z.enum(POD_STATES);
export type PodState = z.infer<typeof podStateSchema>;

/**
 * Why a pod was or is being ended. `gone`: the provider no longer has it and nobody here ended it. `drained`: the queue that it was
 * started for is done. `duplicate`: a second pod of one start. `replaced`: a person ended it to start another.
 */
export const POD_END_REASONS = [
  'person',
  'idle',
  'drained',
  'cap_batch',
  'cap_day',
  'boot_timeout',
  'no_gpu',
  'duplicate',
  'gone',
] as const;
export const podEndReasonSchema = z.enum(POD_END_REASONS);
export type PodEndReason = z.infer<typeof podEndReasonSchema>;

/** What a person may do. `drain`: finish what it has, then end. `adopt`: make a found pod this app's own. */
export const POD_ACTIONS = ['stop', 'start', 'restart', 'drain', 'terminate', 'adopt'] as const;
export const podActionSchema = z.enum(POD_ACTIONS);
export type PodAction = z.infer<typeof podActionSchema>;

/** Who the machine belongs to: the provider's own halls, or checked partners that are cheaper and whose owners can reach the disk. */
export const POD_CLOUDS = ['SECURE', 'COMMUNITY'] as const;
export const podCloudSchema = z.enum(POD_CLOUDS);
export type PodCloud = z.infer<typeof podCloudSchema>;

/** US dollars. */
export const usdSchema = z.number().nonnegative();

export const podViewSchema = z.object({
  id: z.string(),
  /** `bt-<install>-<ulid>`, unique; how the pod is found again whatever happened. */
  name: z.string(),
  /** The provider's id; null before it is known. Another one after a migration. */
  providerId: z.string().nullable(),
  state: podStateSchema,
  /** When `state` became what it is. */
  since: instantSchema,
  gpuId: z.string().nullable(),
  gpuName: z.string().nullable(),
  /** GPUs that the provider says it has now; 0 for a pod that came back without its GPU, null before it is known. */
  gpuCount: z.number().int().nonnegative().nullable(),
  memoryGB: z.number().nonnegative().nullable(),
  cloud: podCloudSchema.nullable(),
  dataCenterId: z.string().nullable(),
  cudaVersion: z.string().nullable(),
  /** The image that was asked for, and its digest: what the worker's identity is held against. */
  image: z.string().nullable(),
  imageDigest: z.string().nullable(),
  /** The image that the provider's record names: the second witness. */
  imageAtProvider: z.string().nullable(),
  /** True when the provider's record names another image than was asked for; null where one of them is not known. */
  imageDiffers: z.boolean().nullable(),
  /** US dollars per hour at present, as the provider says; 0 while stopped. */
  costPerHour: usdSchema,
  spent: usdSchema,
  spentToday: usdSchema,
  createdAt: instantSchema,
  readyAt: instantSchema.nullable(),
  endedAt: instantSchema.nullable(),
  /** Until when its worker must have answered; null when it has, or when nobody waits for it. */
  bootDeadline: instantSchema.nullable(),
  /** Since when it has had nothing to do, and when it will be ended for that; null while it works. */
  idleSince: instantSchema.nullable(),
  idleEndsAt: instantSchema.nullable(),
  workerId: z.string().nullable(),
  url: z.string().nullable(),
  /** Recordings that it has now, and what it has delivered so far. */
  jobsHeld: z.number().int().nonnegative(),
  jobsDone: z.number().int().nonnegative(),
  /** Seconds of recordings that it delivered. */
  audioSec: z.number().nonnegative(),
  endReason: podEndReasonSchema.nullable(),
  /** What is wrong with it now or why it failed; null where nothing is. */
  trouble: errorReportSchema.nullable(),
  /** One sentence on how it is and what happens next. */
  detail: z.string(),
  actions: z.array(podActionSchema),
  /** True for a pod of another installation, or from before the queue of this one was lost. Found pods only. */
  foreign: z.boolean(),
});
export type PodView = z.infer<typeof podViewSchema>;

/** `no_key`: none was entered. `unknown`: not asked yet. `refused`, `forbidden`, `no_balance`: the last answer said so; a person must act. */
export const podAccountStateSchema = z.enum([
  'no_key',
  'unknown',
  'ok',
  'refused',
  'forbidden',
  'no_balance',
  'limited',
  'unreachable',
]);

export const podsSummarySchema = z.object({
  account: z.object({
    state: podAccountStateSchema,
    /** Whether the secrets are there; they themselves never leave the engine. */
    apiKeySaved: z.boolean(),
    hfTokenSaved: z.boolean(),
    error: errorReportSchema.nullable(),
    checkedAt: instantSchema.nullable(),
    /** When it is asked again by itself; null at the usual interval. */
    retryAt: instantSchema.nullable(),
  }),
  /** Pods that cost money now, and what they cost together in US dollars per hour; found ones are counted too. */
  live: z.number().int().nonnegative(),
  costPerHour: usdSchema,
  spentToday: usdSchema,
  capPerDayUsd: usdSchema.nullable(),
  /** Pods that nobody here knows: adopt or end. */
  found: z.number().int().nonnegative(),
});
export type PodsSummary = z.infer<typeof podsSummarySchema>;

export const podLogLineSchema = z.object({
  at: z.string(),
  /** `container`: what the worker prints. `system`: what the provider says (image pulled, container started). */
  source: z.string(),
  line: z.string(),
});
export type PodLogLine = z.infer<typeof podLogLineSchema>;

/** True when nothing runs any more and nothing costs. */
export function isPodOver(state: PodState): boolean {
  return state === 'ended' || state === 'failed';
}
