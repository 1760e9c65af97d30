import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../contract/errors.ts';
import { transcriptSchema } from '../contract/transcript.ts';
import type { DeployedRun } from './deployed-worker.ts';
import { fromDeployedWorker } from './deployed-worker.ts';

const RUN: DeployedRun = {
  source: { filename: 'a.wav', sizeBytes: 1, sha256: 'a'.repeat(64) },
  durationSec: 10,
  model: 'large-v3',
  language: '',
  options: {},
  device: 'cuda',
  worker: { gitCommit: 'b4b98e5', buildTime: null, imageDigest: null, gpu: 'A40', cuda: '12.1' },
  createdAt: '2026-11-23T12:00:00.000Z',
};

const HELLO = {
  id: 0,
  start: 0,
  end: 2,
  text: ' Hello there.',
  avg_logprob: -0.25,
  words: [
    { word: ' Hello', start: 0, end: 1, probability: 0.75 },
    { word: ' there.', start: 1, end: 2 },
  ],
};

const whisper = (...segments: unknown[]): string => JSON.stringify({ text: '', language: 'en', segments });

describe("Whisper's result", () => {
  test('keeps its words, times and measures', () => {
    const made = fromDeployedWorker(whisper(HELLO), null, RUN);
    expect(transcriptSchema.parse(made)).toEqual(made);
    expect(made).toMatchObject({ text: 'Hello there.', language: 'en', duration: 10, speakers: {}, warnings: [] });
    expect(made.segments).toMatchObject([
      {
        ...HELLO,
        words: [HELLO.words[0], { ...HELLO.words[1], probability: 1 }],
      },
    ]);
    expect(made.worker).toMatchObject({ protocol: 1, gitCommit: 'b4b98e5' });
  });

  test('without words is laid out over its time, says so, and keeps its text', () => {
    const made = fromDeployedWorker(whisper({ id: 0, start: 1, end: 3, text: ' One two' }), null, RUN);
    expect(made.segments[0]?.words).toEqual([
      { word: ' One', start: 1, end: 2, probability: 1, interpolated: true },
      { word: ' two', start: 2, end: 3, probability: 1, interpolated: true },
    ]);
    expect(made.warnings.map(({ code }) => code)).toEqual(['WORDS_INTERPOLATED']);
  });

  test('a word without times lies between its neighbours, and spaces that were stripped come back', () => {
    const words = [{ word: 'In', start: 0, end: 0.5 }, { word: '1984' }, { word: 'he', start: 1.5, end: 2 }];
    const made = fromDeployedWorker(whisper({ start: 0, end: 2, text: 'In 1984 he', words }), null, RUN);
    expect(made.segments[0]?.words).toMatchObject([
      { word: ' In', start: 0, end: 0.5 },
      { word: ' 1984', end: 1.5, interpolated: true },
      { word: ' he', start: 1.5, end: 2 },
    ]);
  });

  test('times that run backwards, past the end or are none are made sane', () => {
    const json = `{"segments":[{"start":9,"end":99,"text":"c"},{"start":-5,"end":NaN,"text":"a \\"NaN\\""},{"start":4,"end":2,"text":"b","avg_logprob":-Infinity}]}`;
    const made = fromDeployedWorker(json, null, { ...RUN, language: 'de' });
    expect(made.segments.map(({ text, start, end }) => [text, start, end])).toEqual([
      ['a "NaN"', 0, 0],
      ['b', 4, 4],
      ['c', 9, 10.5],
    ]);
    expect(made.language).toBe('de');
    expect(transcriptSchema.parse(made)).toEqual(made);
  });

  test('of a recording whose length nobody knows ends with its last line', () => {
    expect(fromDeployedWorker(whisper(HELLO), null, { ...RUN, durationSec: null }).duration).toBe(2);
    expect(fromDeployedWorker(whisper(), null, { ...RUN, durationSec: null })).toMatchObject({ text: '', duration: 0 });
  });

  test.each([
    ['nothing', ''],
    ['a page', '<html>'],
    ['another thing', '[]'],
    ['no segments', '{"text":"Hello"}'],
    ['a segment without text', whisper({ start: 0, end: 1 })],
    ['a line without an end', whisper({ start: 0, end: 1, text: 'a '.repeat(20_000) })],
    ['cut off', whisper(HELLO).slice(0, -5)],
  ])('that is %s is refused', (_what, json) => {
    expect(() => fromDeployedWorker(json, null, RUN)).toThrow(
      expect.objectContaining({ code: 'TRANSCRIPT_INVALID' }) as Error,
    );
  });
});

