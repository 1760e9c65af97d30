// Owns what a person can set once for all jobs, and where each value came from: environment over saved over default.

import * as z from 'zod';
import { expectedIdentitySchema } from './identity.ts';
import { DEFAULT_JOB_OPTIONS, givenOptionsSchema, jobOptionsSchema } from './options.ts';
import { DEFAULT_POD_SETTINGS, podSettingsSchema } from './pod-settings.ts';
import { tunnelChoiceSchema } from './tunnel-wire.ts';

/** `off`: this computer only. `optional`: the remote worker when it answers, this computer otherwise. `required`: remote only. */
export const WORKER_MODES = ['off', 'optional', 'required'] as const;
export const workerModeSchema = z.enum(WORKER_MODES);
export type WorkerMode = z.infer<typeof workerModeSchema>;

export const settingsSchema = z.object({
  /** Options of the next drop. */
  jobDefaults: jobOptionsSchema,
  workerMode: workerModeSchema,
  /** Longest time one job may be at a worker without any progress, seconds (REMOTE_WORKER_TIMEOUT_SECONDS). */
  workerTimeoutSeconds: z
    .number()
    .int()
    .min(60)
    .max(7 * 24 * 3600),
  /** Seconds between two questions to a worker about a job (REMOTE_WORKER_POLL_SECONDS). */
  workerPollSeconds: z.number().min(0.2).max(60),
  expectedIdentity: expectedIdentitySchema,
  /** For rented machines. */
  pods: podSettingsSchema,
  /** How remote workers reach recordings (CONTROLLER_TUNNEL). The worker on this computer always has its own tunnel. */
  tunnel: tunnelChoiceSchema,
  /** The same for single workers, by their ids; over `tunnel`. */
  tunnelByWorker: z.record(z.string().max(100), tunnelChoiceSchema),
});
export type Settings = z.infer<typeof settingsSchema>;

export const settingsPatchSchema = settingsSchema
  .partial()
  .extend({ jobDefaults: jobOptionsSchema.partial().optional(), pods: podSettingsSchema.partial().optional() });
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;

/** The same as it comes from outside, where a setting that does not exist was misspelt; what is stored may be of another version. */
export const givenSettingsSchema = settingsPatchSchema
  .extend({ jobDefaults: givenOptionsSchema.optional(), pods: podSettingsSchema.partial().strict().optional() })
  .strict();

/** Names of settings that the environment holds fast at present: saving them changes nothing until the variable is gone. */
export const settingsViewSchema = z.object({ settings: settingsSchema, fromEnvironment: z.array(z.string()) });
export type SettingsView = z.infer<typeof settingsViewSchema>;

export const DEFAULT_SETTINGS: Settings = {
  jobDefaults: DEFAULT_JOB_OPTIONS,
  workerMode: 'optional',
  workerTimeoutSeconds: 7200,
  workerPollSeconds: 2,
  expectedIdentity: { gitCommit: null, imageDigest: null },
  pods: DEFAULT_POD_SETTINGS,
  tunnel: 'auto',
  tunnelByWorker: {},
};
