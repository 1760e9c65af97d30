import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits } from './edit.ts';
import { type FindQuery, findIn, isCostly, replaceAll, replacedText } from './find.ts';
import { readingOf } from './reading.cases.ts';
import { singleChange } from './single-change.ts';

const reading = readingOf(['A: Methil and methil.', 'A: The Methilhill pit.', 'A: Größe, tap forty']);
const query = (text: string, more: Partial<FindQuery> = {}): FindQuery => ({
  ...{ text, matchCase: false, wholeWord: false, regex: false },
  ...more,
});
const still = (): number => 0;
const places = (asked: FindQuery, into = ''): string[] =>
  findIn(reading.segments, asked, into, still).hits.map(({ key, from, to }) => `${key}:${from}-${to}`);

describe('finding', () => {
  it('heeds case and whole words where asked, beyond ASCII too', () => {
    expect(places(query('methil'))).toEqual(['0:1-7', '0:12-18', '1:5-11']);
    expect(places(query('methil', { matchCase: true }))).toEqual(['0:12-18']);
    expect(places(query('methil', { wholeWord: true }))).toEqual(['0:1-7', '0:12-18']);
    expect(places(query('GRÖSSE'))).toEqual([]);
    expect(places(query('größe', { wholeWord: true }))).toEqual(['2:1-6']);
  });

  it('takes signs as they are, unless a pattern is asked for', () => {
    expect(places(query('.'))).toEqual(['0:18-19', '1:19-20']);
    expect(places(query('t.p', { regex: true }))).toEqual(['2:8-11']);
    expect(findIn(reading.segments, query('(', { regex: true }), '', still).problem).toBe('bad-pattern');
  });

  it('refuses patterns that could take for ever, and stops a search that does', () => {
    for (const pattern of ['(a+)+', '(a|aa)*b', '(?:x*)*', '(a)\\1', '.*.*.*.*x', 'a'.repeat(201)])
      expect(isCostly(pattern), pattern).toBe(true);
    for (const pattern of ['\\bMethil\\b', '[a-z]+ing', '(one|two) three', 'colou?r', 'x{2}', '[)(*+]']) {
      expect(isCostly(pattern), pattern).toBe(false);
    }
    let now = 0;
    const slow = findIn(reading.segments, query('methil'), '', () => {
      now += 500;
      return now;
    });
    expect(slow).toMatchObject({ problem: 'too-slow', hits: { length: 2 } });
  });
});

describe('replacing', () => {
  it('puts groups where they are named, and is one edit that applies', () => {
    const { hits } = findIn(reading.segments, query('(meth)(il)\\b', { regex: true }), '$2-$1 $$', still);
    const operations = replaceAll(reading.segments, hits);
    expect(operations).toEqual([{ type: 'set-text', segment: '0', text: 'il-Meth $ and il-meth $.' }]);
    const edited = applyEdits(reading, [{ seq: 1, at: 0, operations: [...operations] }]);
    expect(edited.unapplied).toEqual([]);
  });

  it('deletes a segment of which nothing is left', () => {
    const { hits } = findIn(reading.segments, query('The Methilhill pit.'), '', still);
    expect(replaceAll(reading.segments, hits)).toEqual([{ type: 'delete', segment: '1' }]);
  });

  it('leaves everything else as it was', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ab ]{1,20}$/), fc.stringMatching(/^[ab]{1,3}$/), (text, wanted) => {
        const segments = [{ key: '0', text }];
        const { hits } = findIn(segments, query(wanted, { matchCase: true }), 'X', still);
        expect(replacedText(text, hits)).toBe(text.replaceAll(wanted, 'X'));
      }),
    );
  });
});

describe('a correction of one word', () => {
  it('is known as such, without the signs around it', () => {
    expect(singleChange(' It is at tap forty.', 'It is at tab fourteen.')).toEqual({
      from: 'tap forty',
      to: 'tab fourteen',
    });
    expect(singleChange('in Methyl, for', 'in Methil, for')).toEqual({ from: 'Methyl', to: 'Methil' });
  });

  it('is none where two places changed, or words came or went', () => {
    expect(singleChange('a b c d e', 'x b c y e')).toBeNull();
    expect(singleChange('a b', 'a b c')).toBeNull();
    expect(singleChange('a b', 'a b')).toBeNull();
    expect(singleChange('a b c d e', 'w x y z e')).toBeNull();
  });
});
