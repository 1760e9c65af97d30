// Owns what a search over all transcripts is asked and answers.

import * as z from 'zod';

/** Words all have to occur in one segment; `"in this order"` together; `begin*` is the beginning of a word. Case and accents do not count. */
export const searchQuerySchema = z.object({
  query: z.string().max(1_000),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  /** From `nextCursor`. */
  cursor: z
    .string()
    .regex(/^-?\d{1,16}$/)
    .optional(),
});

export const searchHitSchema = z.object({
  jobId: z.string(),
  /** The recording's file name. */
  name: z.string(),
  /** The segment's key (see edits.ts), and where it begins, in seconds. */
  segment: z.string(),
  start: z.number().nonnegative(),
  /** Text around the first match; `…` where it was cut. Plain text, never markup. */
  snippet: z.string(),
  /** Places in `snippet` (UTF-16, `[from, to)`) that match, in order, not overlapping. */
  marks: z.array(z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()])),
});
export type SearchHit = z.infer<typeof searchHitSchema>;

/** Newest transcripts first, within one in the order of what was said. */
export const searchResultSchema = z.object({
  hits: z.array(searchHitSchema),
  nextCursor: z.string().nullable(),
  /** Transcripts that cannot be found yet, or only in part: they are still being taken into the index. */
  pending: z.number().int().nonnegative(),
});
export type SearchResult = z.infer<typeof searchResultSchema>;

/** As much of a stored transcript as is searched. It was checked when it came; here one of any earlier version will do. */
export const spokenSchema = z.object({ segments: z.array(z.object({ start: z.number(), text: z.string() })) });
