import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crosstalkIn } from './crosstalk.ts';
import { segmentOf } from './transcript.cases.ts';

it('is where somebody goes on for half a second after another began, of whom however many there are', () => {
  const segment = fc.record({
    start: fc.integer({ min: 0, max: 60 }),
    lasts: fc.integer({ min: 0, max: 40 }),
    speaker: fc.constantFrom('A', 'B', 'C', undefined),
  });
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 12 }), (made) => {
      const segments = made
        .toSorted((one, other) => one.start - other.start)
        .map(({ start, lasts, speaker }) => segmentOf([], start / 10, (start + lasts) / 10, speaker));
      const together = (early: (typeof segments)[0], late: (typeof segments)[0]): boolean =>
        early.speaker !== undefined &&
        late.speaker !== undefined &&
        early.speaker !== late.speaker &&
        early.end - late.start >= 0.5;
      const expected = segments.map((one, at) =>
        segments.some((other, index) => (index < at ? together(other, one) : index > at && together(one, other))),
      );
      expect(crosstalkIn(segments)).toEqual(expected);
    }),
    { numRuns: 3_000 },
  );
});
