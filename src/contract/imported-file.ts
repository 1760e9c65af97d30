// Owns the JSON of other programs as it is read: Whisper's, faster-whisper's and WhisperX's, parsed from `unknown`. Only what a transcript
// needs is looked at; what is no number where one should be counts as missing.

import * as z from 'zod';
import { TRANSCRIPT_LIMITS } from './transcript.ts';

const measured = z
  .unknown()
  .optional()
  .transform((value) => {
    // Some programs write their numbers in quotes.
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : null;
  });

/** Some programs count speakers. */
const speaker = z.union([z.string().max(200), z.int().transform((number) => `Speaker ${number}`)]).nullish();

const importedWordSchema = z
  .object({
    word: z.string().max(1_000).nullish(),
    text: z.string().max(1_000).nullish(),
    start: measured,
    end: measured,
    probability: measured,
    /** WhisperX's name for it. */
    score: measured,
    speaker,
  })
  .transform(({ text, word, score, probability, ...rest }) => ({
    ...rest,
    word: word ?? text ?? '',
    probability: probability ?? score,
  }));

export const importedResultSchema = z.object({
  language: z.string().max(64).nullish(),
  duration: measured,
  /** What faster-whisper gives beside its segments. */
  info: z.object({ language: z.string().max(64).nullish(), duration: measured }).nullish(),
  segments: z
    .array(
      z.object({
        start: measured,
        end: measured,
        text: z.string().max(TRANSCRIPT_LIMITS.textLength),
        speaker,
        avg_logprob: measured,
        no_speech_prob: measured,
        compression_ratio: measured,
        temperature: measured,
        words: z.array(importedWordSchema).max(TRANSCRIPT_LIMITS.wordsPerSegment).nullish(),
      }),
    )
    .max(TRANSCRIPT_LIMITS.segments),
});
export type ImportedResult = z.infer<typeof importedResultSchema>;
