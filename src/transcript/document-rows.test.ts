import { describe, expect, it } from 'vitest';
import { documentRows, rowIndexes } from './document-rows.ts';
import { applyEdits } from './edit.ts';
import { readingOf, segmentAt } from './reading.cases.ts';
import { repeatsIn } from './repeats.ts';

const NOTHING = { openLoops: new Set<string>(), showDeleted: true };

describe('the rows of a transcript', () => {
  it('are one a segment, and say where another one speaks', () => {
    const rows = documentRows(readingOf(['A: Good.', 'A: Morning.', 'B: Yes.', 'A: Well.']), NOTHING);
    expect(rows.map((row) => row.kind === 'segment' && row.turn)).toEqual([true, false, true, true]);
  });

  it('set a loop aside as one, until a person wants to read it', () => {
    const thanks = Array.from({ length: 6 }, () => 'A: Thank you.');
    const reading = readingOf(['A: Good.', ...thanks, 'A: Now then, Mr Reid.']);
    const rows = documentRows(reading, NOTHING);
    expect(rows.map(({ kind }) => kind)).toEqual(['segment', 'loop', 'segment']);
    expect(rows[1]).toMatchObject({ block: { phrase: 'Thank you.', times: 6, from: 1, to: 7 } });
    expect(rowIndexes(rows).get('4')).toBe(1);
    expect(documentRows(reading, { ...NOTHING, openLoops: new Set(['1']) })).toHaveLength(8);
  });

  it('believe the worker about a loop only where the text does repeat', () => {
    const lines = ['A: so we went out and so we went out and so we went out and so we went out', 'A: And then home.'];
    const warning = { code: 'LOOP', message: '', start: 0, end: segmentAt(readingOf(lines), 0).end };
    expect(documentRows(readingOf(lines, [warning]), NOTHING)[0]).toMatchObject({ kind: 'loop', block: { times: 4 } });
    const other = readingOf(['A: We went out on the ninth.', 'A: And then home.'], [{ ...warning, end: 2 }]);
    expect(documentRows(other, NOTHING).map(({ kind }) => kind)).toEqual(['segment', 'segment']);
  });

  it('leave out of a loop what a person has checked', () => {
    const machine = readingOf(Array.from({ length: 5 }, () => 'A: No.'));
    const operations = machine.segments.map(({ key }) => ({ type: 'check', segment: key, checked: true }) as const);
    const checked = applyEdits(machine, [{ seq: 1, at: 0, operations }]);
    expect(documentRows(checked, NOTHING)).toHaveLength(5);
  });

  it('keep what was deleted at its place, or hide it', () => {
    const machine = readingOf(['A: One.', 'A: Two.', 'A: Three.']);
    const edited = applyEdits(machine, [{ seq: 1, at: 0, operations: [{ type: 'delete', segment: '1' }] }]);
    expect(documentRows(edited, NOTHING).map(({ kind }) => kind)).toEqual(['segment', 'deleted', 'segment']);
    expect(documentRows(edited, { ...NOTHING, showDeleted: false })).toHaveLength(2);
  });
});

describe('repeats', () => {
  it('are found by their phrase, and never in speech', () => {
    expect(repeatsIn([{ text: 'Thank you. Thank you. Thank you.' }])).toEqual({ phrase: 'Thank you.', times: 3 });
    expect(repeatsIn([{ text: 'no no it was not' }])).toBeNull();
    expect(repeatsIn([])).toBeNull();
  });
});
