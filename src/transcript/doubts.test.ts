import { describe, expect, it } from 'vitest';
import type { EditedTranscript } from '../contract/edits.ts';
import { doubtFrom, doubtsIn } from './doubts.ts';
import { applyEdits } from './edit.ts';
import { readingOf } from './reading.cases.ts';

/** Makes the words that are written in capitals improbable. */
function unsure(reading: EditedTranscript): EditedTranscript {
  const segments = reading.segments.map((segment) => ({
    ...segment,
    words: segment.words.map((word) => (/[A-Z]{2}/.test(word.word) ? { ...word, probability: 0.2 } : word)),
  }));
  return { ...reading, segments };
}

const LINES = ['A: it was in METHIL then', 'A: at the inner BERTH and METHIL again', 'A: yes'];

describe('what is doubtful', () => {
  it('is every improbable word and every remark, in order of time', () => {
    const gap = { code: 'GAP', message: 'About 3 s of detected speech have no text.', start: 1.7, end: 1.9 };
    const doubts = doubtsIn(unsure(readingOf(LINES, [gap])));
    expect(doubts.map(({ kind, text }) => (kind === 'word' ? text : kind))).toEqual([
      'METHIL',
      'gap',
      'BERTH',
      'METHIL',
    ]);
    expect(doubts[1]?.key).toBe('1');
  });

  it('is so no more when it was marked as right or written anew', () => {
    const machine = unsure(readingOf(LINES));
    const operations = [
      { type: 'check', segment: '0', checked: true },
      { type: 'set-text', segment: '1', text: 'at the inner berth and Methil again' },
    ] as const;
    // The case of a word is no other word: it keeps its probability, so it is still to be looked at.
    expect(doubtsIn(applyEdits(machine, [{ seq: 1, at: 0, operations: [operations[0]] }]))).toHaveLength(2);
    const other = { ...operations[1], text: 'at the inner bay and Leith again' };
    expect(doubtsIn(applyEdits(machine, [{ seq: 1, at: 0, operations: [operations[0], other] }]))).toEqual([]);
  });

  it('is stepped through in both directions and around the ends', () => {
    const doubts = doubtsIn(unsure(readingOf(LINES)));
    const names = (step: 1 | -1): string[] => {
      let place: { start: number; word: number | null } = { start: 0, word: null };
      return doubts.map(() => {
        const next = doubtFrom(doubts, place, step);
        place = next ?? place;
        return `${next?.key}/${next?.word}`;
      });
    };
    expect(names(1)).toEqual(['0/3', '1/3', '1/5']);
    expect(names(-1)).toEqual(['1/5', '1/3', '0/3']);
    expect(doubtFrom([], { start: 0, word: null }, 1)).toBeNull();
  });
});
