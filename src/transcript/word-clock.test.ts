import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spoken } from './transcript.cases.ts';
import { placeAt, segmentNear } from './word-clock.ts';

const segments = [spoken(1, ' Good morning all', undefined, 0.1), spoken(10, ' It is late', undefined, 0.1)];

describe('the word at a moment', () => {
  it('is the one that is being said', () => {
    expect(placeAt(segments, 1)).toEqual({ segment: 0, word: 0 });
    expect(placeAt(segments, 1.55)).toEqual({ segment: 0, word: 1 });
    expect(placeAt(segments, 10.65)).toEqual({ segment: 1, word: 2 });
  });

  it('is none before the first, and none in a long silence', () => {
    expect(placeAt(segments, 0.99)).toBeNull();
    expect(placeAt(segments, 5)).toBeNull();
    expect(placeAt([], 5)).toBeNull();
  });

  it('has a segment near it all the same', () => {
    expect([0, 1, 9.99, 10, 99].map((time) => segmentNear(segments, time))).toEqual([0, 0, 0, 1, 1]);
    expect(segmentNear([], 3)).toBe(-1);
  });

  it('is that of a search through all words', () => {
    const text = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 20_000 }), (gaps, at) => {
        let start = 0;
        const many = gaps.map((gap) => {
          const segment = spoken(start + gap / 100, ' one two three', undefined, 0.05);
          start = segment.end;
          return segment;
        });
        const time = at / 1000;
        const said = placeAt(many, time);
        const inside = many.flatMap((segment, index) =>
          segment.words.flatMap((word, place) => (word.start <= time && time < word.end ? [[index, place]] : [])),
        );
        if (inside.length > 0) expect(inside).toContainEqual([said?.segment, said?.word]);
      }),
    );
  });
});
