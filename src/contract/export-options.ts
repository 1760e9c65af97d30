// Owns what can be chosen where programs expect different things of the same format. The defaults are what most of them take.

import * as z from 'zod';

/** How subtitles are cut into cues; the numbers of each lie in src/transcript/layouts.ts. */
export const CUE_LAYOUTS = [
  'subtitles',
  'netflix',
  'bbc',
  'podcast',
  'cjk',
  'one-line',
  'sentences',
  'segments',
] as const;
export const cueLayoutSchema = z.enum(CUE_LAYOUTS);
export type CueLayout = z.infer<typeof cueLayoutSchema>;

/**
 * Where SRT says who speaks. `change`: `Name: text` where the speaker changes; `always`: in every cue; `brackets`: `[SPEAKER_00]: text` in
 * every cue, as WhisperX writes it; `never`.
 */
export const SRT_SPEAKERS = ['change', 'always', 'brackets', 'never'] as const;

/** In a query everything is text. */
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]);

/** Numbers of a person's own, in place of those of the layout. */
const numbers = {
  lines: z.int().min(1).max(10),
  /** Columns; a wide character (Chinese, emoji) takes two. */
  lineWidth: z.int().min(10).max(200),
  charactersPerSecond: z.number().min(1).max(100),
  shortestMs: z.int().min(0).max(10_000),
  longestMs: z.int().min(500).max(60_000),
  gapMs: z.int().min(0).max(5_000),
};
const number = z.coerce.number();
const queryNumbers = {
  lines: number.pipe(numbers.lines).optional(),
  lineWidth: number.pipe(numbers.lineWidth).optional(),
  charactersPerSecond: number.pipe(numbers.charactersPerSecond).optional(),
  shortestMs: number.pipe(numbers.shortestMs).optional(),
  longestMs: number.pipe(numbers.longestMs).optional(),
  gapMs: number.pipe(numbers.gapMs).optional(),
};

const choices = { layout: cueLayoutSchema, srtSpeakers: z.enum(SRT_SPEAKERS) };

/** As they are kept with a job: what is left out is as everywhere. */
export const exportChoicesSchema = z
  .object({
    ...choices,
    /** A fourth column `speaker` in TSV. */
    tsvSpeaker: z.boolean(),
    /** A byte-order mark before SRT, VTT, TXT, TSV, CSV and Markdown, by which some programs know UTF-8. */
    bom: z.boolean(),
    /** In VTT a time before every word, by which players can mark the word that is spoken. */
    vttWords: z.boolean(),
    ...numbers,
  })
  .partial();
export type ExportChoices = z.infer<typeof exportChoicesSchema>;
export type CueNumbers = Pick<ExportChoices, keyof typeof numbers>;

/** As a call gives them: what is left out is as the job has it. */
export const exportOptionsPatchSchema = z.object({
  layout: choices.layout.optional(),
  srtSpeakers: choices.srtSpeakers.optional(),
  tsvSpeaker: flag.optional(),
  bom: flag.optional(),
  vttWords: flag.optional(),
  ...queryNumbers,
});

/** All of them, as files are written. */
export const exportOptionsSchema = z.object({
  layout: choices.layout.default('subtitles'),
  srtSpeakers: choices.srtSpeakers.default('change'),
  tsvSpeaker: z.boolean().default(false),
  bom: z.boolean().default(false),
  vttWords: z.boolean().default(false),
  ...z.object(numbers).partial().shape,
});
export type ExportOptions = z.infer<typeof exportOptionsSchema>;

export const DEFAULT_EXPORT_OPTIONS: ExportOptions = exportOptionsSchema.parse({});
