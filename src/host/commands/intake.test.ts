import { expect, it } from 'vitest';
import { givenOptionsSchema } from '../../contract/options.ts';
import { givenSettingsSchema } from '../../contract/settings.ts';
import { firstIssue, pairs } from './intake.ts';

const options = (...given: string[]) => pairs(given, givenOptionsSchema);
const settings = (...given: string[]) => pairs(given, givenSettingsSchema);

it('reads a value as its place wants it: text, a number, a yes, a list', () => {
  expect(options('initialPrompt=2024', 'language=de', 'track=2', 'diarize=true', 'formats=srt, docx')).toEqual({
    initialPrompt: '2024',
    language: 'de',
    track: 2,
    diarize: true,
    formats: ['srt', 'docx'],
  });
  expect(options('formats=["txt"]', 'formats=vtt')).toEqual({ formats: ['vtt'] });
  expect(options('outDir=null', 'language=""', 'nameTemplate={name} a=b')).toEqual({
    outDir: null,
    language: '',
    nameTemplate: '{name} a=b',
  });
});

it('leads into objects by dots, and keeps the dots that a name has', () => {
  expect(settings('jobDefaults.exports.layout=bbc', 'jobDefaults.exports.lines=1', 'jobDefaults.model=tiny')).toEqual({
    jobDefaults: { exports: { layout: 'bbc', lines: 1 }, model: 'tiny' },
  });
  expect(settings('tunnelByWorker.w.example=worker')).toEqual({ tunnelByWorker: { 'w.example': 'worker' } });
});

it('names what does not exist and what does not fit', () => {
  for (const [given, message] of [
    [['nonsense=1'], 'Unrecognized key: "nonsense"'],
    [['formats=srt,pdf'], expect.stringMatching(/^"formats\.1": Invalid option: expected one of "srt"/)],
    [['exports.layot=bbc'], '"exports": Unrecognized key: "layot"'],
  ] as const) {
    const parsed = givenOptionsSchema.safeParse(options(...given));
    expect(parsed.success).toBe(false);
    if (!parsed.success) expect(firstIssue(parsed.error)).toEqual(message);
  }
  expect(() => options('nothing')).toThrow('"nothing" is no name=value.');
});
