// Owns what a deployed worker (docs/protocol.md, part 1) uploads: the kinds of outputs, how large each may be, and the two that are
// read, parsed from `unknown`. Only what the canonical transcript needs is looked at; everything else is let go.

import * as z from 'zod';

/** `markdown` and `speaker-markdown` say again what the other two say; they are taken and not kept. */
export const DEPLOYED_OUTPUT_TYPES = ['json', 'diarization-json', 'markdown', 'speaker-markdown'] as const;
export const deployedOutputTypeSchema = z.enum(DEPLOYED_OUTPUT_TYPES);
export type DeployedOutputType = z.infer<typeof deployedOutputTypeSchema>;

/** The types from which the transcript is made. */
export type KeptOutputType = Extract<DeployedOutputType, 'json' | 'diarization-json'>;

const MIB = 1024 * 1024;

/** The most bytes that a file of each type may have. */
export const DEPLOYED_OUTPUT_BYTES: Record<DeployedOutputType, number> = {
  json: 64 * MIB,
  'diarization-json': 16 * MIB,
  markdown: 16 * MIB,
  'speaker-markdown': 16 * MIB,
};

/** Caps against a hostile or broken worker. */
export const DEPLOYED_LIMITS = { turns: 200_000, speakers: 64, words: 2_000_000 } as const;

/** A number, or null where there is none to be had: a missing one, NaN, text. */
const measured = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === 'number' && Number.isFinite(value) ? value : null));

/** `outputType json`: Whisper's own result. The faster builds name a word's text `word`, WhisperX does so too. */
export const whisperResultSchema = z.object({
  language: z.string().max(64).nullish(),
  segments: z
    .array(
      z.object({
        start: measured,
        end: measured,
        text: z.string().max(100_000),
        avg_logprob: measured,
        no_speech_prob: measured,
        compression_ratio: measured,
        temperature: measured,
        words: z
          .array(z.object({ word: z.string().max(1_000), start: measured, end: measured, probability: measured }))
          .max(5_000)
          .nullish(),
      }),
    )
    .max(200_000),
});
export type WhisperResult = z.infer<typeof whisperResultSchema>;

/** `outputType diarization-json`. */
export const diarizationSchema = z
  .array(z.object({ start: z.number(), end: z.number(), speaker: z.string().min(1).max(200) }))
  .max(DEPLOYED_LIMITS.turns);
export type DiarizationTurn = z.infer<typeof diarizationSchema>[number];
