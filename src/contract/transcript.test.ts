import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { deliveredTranscriptSchema } from './segment-check.ts';
import { TRANSCRIPT_LIMITS, transcriptSchema } from './transcript.ts';

/** A file that both languages read, unparsed by any schema. */
function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'));
}

const invalid = z
  .array(z.object({ why: z.string(), path: z.array(z.union([z.string(), z.number()])), transcript: z.unknown() }))
  .parse(fixture('transcripts.invalid'));

describe('the schema of transcripts', () => {
  it.each(['transcript.valid', 'transcript.empty'])('reads %s and keeps all of it', (name) => {
    expect(transcriptSchema.parse(fixture(name))).toEqual(fixture(name));
  });

  it.each(invalid)('refuses $why', ({ path, transcript }) => {
    const parsed = transcriptSchema.safeParse(transcript);
    expect(parsed.error?.issues[0]?.path).toEqual(path);
  });

  it('lets through what a newer worker says besides', () => {
    const more = { ...transcriptSchema.parse(fixture('transcript.empty')), mood: 'cheerful' };
    expect(transcriptSchema.parse(more)).not.toHaveProperty('mood');
  });

  it('refuses options that could be read and not written again', () => {
    const text = JSON.stringify(fixture('transcript.valid'));
    const nested = (depth: number) =>
      JSON.parse(text.replace('"options":{', `"options":{"deep":${'['.repeat(depth)}${']'.repeat(depth)},`));
    expect(transcriptSchema.safeParse(nested(10)).success).toBe(true);
    for (const depth of [30, 5_000, 1_000_000]) {
      const parsed = transcriptSchema.safeParse(nested(depth));
      expect(parsed.error?.issues[0]?.path).toEqual(['engine', 'options']);
    }
    expect(deliveredTranscriptSchema.safeParse(nested(5_000)).success).toBe(false);
  });

  it('allows a second of slack at the end and no more', () => {
    const valid = transcriptSchema.parse(fixture('transcript.valid'));
    const [segment] = valid.segments;
    if (segment === undefined) throw new Error('the fixture has no segment');
    const ending = (end: number) => transcriptSchema.safeParse({ ...valid, segments: [{ ...segment, end }] }).success;
    expect(ending(valid.duration + 1)).toBe(true);
    expect(ending(valid.duration + 1.001)).toBe(false);
  });

  it('refuses more segments than any recording has, quickly', () => {
    const valid = transcriptSchema.parse(fixture('transcript.valid'));
    const segments = new Array(TRANSCRIPT_LIMITS.segments + 1).fill(valid.segments[0]);
    expect(transcriptSchema.safeParse({ ...valid, segments }).success).toBe(false);
  });
});
