import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outputName } from './output-names.ts';

describe('outputName', () => {
  it.each([
    ['talk', 1, 'talk.srt'],
    ['talk', 2, 'talk (2).srt'],
    ['a..', 1, 'a.srt'],
    ['...', 1, 'transcript.srt'],
    [' ', 1, 'transcript.srt'],
    ['con', 1, 'con_.srt'],
    ['COM1.backup', 1, 'COM1_.backup.srt'],
    ['concert', 1, 'concert.srt'],
    ['a\nb\u0000c', 1, 'a_b_c.srt'],
    ['12:30 "call"', 1, '12:30 "call".srt'],
    ['.hidden', 1, '.hidden.srt'],
  ])('%j, number %i: %j', (stem, number, expected) => {
    expect(outputName(stem, number, 'srt', 'linux')).toBe(expected);
  });

  it('leaves out what Windows forbids, there', () => {
    expect(outputName('12:30 "call" a\\b?*|<>', 1, 'srt', 'win32')).toBe('12_30 _call_ a_b_____.srt');
    for (const device of ['con', 'NUL .final', 'com¹', 'CONIN$', 'lpt9  '])
      expect(outputName(device, 1, 'srt', 'win32')).toMatch(/^(?:con|nul|com¹|conin\$|lpt9)_/i);
  });

  it('never cuts a character, and never grows over 255 bytes', () => {
    const family = '👩‍👩‍👧';
    const name = outputName(family.repeat(30), 12, 'json', 'linux');
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
    expect(name).toMatch(new RegExp(`^(${family})+ \\(12\\)\\.json$`, 'u'));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 1, max: 9_999 }), (stem, number) => {
        const made = outputName(stem, number, 'json', 'win32');
        expect(Buffer.byteLength(made)).toBeLessThanOrEqual(255);
        expect(made).toMatch(/^[^\p{Cc}/\\<>:"|?*]+\.json$/u);
        expect(made.isWellFormed()).toBe(true);
      }),
    );
  });
});
