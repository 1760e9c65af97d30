import { describe, expect, it } from 'vitest';
import { tightened } from './fillers.ts';

describe('what subtitles leave out', () => {
  it('is hesitation and a word said twice', () => {
    expect(tightened('Um, I think the the boat was, er, late.', 'en')).toEqual({
      text: 'I think the boat was, late.',
      dropped: ['Um', 'the', 'er'],
    });
    expect(tightened('Well, that was it, um.', 'en')?.text).toBe('Well, that was it.');
    expect(tightened('Er war spät, äh, da.', 'de')?.text).toBe('Er war spät, da.');
  });

  it('is nothing where every word says something', () => {
    expect(tightened('The boat was late.', 'en')).toBeNull();
    expect(tightened('Um.', 'en')).toBeNull();
    expect(tightened('Er war da.', 'xx')).toBeNull();
  });
});
