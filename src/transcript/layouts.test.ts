import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CUE_LAYOUTS } from '../contract/export-options.ts';
import { layOutCues } from './cues.ts';
import { cueLimits, LAYOUTS } from './layouts.ts';
import { widthOf } from './line-break.ts';
import { spokenWords } from './spoken.ts';
import { writeSrt } from './srt.ts';
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

  it('can be what WhisperX writes: each segment whole, for as long as it was heard', () => {
    const long =
      ' And so it went on for hours and hours, until nobody could remember how it had begun, or why it had to be.';
    const heard = transcriptOf([
      spoken(1.1204, ' Yes. No --> maybe.', 'A'),
      spoken(3.5, long, 'A'),
      spoken(20.25, ' So?', 'B'),
      spoken(22, ' Well', 'B'),
      spoken(24, ' then.', 'B'),
    ]);
    // Its writer: a segment a cue, times rounded once, the text stripped, the speaker in brackets before it.
    const time = (seconds: number) => {
      const ms = Math.round(seconds * 1000);
      const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
      return `${two(ms / 3.6e6)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)},${String(ms % 1000).padStart(3, '0')}`;
    };
    const theirs = heard.segments.map(({ words, speaker, text }, index) => {
      const [start, end] = [words[0]?.start ?? 0, words.at(-1)?.end ?? 0];
      const said = `[${speaker}]: ${text.trim()}`.replace('-->', '->');
      return `${index + 1}\n${time(start)} --> ${time(end)}\n${said}\n`;
    });
    expect(writeSrt(heard, LAYOUTS.segments.limits, 'brackets')).toBe(theirs.join('\n'));
  });

  it.each(CUE_LAYOUTS)('%s keeps its limits and loses no word, whatever was said', (layout) => {
    const { limits } = LAYOUTS[layout];
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        const cues = layOutCues(transcript, limits);
        const words = spokenWords(transcript);
        const bare = (text: string) => text.replace(/\s/gu, '');
        for (const who of new Set(words.map(({ speaker }) => speaker))) {
          const shown = cues.filter(({ speaker }) => speaker === who).map(({ lines }) => bare(lines.join('')));
          const said = words.filter(({ speaker }) => speaker === who).map(({ text }) => bare(text));
          expect(shown.join('')).toBe(said.join(''));
        }
        // People who speak together are shown together (cues.test.ts has when); nobody is ever shown twice at once.
        const together = words.some(({ crosstalk }) => crosstalk);
        for (const [index, { startMs, endMs, lines, speaker }] of cues.entries()) {
          expect(endMs).toBeGreaterThan(startMs);
          const next = cues.slice(index + 1).find((other) => !together || other.speaker === speaker);
          expect(endMs).toBeLessThanOrEqual(next?.startMs ?? Number.POSITIVE_INFINITY);
          if (lines.every((line) => widthOf(line) <= limits.lineWidth))
            expect(lines.length).toBeLessThanOrEqual(limits.lines);
        }
      }),
      { numRuns: 300 },
    );
  });
});
