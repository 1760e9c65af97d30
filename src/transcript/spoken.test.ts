import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneLine, spokenWords } from './spoken.ts';
import { anyTranscript, segmentOf, spoken, transcriptOf } from './transcript.cases.ts';

describe('spokenWords', () => {
  it('knows what is written as one and what is apart', () => {
    const words = spokenWords(transcriptOf([spoken(0, ' Hello there'), { ...spoken(2, 'you'), id: 1 }]));
    expect(words.map(({ text, spaced, first }) => [text, spaced, first])).toEqual([
      ['Hello', true, true],
      ['there', true, false],
      ['you', true, true],
    ]);
    const glued = ['well', '-known', ' ', 'man'].map((word) => ({ word, start: 0, end: 0, probability: 1 }));
    expect(spokenWords(transcriptOf([segmentOf(glued, 0, 0)])).map(({ text, detached }) => [text, detached])).toEqual([
      ['well', true],
      ['-known', false],
      ['man', true],
    ]);
  });

  it('takes the speaker of the word before that of its segment', () => {
    const segment = spoken(0, ' a b', 'A');
    const [first] = segment.words;
    if (first === undefined) throw new Error('no word');
    const words = spokenWords(transcriptOf([{ ...segment, words: [first, { ...first, speaker: 'B' }] }]));
    expect(words.map((word) => word.speaker)).toEqual(['A', 'B']);
  });

  it('gives clean words whose times run backwards only where people speak together, from any transcript', () => {
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        let before = 0;
        const own = new Map<string | null, number>();
        for (const word of spokenWords(transcript)) {
          expect(word.text).toBe(oneLine(word.text));
          expect(word.text).not.toBe('');
          expect(word.startMs).toBeGreaterThanOrEqual(word.crosstalk ? (own.get(word.speaker) ?? 0) : before);
          expect(word.endMs).toBeGreaterThanOrEqual(word.startMs);
          expect(Number.isInteger(word.startMs) && Number.isInteger(word.endMs)).toBe(true);
          before = Math.max(before, word.startMs);
          own.set(word.speaker, word.startMs);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
