// Owns what became of the corrections of an earlier transcript when its recording was transcribed again.

import * as z from 'zod';
import { copiedFromSchema } from './job.ts';

/** A correction that has no place in the new transcript. Times in seconds. */
export const notCarriedSchema = z.object({
  /** `text`: words that were written; `deleted`: words that were taken out; `speaker`: who speaks; `name`: what a speaker is called. */
  what: z.enum(['text', 'deleted', 'speaker', 'name']),
  start: z.number().nonnegative(),
  end: z.number().nonnegative(),
  /** What a person wrote; of a speaker, the name. */
  text: z.string(),
  /** What stood there before; empty where nothing did. */
  original: z.string(),
});
export type NotCarried = z.infer<typeof notCarriedSchema>;

export const carriedSchema = z.object({
  from: copiedFromSchema,
  /** Corrections that are in this transcript, or that it needed no more. */
  placed: z.number().int().nonnegative(),
  left: z.array(notCarriedSchema),
});
export type Carried = z.infer<typeof carriedSchema>;