describe('speakers', () => {
  test('go to each word by the largest overlap, and to the segment by the most of its time', () => {
    const turns = JSON.stringify([
      { start: 1.1, end: 2, speaker: 'SPEAKER_07' },
      { start: 0, end: 1.1, speaker: 'Anna' },
    ]);
    const made = fromDeployedWorker(
      whisper({ ...HELLO, words: [...HELLO.words, { word: ' you', start: 2, end: 2 }] }),
      turns,
      RUN,
    );
    expect(made.segments[0]?.words.map(({ speaker }) => speaker)).toEqual(['SPEAKER_00', 'SPEAKER_01', undefined]);
    expect(made.segments[0]?.speaker).toBe('SPEAKER_00');
    expect(made.speakers).toEqual({ SPEAKER_00: { name: 'Anna' }, SPEAKER_01: {} });
  });

  test('that were asked for and not told apart are a warning', () => {
    const made = fromDeployedWorker(whisper(HELLO), '[]', RUN);
    expect(made.warnings.map(({ code }) => code)).toEqual(['NO_SPEAKERS']);
  });

  test('of names that mean something to JavaScript are only names', () => {
    const made = fromDeployedWorker(whisper(HELLO), '[{"start":0,"end":2,"speaker":"__proto__"}]', RUN);
    expect(made.speakers).toEqual({ SPEAKER_00: { name: '__proto__' } });
  });

  test('beyond any meeting are refused', () => {
    const crowd = Array.from({ length: 65 }, (_, index) => ({ start: index, end: index + 1, speaker: `s${index}` }));
    expect(() => fromDeployedWorker(whisper(HELLO), JSON.stringify(crowd), RUN)).toThrow(AppError);
  });
});

const time = fc.oneof(
  fc.double({ min: -5, max: 20, noNaN: true }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom<unknown>(null, 'soon', undefined),
);
const word = fc.record({ word: fc.string(), start: time, end: time, probability: time }, { requiredKeys: ['word'] });
const segment = fc.record(
  { start: time, end: time, text: fc.string(), words: fc.option(fc.array(word)), avg_logprob: time },
  { requiredKeys: ['text'] },
);
const turn = fc.record({
  start: fc.double({ noNaN: true, noDefaultInfinity: true }),
  end: fc.double({ noNaN: true, noDefaultInfinity: true }),
  speaker: fc.oneof(fc.constantFrom('__proto__', 'constructor', 'SPEAKER_00'), fc.string({ minLength: 1 })),
});

test('whatever a worker says, a canonical transcript comes of it or a refusal, words inside their segments and in order', () => {
  const any = fc.oneof(
    { weight: 8, arbitrary: fc.record({ language: fc.option(fc.string()), segments: fc.array(segment) }) },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
  fc.assert(
    fc.property(
      any,
      fc.option(fc.array(turn)),
      fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
      (said, turns, durationSec) => {
        let made: ReturnType<typeof fromDeployedWorker>;
        try {
          made = fromDeployedWorker(JSON.stringify(said), turns && JSON.stringify(turns), { ...RUN, durationSec });
        } catch (error) {
          expect(error).toMatchObject({ code: 'TRANSCRIPT_INVALID' });
          return;
        }
        expect(transcriptSchema.parse(JSON.parse(JSON.stringify(made)))).toEqual(made);
        for (const { start, end, words } of made.segments) {
          let before = start;
          for (const each of words) {
            expect(each.start).toBeGreaterThanOrEqual(before);
            expect(each.end).toBeGreaterThanOrEqual(each.start);
            expect(each.end).toBeLessThanOrEqual(end);
            if (each.speaker !== undefined) expect(Object.hasOwn(made.speakers, each.speaker)).toBe(true);
            before = each.start;
          }
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

test('text is kept letter by letter, in the order of its times', () => {
  const texts = fc.array(fc.string({ minLength: 1, maxLength: 40 }).filter((text) => text.trim() !== ''));
  fc.assert(
    fc.property(texts, (lines) => {
      const segments = lines.map((text, index) => ({ start: index / 10, end: index / 10 + 0.1, text }));
      const made = fromDeployedWorker(whisper(...segments), null, RUN);
      expect(made.segments.map(({ text }) => text)).toEqual(lines);
    }),
  );
});
