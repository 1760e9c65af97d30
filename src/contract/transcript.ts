// Owns the canonical transcript: its schema, version 1, a superset of Whisper's own result. Workers make it, the store keeps it, exports read it.

import * as z from 'zod';

export const TRANSCRIPT_SCHEMA_VERSION = 1;

/** Caps against a hostile or broken worker (an hour of fast speech has about 2,000 segments and 15,000 words). */
export const TRANSCRIPT_LIMITS = {
  bytes: 64 * 1024 * 1024,
  segments: 200_000,
  wordsPerSegment: 5_000,
  textLength: 100_000,
  embedding: 4_096,
} as const;

/** Seconds from the start of the recording, 3 decimals. */
const seconds = z.number().nonnegative().max(1e7);

export const wordSchema = z.object({
  /** As Whisper gives it, with its leading space. */
  word: z.string().max(1_000),
  start: seconds,
  end: seconds,
  probability: z.number().min(0).max(1),
  speaker: z.string().max(64).optional(),
  /** Who says it is a guess: two speak at once, or nobody was heard there. */
  speakerUncertain: z.boolean().optional(),
  /** The times were not measured but laid between their neighbours. */
  interpolated: z.boolean().optional(),
});
export type Word = z.infer<typeof wordSchema>;

export const segmentSchema = z.object({
  id: z.number().int().nonnegative(),
  start: seconds,
  end: seconds,
  text: z.string().max(TRANSCRIPT_LIMITS.textLength),
  speaker: z.string().max(64).optional(),
  /** Most of its words are uncertain in their speaker. */
  speakerUncertain: z.boolean().optional(),
  avg_logprob: z.number(),
  no_speech_prob: z.number(),
  compression_ratio: z.number(),
  temperature: z.number(),
  words: z.array(wordSchema).max(TRANSCRIPT_LIMITS.wordsPerSegment),
});
export type Segment = z.infer<typeof segmentSchema>;

export const warningSchema = z.object({
  code: z.string().max(64),
  message: z.string().max(2_000),
  start: seconds.optional(),
  end: seconds.optional(),
});

/**
 * One recording's transcript. Times never run backwards: segments are ordered by start, each ends no earlier than it starts, and none
 * ends more than a second after the recording does (the slack covers rounding of containers).
 */
export const transcriptSchema = z
  .object({
    schemaVersion: z.literal(TRANSCRIPT_SCHEMA_VERSION),
    text: z.string(),
    language: z.string().max(16),
    duration: seconds,
    segments: z.array(segmentSchema).max(TRANSCRIPT_LIMITS.segments),
    speakers: z.record(
      z.string().max(64),
      z.object({
        name: z.string().max(200).optional(),
        color: z.string().max(32).optional(),
        /** The voice as numbers, for telling whether two recordings have the same speaker (cosine); comparable within one pipeline only. */
        embedding: z.array(z.number()).max(TRANSCRIPT_LIMITS.embedding).optional(),
      }),
    ),
    warnings: z.array(warningSchema).max(10_000),
    source: z.object({
      filename: z.string(),
      sizeBytes: z.number().int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      duration: seconds,
    }),
    engine: z.object({
      name: z.string(),
      version: z.string(),
      model: z.string(),
      computeType: z.string(),
      device: z.string(),
      options: z.record(z.string(), z.unknown()).refine(isShallow, { error: 'is nested too deeply' }),
    }),
    worker: z.object({
      gitCommit: z.string().nullable(),
      buildTime: z.string().nullable(),
      imageDigest: z.string().nullable(),
      gpu: z.string().nullable(),
      cuda: z.string().nullable(),
      protocol: z.number().int(),
      bootId: z.string(),
      instanceId: z.string(),
    }),
    createdAt: z.iso.datetime({ offset: true }),
  })
  .superRefine(inOrder);
export type Transcript = z.infer<typeof transcriptSchema>;

/** Objects and lists within each other that the engine's options may have. What is nested a few thousand deep can be read, but not written again. */
const DEEPEST = 20;

function isShallow(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= DEEPEST; depth += 1) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
    if (level.length === 0) return true;
  }
  return false;
}

/** Refines what has a transcript's shape: one issue, for the first segment whose times run backwards or beyond the recording. */
export function inOrder(
  transcript: { readonly duration: number; readonly segments: readonly Pick<Segment, 'start' | 'end'>[] },
  context: z.RefinementCtx,
): void {
  let previous = 0;
  const last = transcript.duration + 1;
  for (const [index, segment] of transcript.segments.entries()) {
    const wrong =
      segment.end < segment.start
        ? 'ends before it starts'
        : segment.start < previous
          ? 'starts before its predecessor'
          : segment.end > last
            ? 'ends after the recording'
            : null;
    if (wrong !== null) {
      context.addIssue({ code: 'custom', path: ['segments', index], message: `Segment ${index} ${wrong}.` });
      return;
    }
    previous = segment.start;
  }
}
