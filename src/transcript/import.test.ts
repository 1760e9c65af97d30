import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../contract/errors.ts';
import { DEFAULT_EXPORT_OPTIONS } from '../contract/export-options.ts';
import { transcriptSchema } from '../contract/transcript.ts';
import { layOutCues } from './cues.ts';
import { timedTranscript } from './edit.cases.ts';
import { importTranscript } from './import.ts';
import { oneLine } from './spoken.ts';
import { exportText } from './text-formats.ts';
import { toMs } from './times.ts';
import { anyTranscript } from './transcript.cases.ts';

const from = {
  source: { filename: 'a.wav', sizeBytes: 1, sha256: 'a'.repeat(64) },
  durationSec: null,
  createdAt: '2026-11-23T00:00:00Z',
};

const read = (value: unknown) => importTranscript(typeof value === 'string' ? value : JSON.stringify(value), from);

describe('Whisper’s JSON', () => {
  it('is read with words and without, from every build', () => {
    const { kind, transcript } = read({
      text: ' Good day.',
      language: 'en',
      segments: [
        {
          id: 0,
          seek: 0,
          start: 0,
          end: 1,
          text: ' Good day.',
          avg_logprob: -0.2,
          words: [
            { word: ' Good', start: 0, end: 0.4, probability: 0.8 },
            { word: ' day.', start: 0.4, end: 1, probability: 0.7 },
          ],
        },
        { id: 1, start: 2, end: 3, text: ' Bye now.' },
      ],
    });
    expect(kind).toBe('whisper');
    expect(transcript).toMatchObject({ language: 'en', duration: 3, text: ' Good day. Bye now.' });
    expect(transcript.segments[0]?.words[1]).toEqual({ word: ' day.', start: 0.4, end: 1, probability: 0.7 });
    expect(transcript.segments[1]?.words.map(({ word, interpolated }) => [word, interpolated])).toEqual([
      [' Bye', true],
      [' now.', true],
    ]);
    expect(read({ info: { language: 'de', duration: 60 }, segments: [] }).transcript).toMatchObject({
      language: 'de',
      duration: 60,
    });
    expect(read([{ start: 0, end: 1, text: 'Hi' }]).transcript.segments).toHaveLength(1);
  });

  it('is read as WhisperX writes it: scores, speakers, words without times', () => {
    const { transcript } = read({
      segments: [
        {
          start: 1,
          end: 3,
          text: ' In 1984 then',
          speaker: 'SPEAKER_01',
          words: [
            { word: 'In', start: 1, end: 1.2, score: 0.9, speaker: 'SPEAKER_01' },
            { word: '1984' },
            { word: 'then', start: 2.5, end: 3, score: 0.5, speaker: 'Bob' },
          ],
        },
      ],
      word_segments: [],
    });
    expect(transcript.speakers).toEqual({ SPEAKER_01: {}, SPEAKER_00: { name: 'Bob' } });
    expect(transcript.segments[0]?.words).toEqual([
      { word: ' In', start: 1, end: 1.2, probability: 0.9, speaker: 'SPEAKER_01' },
      { word: ' 1984', start: 1.2, end: 2.5, probability: 1, interpolated: true },
      { word: ' then', start: 2.5, end: 3, probability: 0.5, speaker: 'SPEAKER_00' },
    ]);
  });

  it('gives the same segments, words and speakers after a way through WhisperX’s form', () => {
    fc.assert(
      fc.property(timedTranscript, (transcript) => {
        const again = read(exportText(transcript, 'whisperx').text).transcript;
        const said = transcript.segments.filter(({ text }) => text.trim() !== '');
        expect(again.segments.map(({ start, end, text, speaker }) => ({ start, end, text, speaker }))).toEqual(
          said.map(({ start, end, text, speaker }) => ({ start, end, text, speaker })),
        );
        for (const [index, segment] of said.entries()) {
          if (segment.words.length === 0) continue;
          expect(again.segments[index]?.words.map(({ word, start, end }) => [word.trim(), start, end])).toEqual(
            segment.words.map(({ word, start, end }) => [word.trim(), start, end]),
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('our own JSON', () => {
  it('is the transcript itself', () => {
    fc.assert(
      fc.property(timedTranscript, (transcript) => {
        expect(read(exportText(transcript, 'json').text)).toEqual({ kind: 'bulk-transcribe', transcript });
      }),
      { numRuns: 300 },
    );
  });
});

describe('subtitles', () => {
  it.each(['srt', 'vtt'] as const)('come back from %s with their times, words and speakers', (format) => {
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        const options = { ...DEFAULT_EXPORT_OPTIONS, srtSpeakers: 'brackets' as const, bom: true };
        const cues = layOutCues(transcript);
        const written = exportText(transcript, format, options).text;
        if (format === 'vtt' && cues.length === 0) return;
        if (cues.length === 0) return;
        const again = importTranscript(written, { ...from, durationSec: transcript.duration + 10 });
        expect(again.kind).toBe(format);
        expect(transcriptSchema.safeParse(again.transcript).error).toBeUndefined();
        if (format === 'vtt' && !/[<{]/.test(cues.map(({ lines }) => lines.join(' ')).join(' '))) {
          expect(
            again.transcript.segments.map(({ start, end, text }) => [toMs(start), toMs(end), text.trim()]),
          ).toEqual(cues.map(({ startMs, endMs, lines }) => [startMs, endMs, oneLine(lines.join(' '))]));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('have their styles taken off and their speakers taken out', () => {
    const srt =
      '1\r\n00:00:01,000 --> 00:00:02,000\r\n[SPEAKER_03]: {\\an8}<i>Hello</i>\r\n<font color="red">there</font>\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nAnna: 1 < 2\r\n';
    const { transcript } = read(srt);
    expect(transcript.segments.map(({ text, speaker }) => [text, speaker])).toEqual([
      [' Hello there', 'SPEAKER_03'],
      [' Anna: 1 < 2', undefined],
    ]);
    const vtt = read('WEBVTT\n\nNOTE x\n\n00:01.000 --> 00:02.000 align:start\n<v.loud Zoë>Hi &amp; bye\n');
    expect(vtt.transcript).toMatchObject({
      speakers: { SPEAKER_00: { name: 'Zoë' } },
      segments: [{ text: ' Hi & bye', start: 1, end: 2 }],
    });
  });
});

describe('what is no transcript', () => {
  it.each([
    ['', 'neither JSON, SRT nor WebVTT'],
    ['WEBVTT\n\n', 'neither JSON'],
    ['Hello, world.', 'neither JSON'],
    ['{"segments": [', 'not JSON'],
    ['{"segments": [{"text": 5}]}', 'segments.0.text'],
    ['{}', 'segments'],
    ['{"schemaVersion": 1}', 'wrong at'],
    [JSON.stringify([{ start: 0, end: 1, text: 'x'.repeat(5_000) }]), 'longer than any'],
  ])('is refused: %s', (text, why) => {
    expect(() => read(text)).toThrow(why);
    expect(() => read(text)).toThrow(AppError);
  });

  it('never breaks a rule and never throws anything else', () => {
    const number = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.constant(null),
      fc.constant('1'),
      fc.constant(Number.MAX_VALUE),
    );
    const words = fc.array(
      fc.record(
        { word: fc.string(), start: number, end: number, score: number, speaker: fc.string() },
        { requiredKeys: ['word'] },
      ),
      { maxLength: 4 },
    );
    const segment = fc.record(
      {
        start: number,
        end: number,
        text: fc.string({ unit: 'binary' }),
        words,
        speaker: fc.constantFrom('__proto__', 'SPEAKER_00', 'x', ''),
      },
      { requiredKeys: ['text'] },
    );
    const hostile = fc.oneof(
      fc
        .record({ segments: fc.array(segment, { maxLength: 4 }), duration: number })
        .map((value) => JSON.stringify(value)),
      fc.string({ unit: 'binary' }).map((text) => `1\n00:00:01,000 --> 00:00:00,500\n${text}`),
      fc.string({ unit: 'binary' }).map((text) => `WEBVTT\n\n99999:00:01.000 --> 00:00:02.000\n${text}`),
      fc.string({ unit: 'binary' }),
      fc.json(),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        try {
          expect(transcriptSchema.safeParse(read(text).transcript).error).toBeUndefined();
        } catch (thrown) {
          if (!(thrown instanceof AppError)) throw thrown;
          expect(thrown.code).toBe('BAD_REQUEST');
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
