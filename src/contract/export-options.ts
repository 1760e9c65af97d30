// Owns what can be chosen where programs expect different things of the same format. The defaults are what most of them take.

import * as z from 'zod';

/** How subtitles are cut into cues; the numbers of each lie in src/transcript/layouts.ts. */
export const CUE_LAYOUTS = ['subtitles', 'podcast', 'one-line', 'sentences'] as const;
export const cueLayoutSchema = z.enum(CUE_LAYOUTS);
export type CueLayout = z.infer<typeof cueLayoutSchema>;

/**
 * Where SRT says who speaks. `change`: `Name: text` where the speaker changes; `always`: in every cue; `brackets`: `[SPEAKER_00]: text` in
 * every cue, as WhisperX writes it; `never`.
 */
export const SRT_SPEAKERS = ['change', 'always', 'brackets', 'never'] as const;

/** In a query everything is text. */
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]);

export const exportOptionsSchema = z.object({
  layout: cueLayoutSchema.default('subtitles'),
  srtSpeakers: z.enum(SRT_SPEAKERS).default('change'),
  /** A fourth column `speaker` in TSV. */
  tsvSpeaker: flag.default(false),
  /** A byte-order mark before SRT, VTT, TXT, TSV, CSV and Markdown, by which some programs know UTF-8. */
  bom: flag.default(false),
});
export type ExportOptions = z.infer<typeof exportOptionsSchema>;

export const DEFAULT_EXPORT_OPTIONS: ExportOptions = exportOptionsSchema.parse({});
