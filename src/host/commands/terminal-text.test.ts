import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsOf, fitted, printable } from './terminal-text.ts';

test('a name is drawn in exactly its columns, whatever letters it has', () => {
  expect(fitted('a.wav', 8)).toBe('a.wav   ');
  expect(fitted('聴聞会の録音.wav', 9)).toBe('聴聞会の…');
  expect(fitted('聴聞会の録音.wav', 10)).toBe('聴聞会の… ');
  // A family is one character of several parts: it is left whole or left out.
  expect(fitted('👩‍👩‍👧 party', 4)).toBe('👩‍👩‍👧 …');
  expect(fitted('😀😀', 2)).toBe('… ');
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      (text, columns, mark) => {
        expect(columnsOf(fitted(text, columns, mark))).toBe(columns);
      },
    ),
  );
});

test('nothing in a name steers the terminal', () => {
  expect(printable('a\u001b[2J\u202egpj.exe\n\u0007.wav')).toBe('a�[2J�gpj.exe��.wav');
  expect(printable('Käse – 😀.wav')).toBe('Käse – 😀.wav');
});
