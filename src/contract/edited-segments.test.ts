// The quick check accepts exactly what the schema accepts: for anything that is one change away from a good segment.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editedSegmentsSchema, isEditedSegment } from './edited-segments.ts';
import { editedSegmentSchema } from './edits.ts';

const GOOD = {
  ...{ id: 0, start: 0, end: 1.5, text: ' Good morning.', speaker: 'SPEAKER_00', avg_logprob: -0.2, no_speech_prob: 0 },
  ...{
    compression_ratio: 1.2,
    temperature: 0,
    speakerUncertain: true,
    key: '0.1',
    edited: true,
    original: ' Good.',
    checked: false,
  },
  words: [
    { word: ' Good', start: 0, end: 0.5, probability: 0.9 },
    { word: ' morning.', start: 0.5, end: 1.5, probability: 1, speaker: 'SPEAKER_00', interpolated: true },
  ],
};

const anything = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, -1, 0, 0.5, 2, 1e8, Number.NaN, true, '', 'x', '0.x', '3', [], {}),
  fc.constantFrom<unknown>('s'.repeat(65), 'k'.repeat(201), 't'.repeat(100_001), 'w'.repeat(1_001), 2 ** 53),
);

describe('the quick check of segments', () => {
  it('accepts a good one, and says what is wrong with a bad one', () => {
    expect(editedSegmentsSchema.parse([GOOD])[0]).toBe(GOOD);
    const refused = editedSegmentsSchema.safeParse([GOOD, { ...GOOD, end: -1 }]);
    expect(refused.error?.issues[0]?.message).toMatch(/^Segment 1: .*end/s);
    expect(editedSegmentsSchema.safeParse('x').success).toBe(false);
  });

  it('agrees with the schema on every single change', () => {
    const field = fc.constantFrom(...Object.keys(GOOD));
    const ofWord = fc.constantFrom(
      'word',
      'start',
      'end',
      'probability',
      'speaker',
      'interpolated',
      'speakerUncertain',
    );
    fc.assert(
      fc.property(field, ofWord, anything, fc.boolean(), (name, part, value, inWord) => {
        const changed = inWord
          ? { ...GOOD, words: [GOOD.words[0], { ...GOOD.words[1], [part]: value }] }
          : { ...GOOD, [name]: value };
        expect(isEditedSegment(changed)).toBe(editedSegmentSchema.safeParse(changed).success);
      }),
      { numRuns: 2_000 },
    );
  });
});
