// Owns the quick check of an edited transcript's segments, as an engine answers with them. It accepts what editedSegmentSchema accepts and
// copies nothing: a ten-hour recording has 100,000 words, and a person waits for them.

import * as z from 'zod';
import type { EditedSegment } from './edits.ts';
import { editedSegmentSchema } from './edits.ts';
import { TRANSCRIPT_LIMITS } from './transcript.ts';

/** Segments of an engine's answer. What is wrong with them is told by the schema itself, for the first one that is. */
export const editedSegmentsSchema = z.custom<EditedSegment[]>(
  (value) => Array.isArray(value) && value.length <= TRANSCRIPT_LIMITS.segments && value.every(isEditedSegment),
  { error: ({ input }) => problemOf(input) },
);

function problemOf(input: unknown): string {
  if (!Array.isArray(input)) return 'The segments are no list.';
  for (const [index, segment] of input.entries()) {
    const parsed = editedSegmentSchema.safeParse(segment);
    if (!parsed.success) return `Segment ${index}: ${z.prettifyError(parsed.error)}`;
  }
  return 'There are too many segments.';
}

/** Whether `value` is what editedSegmentSchema describes. */
export function isEditedSegment(value: unknown): value is EditedSegment {
  if (!isRecord(value)) return false;
  return (
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
    isText(value['key'], 200) &&
    KEY.test(value['key']) &&
    typeof value['edited'] === 'boolean' &&
    (value['original'] === null || typeof value['original'] === 'string') &&
    typeof value['checked'] === 'boolean' &&
    Array.isArray(value['words']) &&
    value['words'].length <= TRANSCRIPT_LIMITS.wordsPerSegment &&
    value['words'].every(isWord)
  );
}

const KEY = /^\d+(?:\.\d+)*$/;

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

function isText(value: unknown, most: number): value is string {
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
