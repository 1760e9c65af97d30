// Owns the transcripts that this room's tests are made of: plain ones, and any that the schema allows, with hostile text and times.

import fc from 'fast-check';
import { MADE_BY } from '../contract/transcript.cases.ts';
import type { Segment, Transcript, Word } from '../contract/transcript.ts';

/** A transcript around these segments. */
export function transcriptOf(
  segments: readonly Segment[],
  speakers: Transcript['speakers'] = {},
  duration = Math.max(0, ...segments.map((segment) => segment.end)),
): Transcript {
  return {
    schemaVersion: 1,
    text: segments.map((segment) => segment.text).join(''),
    language: 'en',
    duration,
    segments: [...segments],
    speakers,
    warnings: [],
    source: { filename: 'a.wav', sizeBytes: 1, sha256: 'a'.repeat(64), duration },
    ...MADE_BY,
  };
}

/** A segment of words; each is spoken for as long as its letters take, from `start` seconds on. */
export function spoken(start: number, text: string, speaker?: string, secondsPerLetter = 0.06): Segment {
  let at = start;
  const words = text.split(/(?= )/).map((word): Word => {
    const from = at;
    at += word.length * secondsPerLetter;
    return { word, start: rounded(from), end: rounded(at), probability: 0.9 };
  });
  return segmentOf(words, rounded(start), rounded(at), speaker);
}

export function segmentOf(words: readonly Word[], start: number, end: number, speaker?: string): Segment {
  return {
    id: 0,
    start,
    end,
    text: words.map((word) => word.word).join(''),
    ...(speaker === undefined ? {} : { speaker }),
    avg_logprob: -0.2,
    no_speech_prob: 0,
    compression_ratio: 1,
    temperature: 0,
    words: [...words],
  };
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

/** What breaks subtitle files, or looks as if it could. */
const HOSTILE = [
  '-->',
  '--->',
  '--',
  '>',
  ' 00:00:01,000 --> 00:00:02,000',
  '\n',
  '\r\n\r\n',
  ' a\n\nb',
  '\u2028',
  '\u0085',
  '\u0000',
  '\ufeff',
  '\ud800',
  ' 1',
  '2',
  ' WEBVTT',
  ' NOTE',
  ' <i>',
  '</v>',
  ' <v Bob>',
  ' &amp;',
  '&',
  ' &lt',
  ' Anna: hello',
  ' {\\an8}',
  ' \u202eabc',
  ' e\u0301',
  ' 👩‍👩‍👧',
  '東京',
  ' สวัสดี',
  '',
  ' ',
];

const wordText = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^ [a-z]{1,12}[.,!?]?$/) },
  { weight: 2, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60, size: 'max' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ` ${'w'.repeat(42)}`,
      ` ${'w'.repeat(43)}`,
      ` ${'語'.repeat(25)}`,
      ` ${'w'.repeat(100)}`,
    ),
  },
);

const SPEAKERS = ['SPEAKER_00', 'SPEAKER_01', '__proto__'] as const;
const speaker = fc.option(fc.constantFrom(...SPEAKERS), { nil: undefined, freq: 4 });

const word = fc.record({
  text: wordText,
  speaker,
  // Seconds of speaking and of silence after it: mostly as people speak, at times nothing or very long.
  lasts: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 900 }) },
    { weight: 1, arbitrary: fc.constantFrom(0, 20_000) },
  ),
  rests: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(0, 0, 0, 30, 200) },
    { weight: 1, arbitrary: fc.constantFrom(400, 3_000) },
  ),
  // Now and then the times are simply wrong.
  wrong: fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: undefined, freq: 12 }),
});

const name = fc.oneof(
  fc.constantFrom('Anna', 'Dr. <Who> & Co --> x', 'a\nb', ''),
  fc.string({ unit: 'grapheme', maxLength: 50 }),
);

/** Any transcript that the schema lets in, within a size that tests can bear. */
export const anyTranscript: fc.Arbitrary<Transcript> = fc
  .record({
    segments: fc.array(
      fc.record({
        words: fc.array(word, { maxLength: 14 }),
        speaker,
        overlap: fc.oneof(
          { weight: 3, arbitrary: fc.nat({ max: 300 }) },
          { weight: 1, arbitrary: fc.nat({ max: 4_000 }) },
        ),
        bare: fc.constantFrom(false, false, false, true),
      }),
      { maxLength: 5 },
    ),
    names: fc.dictionary(fc.constantFrom(...SPEAKERS), fc.record({ name }), { maxKeys: 2 }),
  })
  .map(({ segments, names }) => {
    let at = 0;
    const made = segments.map((segment) => {
      const start = at;
      const words = segment.words.map((each): Word => {
        const from = at;
        at += each.lasts;
        const to = at;
        at += each.rests;
        const start = (each.wrong ?? from) / 1000;
        const end = (each.wrong === undefined ? to : each.wrong / 2) / 1000;
        return {
          word: each.text,
          start,
          end,
          probability: 0.5,
          ...(each.speaker === undefined ? {} : { speaker: each.speaker }),
        };
      });
      const end = at;
      // Segments may overlap, as people do.
      at = Math.max(start, at - segment.overlap);
      const whole = segmentOf(words, start / 1000, end / 1000, segment.speaker);
      return segment.bare ? { ...whole, words: [] } : whole;
    });
    return transcriptOf(made, names);
  });
