import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { deliveredTranscriptSchema, keptTranscriptSchema } from './segment-check.ts';

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'));
}

const invalid = z
  .array(z.object({ why: z.string(), path: z.array(z.union([z.string(), z.number()])), transcript: z.unknown() }))
  .parse(fixture('transcripts.invalid'));
/** What is wrong with the order of segments was told when they came: the path then names a segment and nothing in it. */
const shapes = invalid.filter(({ path }) => !(path[0] === 'segments' && path.length === 2));

describe('the check of a transcript that the app kept', () => {
  it.each(['transcript.valid', 'transcript.empty'])('reads %s and keeps all of it', (name) => {
    expect(keptTranscriptSchema.parse(fixture(name))).toEqual(fixture(name));
  });

  it('refuses whatever has another shape, and says where', () => {
    expect(shapes.length).toBeGreaterThan(10);
    for (const { why, path, transcript } of shapes) {
      const issue = keptTranscriptSchema.safeParse(transcript).error?.issues[0];
      expect(issue?.path[0], why).toBe(path[0]);
      if (path.length > 2) expect(issue?.message, why).toMatch(`Segment ${String(path[1])}: `);
    }
  });
});

describe('the check of a transcript that is delivered', () => {
  it.each(['transcript.valid', 'transcript.empty'])('reads %s and keeps all of it', (name) => {
    expect(deliveredTranscriptSchema.parse(fixture(name))).toEqual(fixture(name));
  });

  it('refuses all that the schema refuses, and names the segment whose times are wrong', () => {
    expect(invalid.length).toBeGreaterThan(shapes.length);
    for (const { why, path, transcript } of invalid) {
      const issue = deliveredTranscriptSchema.safeParse(transcript).error?.issues[0];
      expect(issue?.path[0], why).toBe(path[0]);
      if (!shapes.some((shape) => shape.transcript === transcript)) expect(issue?.path, why).toEqual(path);
    }
  });
});
