// Owns the quick check of a segment: it accepts what segmentSchema accepts and copies nothing. A ten-hour recording has 100,000 words, and
// a person waits for them.

import * as z from 'zod';
import { inOrder, type Segment, segmentSchema, TRANSCRIPT_LIMITS, transcriptSchema } from './transcript.ts';

/**
 * A transcript that this app has read with transcriptSchema before and kept under its digest: the shape is looked at, the order of the
 * segments is not looked at again. What a segment has besides the schema's fields stays in it.
 */
export const keptTranscriptSchema = z.object({ ...transcriptSchema.shape, segments: listOf(isSegment, segmentSchema) });

/** As transcriptSchema, in a tenth of its time: an hour of words took 10 ms, in which the engine answered nobody. */
export const deliveredTranscriptSchema = keptTranscriptSchema.superRefine(inOrder);

/** A list of segments of which each passes `check`. What is wrong with them is told by `schema`, for the first one that is. */
export function listOf<Item>(check: (value: unknown) => value is Item, schema: z.ZodType<Item>): z.ZodType<Item[]> {
  return z.custom<Item[]>(
    (value) => Array.isArray(value) && value.length <= TRANSCRIPT_LIMITS.segments && value.every(check),
    { error: ({ input }) => problemOf(input, schema) },
  );
}

function problemOf(input: unknown, schema: z.ZodType): string {
  if (!Array.isArray(input)) return 'The segments are no list.';
  for (const [index, segment] of input.entries()) {
    const parsed = schema.safeParse(segment);
    if (!parsed.success) return `Segment ${index}: ${z.prettifyError(parsed.error)}`;
  }
  return 'There are too many segments.';
}

/** Whether `value` is what segmentSchema describes. */
export function isSegment(value: unknown): value is Segment {
  return (
    isRecord(value) &&
    isCount(value['id']) &&
    isSeconds(value['start']) &&
    isSeconds(value['end']) &&
    isText(value['text'], TRANSCRIPT_LIMITS.textLength) &&
    (value['speaker'] === undefined || isText(value['speaker'], 64)) &&
    isFlag(value['speakerUncertain']) &&
    isNumber(value['avg_logprob']) &&
    isNumber(value['no_speech_prob']) &&
    isNumber(value['compression_ratio']) &&
    isNumber(value['temperature']) &&
    Array.isArray(value['words']) &&
    value['words'].length <= TRANSCRIPT_LIMITS.wordsPerSegment &&
    value['words'].every(isWord)
  );
}

function isWord(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { word, start, end, probability, speaker, speakerUncertain, interpolated } = value;
  return (
    isText(word, 1_000) &&
    isSeconds(start) &&
    isSeconds(end) &&
    isNumber(probability) &&
    probability >= 0 &&
    probability <= 1 &&
    (speaker === undefined || isText(speaker, 64)) &&
    isFlag(speakerUncertain) &&
    isFlag(interpolated)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFlag(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean';
}

/** Whether it is a text of at most `most` units. */
export function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isSeconds(value: unknown): boolean {
  return isNumber(value) && value >= 0 && value <= 1e7;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
