import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildTime, clock, memory, moment, shortHash, size, sizeOf, span, splitName, times } from './format.ts';

describe('numbers as a person reads them', () => {
  it.each([
    [0, '0:00'],
    [59.9, '0:59'],
    [2535, '42:15'],
    [10_720, '2:58:40'],
    [-3, '0:00'],
  ])('clock(%d) is %s', (seconds, text) => expect(clock(seconds)).toBe(text));

  it.each([
    [0, '1 s'],
    [28.2, '29 s'],
    [59.6, '1 min'],
    [198, '3 min'],
    [3570, '1 h 00 m'],
    [66_120, '18 h 22 m'],
  ])('span(%d) is %s', (seconds, text) => expect(span(seconds)).toBe(text));

  it.each([
    [0, '0 B'],
    [812, '812 B'],
    [3_400_000, '3.4 MB'],
    [171e6, '171 MB'],
    [4.2e9, '4.2 GB'],
  ])('size(%d) is %s', (bytes, text) => expect(size(bytes)).toBe(text));

  it('says a share in the unit of the whole', () => {
    expect(sizeOf(74e6, 171e6)).toBe('74 of 171 MB');
    expect(sizeOf(500, 3_400_000)).toBe('0.0 of 3.4 MB');
    expect(sizeOf(200, 100)).toBe('100 of 100 B');
  });

  it('says speeds and memory', () => {
    expect([times(41.2), times(9.96), times(1.31)]).toEqual(['41×', '10.0×', '1.3×']);
    expect([memory(17_600, 24_564), memory(null, 81_920)]).toEqual(['17.2 of 24 GB', '80 GB']);
  });

  it('says times of day as near as they are', () => {
    const now = new Date(2026, 10, 23, 13, 34).getTime();
    expect(moment(new Date(2026, 10, 23, 9, 5).getTime(), now)).toBe('09:05');
    expect(moment(new Date(2026, 10, 21, 9, 5).getTime(), now)).toBe('21 Nov, 09:05');
    expect(moment(new Date(2025, 1, 3, 9, 5).getTime(), now)).toBe('3 Feb 2025');
    expect(buildTime('2026-11-23T11:31:00Z')).toBe('2026-11-23 11:31');
    expect(buildTime('yesterday')).toBe('yesterday');
  });

  it('shortens hashes and nothing else', () => {
    expect(shortHash('b4b98e5')).toBe('b4b98e5');
    expect(shortHash('b4b98e5'.padEnd(40, '0'))).toBe('b4b98e5');
    expect(shortHash(`sha256:9c1f${'0'.repeat(56)}a77e`)).toBe('sha256:9c1f…a77e');
    expect(shortHash('v1.2.3')).toBe('v1.2.3');
  });

  it('never loses a letter of a name', () => {
    expect(splitName('Day 4.mp4')).toEqual({ stem: 'Day 4', ending: 'mp4' });
    expect(splitName('.hidden')).toEqual({ stem: '.hidden', ending: '' });
    expect(splitName('Mr. Okafor')).toEqual({ stem: 'Mr. Okafor', ending: '' });
    fc.assert(
      fc.property(fc.string(), (name) => {
        const { stem, ending } = splitName(name);
        return (ending === '' ? stem : `${stem}.${ending}`) === name;
      }),
    );
  });
});
