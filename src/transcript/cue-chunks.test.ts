import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cueChunks, layOutChunk } from './cue-chunks.ts';
import { DEFAULT_CUE_LIMITS, layOutCues } from './cues.ts';
import { applyEdits } from './edit.ts';
import { spoken, transcriptOf } from './transcript.cases.ts';

const line = fc.record({
  words: fc.array(fc.stringMatching(/^[a-z]{1,12}[,.!?]?$/), { minLength: 1, maxLength: 20 }),
  speaker: fc.constantFrom('A', 'A', 'B', undefined),
  pause: fc.constantFrom(0, 0.05, 0.3, 1, 2.5, -0.2, -0.8, -3),
});

describe('subtitles laid out part by part', () => {
  it('are those that are laid out at once', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 60 }), (lines) => {
        let at = 0;
        let begun = 0;
        const segments = lines.map(({ words, speaker, pause }) => {
          const segment = spoken(Math.max(begun, at + pause), ` ${words.join(' ')}`, speaker);
          at = segment.end;
          begun = segment.start;
          return segment;
        });
        const view = applyEdits(transcriptOf(segments), []);
        const parts = cueChunks(view.segments, DEFAULT_CUE_LIMITS);
        expect(parts.flatMap((part) => layOutChunk(view, part, DEFAULT_CUE_LIMITS))).toEqual(layOutCues(view));
      }),
    );
  });

  it('keep their parts when a line among them is split', () => {
    let at = 0;
    const segments = Array.from({ length: 64 }, (_, index) => {
      const segment = spoken(at, ' one two three four', index % 2 === 0 ? 'A' : 'B');
      at = segment.end + 0.1;
      return segment;
    });
    const machine = transcriptOf(segments);
    const before = applyEdits(machine, []);
    const after = applyEdits(
      machine,
      [{ seq: 1, at: 0, operations: [{ type: 'split', segment: '20', word: 2 }] }],
      before,
    );
    const [old, now] = [before, after].map((view) => cueChunks(view.segments, DEFAULT_CUE_LIMITS));
    const same = now?.filter((part, index) =>
      part.segments.every((each, place) => each === old?.[index]?.segments[place]),
    );
    expect(now).toHaveLength(8);
    expect(same).toHaveLength(7);
  });
});
