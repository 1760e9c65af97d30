// Owns what a person may ask for one job: model, language, speakers, formats, where the files go. Frozen into the job when it is made; only its model may be
// another one until it is at a worker.

import * as z from 'zod';
import { exportChoicesSchema } from './export-options.ts';
import { nameTemplateSchema } from './name-template.ts';

/** The formats that can be written, in the order in which they are offered. */
export const EXPORT_FORMATS = [
  'srt',
  'vtt',
  'txt',
  'json',
  'docx',
  'md',
  'tsv',
  'csv',
  'whisperx',
  'podcast',
  'audacity',
  'rttm',
] as const;
export const exportFormatSchema = z.enum(EXPORT_FORMATS);
export type ExportFormat = z.infer<typeof exportFormatSchema>;

/** What happens when a file to be written is already there. */
export const CONFLICT_RULES = ['number', 'replace', 'skip'] as const;

/** What happens with a recording that was transcribed before with the same options: its transcript is taken over, or made again. */
export const WHEN_DONE_RULES = ['skip', 'again'] as const;
/**
 * What is sent to a worker. `audio`: where there is more in the file than one audio track, that track alone, copied without loss. `flac`: as
 * `audio`, and samples that are not packed are packed without loss, which costs some computing here. `opus`: as `audio`, and what Opus makes
 * smaller is packed with it, for a slow uplink: the only rule by which something of the sound is lost. `original`: the file as it is.
 */
export const SEND_RULES = ['audio', 'flac', 'opus', 'original'] as const;
export type SendRule = (typeof SEND_RULES)[number];

/** `mix`: all channels together. `separate`: each channel by itself, as a speaker of its own. */
export const CHANNEL_RULES = ['mix', 'separate'] as const;

export const speakerCountSchema = z
  .object({ min: z.int().min(1).max(64), max: z.int().min(1).max(64) })
  .refine((count) => count.min <= count.max, { error: 'The least number of speakers is larger than the most.' });

/** All options of one job. `language` empty = found by the model. `outDir` null = beside the recording. */
export const jobOptionsSchema = z.object({
  model: z.string().min(1).max(200),
  language: z.string().max(16),
  diarize: z.boolean(),
  /** With `diarize`: rather a transcript without speakers than none, where no worker can tell them apart. */
  diarizeOptional: z.boolean().optional(),
  speakers: speakerCountSchema.nullable(),
  initialPrompt: z.string().max(2000),
  hotwords: z.string().max(2000),
  formats: z.array(exportFormatSchema).min(1),
  outDir: z.string().min(1).nullable(),
  conflict: z.enum(CONFLICT_RULES),
  whenDone: z.enum(WHEN_DONE_RULES),
  /** Number of the audio track, from 1; absent: the one that a player would take. */
  track: z.int().min(1).max(64).optional(),
  /** Absent: `mix`. */
  channels: z.enum(CHANNEL_RULES).optional(),
  /** Absent: `audio`. */
  send: z.enum(SEND_RULES).optional(),
  /** How the files look inside. Absent: as {@link DEFAULT_EXPORT_OPTIONS}. */
  exports: exportChoicesSchema.optional(),
  /** How the files are called, without their ending: see name-template.ts. Absent: as the recording. */
  nameTemplate: nameTemplateSchema.optional(),
});
export type JobOptions = z.infer<typeof jobOptionsSchema>;

/** Options as a person gives them: what is left out comes from the settings. */
export const jobOptionsPatchSchema = jobOptionsSchema.partial();
export type JobOptionsPatch = z.infer<typeof jobOptionsPatchSchema>;

/** The same as they come from outside, where one that does not exist was misspelt; what is stored may be of another version. */
export const givenOptionsSchema = jobOptionsPatchSchema
  .extend({ exports: exportChoicesSchema.strict().optional() })
  .strict();

/** The options of a fresh install. The model is the smallest that is useful on a laptop's CPU. */
export const DEFAULT_JOB_OPTIONS: JobOptions = {
  model: 'small',
  language: '',
  diarize: false,
  speakers: null,
  initialPrompt: '',
  hotwords: '',
  formats: ['srt', 'json'],
  outDir: null,
  conflict: 'number',
  whenDone: 'skip',
};

/** What jobs were made with before an option of this name was there. */
const BEFORE: Partial<JobOptions> = { whenDone: 'again' };

/** Options as they were stored, by this version or an earlier one. */
export const storedOptionsSchema = z
  .looseObject({})
  .transform((options) => ({ ...BEFORE, ...options }))
  .pipe(jobOptionsSchema);

/** Options that decide about files and order, and nothing in the transcript itself. */
const ABOUT_FILES: ReadonlySet<string> = new Set([
  'formats',
  'outDir',
  'conflict',
  'whenDone',
  'send',
  'exports',
  'nameTemplate',
]);

/** The same text for options that give the same transcript of the same recording. A model may hear something else in what was sent with a loss. */
export function transcriptKey(options: JobOptions): string {
  const deciding = Object.entries(options).filter(
    ([name, value]) => value !== undefined && (!ABOUT_FILES.has(name) || (name === 'send' && value === 'opus')),
  );
  return JSON.stringify(deciding.sort(([one], [other]) => (one < other ? -1 : 1)));
}
