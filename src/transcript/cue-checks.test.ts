import { describe, expect, it } from 'vitest';
import { cueFaults } from './cue-checks.ts';
import { DEFAULT_CUE_LIMITS } from './cues.ts';

const cue = (ms: number, ...lines: string[]) => ({ startMs: 0, endMs: ms, speaker: null, lines });

describe('the limits of a cue', () => {
  it('are kept by a good one', () => expect(cueFaults(cue(2_000, 'Good morning.'), DEFAULT_CUE_LIMITS)).toEqual([]));

  it('are named with the measure that breaks them', () => {
    expect(cueFaults(cue(1_000, 'a'.repeat(30)), DEFAULT_CUE_LIMITS)).toEqual([
      { kind: 'speed', charactersPerSecond: 30 },
    ]);
    expect(cueFaults(cue(7_000, 'a'.repeat(45)), DEFAULT_CUE_LIMITS)).toEqual([
      { kind: 'width', line: 0, columns: 45 },
    ]);
    expect(cueFaults(cue(5_000, 'a', 'b', 'c'), DEFAULT_CUE_LIMITS)).toEqual([{ kind: 'lines', lines: 3 }]);
    expect(cueFaults(cue(400, 'No.'), DEFAULT_CUE_LIMITS)).toEqual([{ kind: 'short', ms: 400 }]);
    expect(cueFaults(cue(9_000, 'No.'), DEFAULT_CUE_LIMITS)).toEqual([{ kind: 'long', ms: 9_000 }]);
  });
});
