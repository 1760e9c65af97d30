import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits } from './edit.ts';
import { readingOf, segmentAt } from './reading.cases.ts';
import { caretOf, splitPlace } from './split-place.ts';

const machine = readingOf(['A: It is late, and cold.']);
const segment = segmentAt(machine, 0);
const TEXT = 'It is late, and cold.';

describe('the place of a caret', () => {
  it('is in front of the word that it stands before or in', () => {
    expect(splitPlace(segment, TEXT, TEXT.indexOf('and'))).toBe(3);
    expect(splitPlace(segment, TEXT, TEXT.indexOf(' and'))).toBe(3);
    expect(splitPlace(segment, TEXT, TEXT.indexOf('nd'))).toBe(3);
    expect(splitPlace(segment, TEXT, 0)).toBeNull();
    expect(splitPlace(segment, TEXT, 1)).toBeNull();
    expect(splitPlace(segment, TEXT, TEXT.length)).toBeNull();
  });

  it('is counted in the words that are there after the writing', () => {
    const text = 'It is very very late, and cold.';
    const word = splitPlace(segment, text, text.indexOf('late'));
    const operations = [
      { type: 'set-text', segment: '0', text },
      { type: 'split', segment: '0', word: word ?? 0 },
    ] as const;
    const edited = applyEdits(machine, [{ seq: 1, at: 0, operations: [...operations] }]);
    expect(edited.segments.map((each) => each.text.trim())).toEqual(['It is very very', 'late, and cold.']);
  });

  it('goes there and back for every word', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), (word) => {
        expect(splitPlace(segment, TEXT, caretOf(segment, word))).toBe(word);
      }),
    );
    expect(caretOf(segment, 0)).toBe(0);
  });
});
