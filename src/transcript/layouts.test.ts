import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CUE_LAYOUTS } from '../contract/export-options.ts';
import { layOutCues } from './cues.ts';
import { cueLimits, LAYOUTS } from './layouts.ts';
import { widthOf } from './line-break.ts';
import { spokenWords } from './spoken.ts';
import { anyTranscript, spoken, transcriptOf } from './transcript.cases.ts';

const speech = transcriptOf([
  spoken(0, ' We went to the market. It was closed, of course, because nobody had told us about the holiday. So?'),
]);

function cuesOf(layout: (typeof CUE_LAYOUTS)[number]): string[] {
  return layOutCues(speech, LAYOUTS[layout].limits).map(({ lines }) => lines.join('\n'));
}

describe('the numbers of a layout', () => {
  it("are those of the layout, with a person's own over them", () => {
    expect(cueLimits({ layout: 'bbc' })).toEqual(LAYOUTS.bbc.limits);
    expect(cueLimits({ layout: 'bbc', lineWidth: 30, longestMs: 500, shortestMs: 1_200 })).toEqual({
      ...LAYOUTS.bbc.limits,
      lineWidth: 30,
      shortestMs: 1_200,
      longestMs: 1_200,
    });
    const cues = layOutCues(speech, cueLimits({ layout: 'netflix', lines: 1, lineWidth: 20 }));
    expect(cues.every(({ lines }) => lines.length === 1 && (lines[0]?.length ?? 0) <= 20)).toBe(true);
  });
});

describe('layouts', () => {
  it('are as different as their numbers', () => {
    expect(cuesOf('sentences')).toEqual([
      'We went to the market.',
      'It was closed, of course, because\nnobody had told us about the holiday.',
      'So?',
    ]);
    expect(cuesOf('one-line').every((cue) => !cue.includes('\n') && cue.length <= 37)).toBe(true);
    expect(cuesOf('podcast').every((cue) => cue.split('\n').every((line) => line.length <= 32))).toBe(true);
  });

  it.each(CUE_LAYOUTS)('%s keeps its limits and loses no word, whatever was said', (layout) => {
    const { limits } = LAYOUTS[layout];
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        const cues = layOutCues(transcript, limits);
        const bare = (text: string) => text.replace(/\s/gu, '');
        const shown = cues.map(({ lines }) => bare(lines.join('')));
        expect(shown.join('')).toBe(
          spokenWords(transcript)
            .map(({ text }) => bare(text))
            .join(''),
        );
        for (const [index, { startMs, endMs, lines }] of cues.entries()) {
          expect(endMs).toBeGreaterThan(startMs);
          expect(endMs).toBeLessThanOrEqual(cues[index + 1]?.startMs ?? Number.POSITIVE_INFINITY);
          if (lines.every((line) => widthOf(line) <= limits.lineWidth))
            expect(lines.length).toBeLessThanOrEqual(limits.lines);
        }
      }),
      { numRuns: 300 },
    );
  });
});
