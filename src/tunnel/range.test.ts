import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ifMatchPasses, requestedRange } from './range.ts';

const ETAG = '"sha256-x"';
const whole = { kind: 'whole' };

test.each([
  ['bytes=0-', { kind: 'part', start: 0, end: 100 }],
  ['bytes=40-', { kind: 'part', start: 40, end: 100 }],
  ['bytes=0-0', { kind: 'part', start: 0, end: 1 }],
  ['bytes=99-', { kind: 'part', start: 99, end: 100 }],
  ['bytes=40-1000', { kind: 'part', start: 40, end: 100 }],
  ['bytes=-30', { kind: 'part', start: 70, end: 100 }],
  ['bytes=-1000', { kind: 'part', start: 0, end: 100 }],
  ['bytes=100-', { kind: 'unsatisfiable' }],
  ['bytes=-0', { kind: 'unsatisfiable' }],
  ['bytes=5-4', whole],
  ['bytes=0-1,3-4', whole],
  ['bytes=-', whole],
  ['bytes=a-b', whole],
  ['lines=0-1', whole],
  ['', whole],
])('%s of 100 bytes', (range, expected) => {
  expect(requestedRange({ range }, 100, ETAG)).toEqual(expected);
});

test('a validator that is not exactly ours gives the whole file', () => {
  expect(requestedRange({ range: 'bytes=4-', 'if-range': ETAG }, 100, ETAG)).toMatchObject({ kind: 'part' });
  for (const other of ['"sha256-y"', `W/${ETAG}`, 'Mon, 23 Nov 2026 00:00:00 GMT', '']) {
    expect(requestedRange({ range: 'bytes=4-', 'if-range': other }, 100, ETAG)).toEqual(whole);
  }
});

test('If-Match lets through what is absent, any, or named', () => {
  expect(ifMatchPasses(undefined, ETAG)).toBe(true);
  expect(ifMatchPasses('*', ETAG)).toBe(true);
  expect(ifMatchPasses(`"a", ${ETAG}`, ETAG)).toBe(true);
  expect(ifMatchPasses('"a"', ETAG)).toBe(false);
});

test('no header leads outside the file', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), fc.nat(), fc.integer({ min: 1, max: 1_000 }), (text, first, last, size) => {
      for (const range of [text, `bytes=${first}-${last}`, `bytes=${first}-`, `bytes=-${last}`, `bytes=${text}`]) {
        const found = requestedRange({ range }, size, ETAG);
        if (found.kind !== 'part') continue;
        expect(found.start).toBeGreaterThanOrEqual(0);
        expect(found.start).toBeLessThan(found.end);
        expect(found.end).toBeLessThanOrEqual(size);
      }
    }),
  );
});
