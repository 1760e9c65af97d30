import { expect, it } from 'vitest';
import { subtitleCues } from './subtitle-cues.ts';
import { readVtt } from './vtt.ts';

const cue = (startMs: number, endMs: number, text: string) => ({ startMs, endMs, text });

it('loses no words where blank lines are missing, doubled, made of spaces, or stand within a cue', () => {
  const three = [cue(1_000, 2_500, 'Hello'), cue(3_000, 4_000, 'World'), cue(5_000, 6_000, 'Third')];
  const lines = [
    ['1', '00:00:01,000 --> 00:00:02,500', 'Hello'],
    ['2', '00:00:03,000 --> 00:00:04,000', 'World'],
    ['3', '00:00:05,000 --> 00:00:06,000', 'Third'],
  ];
  const between = (blank: string, end = '\n') => lines.map((each) => each.join(end)).join(`${end}${blank}`);
  for (const file of [between(''), between('\n'), between('\n\n\n'), between('  \n'), between('\n\n', '\n\n')])
    expect(subtitleCues(file)).toEqual(three);
  expect(subtitleCues(between('\r', '\r'))).toEqual(three);

  expect(
    subtitleCues('1\n00:00:01,000 --> 00:00:02,000\nfirst\n\nsecond\n\n2\n00:00:03,000 --> 00:00:04,000\nnext\n'),
  ).toEqual([cue(1_000, 2_000, 'first\nsecond'), cue(3_000, 4_000, 'next')]);
});

it('keeps a number that was spoken', () => {
  expect(
    subtitleCues('1\n00:00:01,000 --> 00:00:02,000\nHow many?\n42\n\n2\n00:00:03,000 --> 00:00:04,000\n7\n'),
  ).toEqual([cue(1_000, 2_000, 'How many?\n42'), cue(3_000, 4_000, '7')]);
  // Without numbers in the file, none is taken for one.
  expect(subtitleCues('00:00:01,000 --> 00:00:02,000\nTwo plus two\n4\n00:00:03,000 --> 00:00:04,000\nYes\n')).toEqual([
    cue(1_000, 2_000, 'Two plus two\n4'),
    cue(3_000, 4_000, 'Yes'),
  ]);
});

it('reads times however they are written', () => {
  const times = (line: string) => subtitleCues(`${line}\nx\n`).map(({ startMs, endMs }) => [startMs, endMs]);
  expect(times('00:00:01,000-->00:00:02,500')).toEqual([[1_000, 2_500]]);
  expect(times('0:0:3.5 --> 0:0:4.25')).toEqual([[3_500, 4_250]]);
  expect(times('0:0:3,5 --> 0:0:4,25')).toEqual([[3_005, 4_025]]);
  expect(times('00:00:01 --> 00:00:02')).toEqual([[1_000, 2_000]]);
  expect(times('00:01.123456 --> 75:30.000 align:start')).toEqual([[1_123, 4_530_000]]);
  expect(times('100:00:01,000 --> 100:00:02,000  X1:1 X2:2')).toEqual([[360_001_000, 360_002_000]]);
  // An arrow in what was said is not one of times.
  for (const said of ['from 1:00 --> 2:00', '1:00 -> 2:00', 'a --> b', '00:00:01,000 --> soon'])
    expect(times(said)).toEqual([]);
});

it('ends a cue of WebVTT at the times of the next, and keeps a line that is only spaces', () => {
  const file =
    'WEBVTT\n\n00:01.000 --> 00:02.000\n \nOne\n00:03.000 --> 00:04.000\nTwo\n\nNOTE\nnot said\n\n00:05.000 --> 00:06.000\n\n';
  expect(readVtt(file)).toEqual([
    { ...cue(1_000, 2_000, ' \nOne'), voice: null },
    { ...cue(3_000, 4_000, 'Two'), voice: null },
    { ...cue(5_000, 6_000, ''), voice: null },
  ]);
});

it('takes each line of captions that roll once, as they come from YouTube', () => {
  const file = [
    'WEBVTT\nKind: captions\nLanguage: en',
    '00:00:00.320 --> 00:00:02.470 align:start position:0%\n \nhello<00:00:00.640><c> and</c><00:00:00.880><c> welcome</c>',
    '00:00:02.470 --> 00:00:02.480 align:start position:0%\nhello and welcome\n ',
    '00:00:02.480 --> 00:00:05.000 align:start position:0%\nhello and welcome\nto<00:00:03.000><c> the</c><00:00:03.300><c> show</c>',
    '00:00:05.000 --> 00:00:05.010 align:start position:0%\nto the show\n ',
  ].join('\n\n');
  expect(readVtt(`${file}\n`).map(({ startMs, text }) => [startMs, text])).toEqual([
    [320, 'hello and welcome'],
    [2_480, 'to the show'],
  ]);
  // What somebody says twice is kept where nothing rolls.
  const twice = readVtt('WEBVTT\n\n00:01.000 --> 00:02.000\nNo.\n\n00:03.000 --> 00:04.000\nNo.\n');
  expect(twice.map(({ text }) => text)).toEqual(['No.', 'No.']);
});
