import { expect, it } from 'vitest';
import { importTranscript } from './import.ts';
import { exportText } from './text-formats.ts';

const from = {
  source: { filename: 'a.wav', sizeBytes: 1, sha256: 'a'.repeat(64) },
  durationSec: null,
  createdAt: '2026-11-23T00:00:00Z',
};
const read = (value: unknown) => importTranscript(JSON.stringify(value), from).transcript;
const lines = (value: unknown) =>
  read(value).segments.map(({ start, end, text, speaker }) => [start, end, text, speaker]);

it('reads whisper.cpp, with its language', () => {
  const file = {
    systeminfo: 'AVX = 1',
    params: { model: 'ggml-base.bin', language: 'auto' },
    result: { language: 'de' },
    transcription: [
      {
        timestamps: { from: '00:00:00,000', to: '00:00:02,040' },
        offsets: { from: 0, to: 2_040 },
        text: ' Guten Tag.',
      },
      { timestamps: { from: '00:00:02,040', to: '00:00:03,500' }, offsets: { from: 2_040, to: 3_500 }, text: ' Ja.' },
    ],
  };
  expect(lines(file)).toEqual([
    [0, 2.04, ' Guten Tag.', undefined],
    [2.04, 3.5, ' Ja.', undefined],
  ]);
  expect(read(file).language).toBe('de');
});

it('reads Podcasting 2.0, ours included, and Vibe', () => {
  const podcast = { version: '1.0.0', segments: [{ speaker: 'Ann', startTime: 0.5, endTime: 2, body: 'Hello' }] };
  expect(lines(podcast)).toEqual([[0.5, 2, 'Hello', 'SPEAKER_00']]);
  expect(read(podcast).speakers).toEqual({ SPEAKER_00: { name: 'Ann' } });
  const again = read(JSON.parse(exportText(read(podcast), 'podcast').text));
  expect(again.segments.map(({ text }) => text.trim())).toEqual(['Hello']);

  const vibe = { version: 1, name: 'x', segments: [{ start: 150, stop: 200, text: 'Hello', speaker: 1 }] };
  expect(lines(vibe)).toEqual([[1.5, 2, 'Hello', 'SPEAKER_00']]);
  expect(read(vibe).speakers).toEqual({ SPEAKER_00: { name: 'Speaker 1' } });
});

it('reads OpenAI’s verbose_json: the language by its name, the words to their segments', () => {
  const verbose = (words: unknown) => ({
    task: 'transcribe',
    language: 'english',
    duration: 4,
    text: 'Hello world. Bye.',
    segments: [
      { id: 0, start: 0, end: 2, text: ' Hello world.' },
      { id: 1, start: 3, end: 4, text: ' Bye.' },
    ],
    words,
  });
  const words = [
    { word: 'Hello', start: 0.1, end: 0.6 },
    { word: 'world', start: 0.7, end: 1.5 },
    { word: 'Bye', start: 3.2, end: 3.6 },
  ];
  const transcript = read(verbose(words));
  expect(transcript.language).toBe('en');
  expect(transcript.segments.map((each) => each.words.map(({ word, start }) => [word.trim(), start]))).toEqual([
    [
      ['Hello', 0.1],
      ['world', 0.7],
    ],
    [['Bye', 3.2]],
  ]);
  // Words that are not those of the segments are left alone, and the text is as it was.
  const other = read(verbose([{ word: 'Else', start: 0.1, end: 0.2 }]));
  expect(other.segments.map(({ text }) => text)).toEqual([' Hello world.', ' Bye.']);
  expect(other.segments[0]?.words.every(({ interpolated }) => interpolated)).toBe(true);
  for (const [name, code] of [
    ['Haitian Creole', 'ht'],
    ['chinese', 'zh'],
    ['javanese', 'jw'],
    ['klingon', 'klingon'],
    ['de', 'de'],
  ] as const)
    expect(read({ ...verbose([]), language: name }).language).toBe(code);
});

it('reads numbers in quotes, and says of another format that it is none of ours', () => {
  expect(lines({ segments: [{ start: '1.5', end: '2', text: 'Hi' }] })).toEqual([[1.5, 2, 'Hi', undefined]]);
  expect(() => importTranscript('[Script Info]\nTitle: x\n', from)).toThrow('neither JSON, SRT nor WebVTT');
  expect(() => importTranscript('[{"start":0', from)).toThrow('not JSON');
});
