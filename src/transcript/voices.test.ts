import { describe, expect, it } from 'vitest';
import { applyEdits } from './edit.ts';
import { readingOf } from './reading.cases.ts';
import { freshLabel, stretchesOf, voicesOf } from './voices.ts';

describe('the voices of a transcript', () => {
  const machine = readingOf(['B: One.', 'A: Two.', 'B: Three.']);

  it('come in the order of their first words, with a colour that a person may change', () => {
    expect(voicesOf(machine).map(({ label, color, segments }) => [label, color, segments])).toEqual([
      ['B', 1, 2],
      ['A', 2, 1],
    ]);
    const operations = [
      { type: 'color-speaker', speaker: 'B', color: 7 },
      { type: 'rename-speaker', speaker: 'B', name: 'Reid' },
    ] as const;
    const edited = applyEdits(machine, [{ seq: 1, at: 0, operations: [...operations] }]);
    expect(voicesOf(edited)[0]).toMatchObject({ label: 'B', name: 'Reid', color: 7 });
    const back = applyEdits(machine, [
      { seq: 1, at: 0, operations: [...operations, { ...operations[0], color: null }] },
    ]);
    expect(voicesOf(back)[0]?.color).toBe(1);
  });

  it('have a label for one more', () => {
    expect(freshLabel([{ label: 'SPEAKER_00' }, { label: 'SPEAKER_02' }])).toBe('SPEAKER_01');
  });

  it('have a lane each', () => {
    const lanes = stretchesOf(machine.segments);
    expect([...lanes.keys()]).toEqual(['B', 'A']);
    expect(lanes.get('B')).toHaveLength(2);
  });
});
