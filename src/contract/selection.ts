// Owns how many jobs are named at once: by their ids, by their batch, or all there are.

import * as z from 'zod';
import { errorReportSchema } from './errors.ts';
import { jobStateSchema } from './job.ts';

const jobId = z.string().min(1).max(100);

const selected = z.strictObject({
  ids: z.array(jobId).min(1).max(100_000).optional(),
  batchId: jobId.optional(),
  all: z.literal(true).optional(),
  states: z.array(jobStateSchema).min(1).optional(),
});
type Selected = z.infer<typeof selected>;

const namesOne = ({ ids, batchId, all }: Selected): boolean =>
  [ids, batchId, all].filter((named) => named !== undefined).length === 1;
const ONE = { error: 'Name either ids, a batch, or all.' };

/**
 * Exactly one of `ids`, `batchId` and `all`. Of a batch, or of all, only jobs that the change means something for are taken: canceled is
 * what is not over, tried again what failed, removed what is over. `states` names others.
 */
export const selectionSchema = selected.refine(namesOne, ONE);
export type Selection = z.infer<typeof selectionSchema>;

/** Jobs, and the model that they are to be transcribed with. */
export const modelSelectionSchema = selected.extend({ model: z.string().min(1).max(200) }).refine(namesOne, ONE);

/** What became of each: changed, or refused with its reason. */
export const selectionResultSchema = z.object({
  changed: z.array(z.string()),
  refused: z.array(z.object({ id: z.string(), error: errorReportSchema })),
});
export type SelectionResult = z.infer<typeof selectionResultSchema>;

/**
 * Where what is moved goes: to an end of the queue, or next to another job or batch. A batch moves with all its jobs in their order; its
 * place is that of its first (`before`) or last (`after`) job that is not over.
 */
export const placeSchema = z.union([
  z.strictObject({ to: z.enum(['top', 'bottom']) }),
  z.strictObject({ before: jobId }),
  z.strictObject({ after: jobId }),
]);
export type Place = z.infer<typeof placeSchema>;
