// Owns watched folders as their callers see them: every recording that is put into one is queued by itself, once.

import * as z from 'zod';
import { instantSchema } from './job.ts';

/**
 * `watching`: all is well. `missing`: the folder is not there now (a drive that is not connected); it is looked for again by itself.
 * `unreadable`: it is there, but may not be read. `off`: a person turned it off. `starting`: it has not been looked at yet.
 */
export const watchStateSchema = z.enum(['starting', 'watching', 'missing', 'unreadable', 'off']);
export type WatchState = z.infer<typeof watchStateSchema>;

export const watchFolderSchema = z.object({
  id: z.string(),
  /** Absolute path on the engine's computer. */
  path: z.string(),
  /** Options of what is found; null = the settings as they are then. */
  profileId: z.string().nullable(),
  /** Whether folders in it are looked into. */
  recursive: z.boolean(),
  enabled: z.boolean(),
  state: watchStateSchema,
  /** When `state` became what it is. */
  since: instantSchema,
  /** One sentence where there is something to say. */
  detail: z.string().nullable(),
  /** Recordings that were queued from it. */
  taken: z.number().int().nonnegative(),
  lastTakenAt: instantSchema.nullable(),
  createdAt: instantSchema,
});
export type WatchFolder = z.infer<typeof watchFolderSchema>;
