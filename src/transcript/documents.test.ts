import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Transcript } from '../contract/transcript.ts';
import { writeDocx } from './docx.ts';
import { paragraphs } from './lines.ts';
import { speakerName } from './speakers.ts';
import { exportText } from './text-formats.ts';
import { anyTranscript, spoken, transcriptOf } from './transcript.cases.ts';

const interview = transcriptOf(
  [
    spoken(0, ' Good *morning*, <b>all</b>.', 'A'),
    spoken(2.5, ' Thank you & [welcome](http://x).', 'A'),
    spoken(6, ' # Not a heading', 'B'),
    spoken(3_661, ' Later.'),
  ],
  { A: { name: 'Dr. _Who_' } },
);

describe('Markdown', () => {
  it('is a paragraph a turn, and nothing that was said becomes markup', () => {
    expect(exportText(interview, 'md').text).toBe(
      [
        '# a.wav\n',
        '**Dr. \\_Who\\_** [00:00:00] Good \\*morning\\*, \\<b>all\\</b>. Thank you & \\[welcome\\](http\\://x).\n',
        '**B** [00:00:06] # Not a heading\n',
        '[01:01:01] Later.\n',
      ].join('\n'),
    );
  });

  it('leaves alone what means nothing where it stands', () => {
    const plain = transcriptOf([
      spoken(0, ' At 10:30:15 we said: AT&T & co > 5 #1 (really!) {so}, &amp; :smile: x', 'A'),
    ]);
    expect(exportText(plain, 'md').text).toContain(
      '[00:00:00] At 10:30:15 we said: AT&T & co > 5 #1 (really!) {so}, \\&amp; \\:smile: x\n',
    );
  });

  it('has a line for each paragraph, whatever was said', () => {
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        const lines = exportText(transcript, 'md')
          .text.split('\n')
          .filter((line) => line !== '');
        expect(lines).toHaveLength(1 + paragraphs(transcript).length);
        for (const line of lines.slice(1)) expect(line).toMatch(/^(?:\*\*|\[)/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('paragraphs', () => {
  it('end for another speaker, a silence, and when they are long', () => {
    const sentence = ' And so it went on for hours and hours, until nobody could remember how it had begun.';
    const long = Array.from({ length: 20 }, (_, index) => spoken(index * 6, sentence, 'A'));
    expect(paragraphs(transcriptOf(long)).map(({ text }) => text.length > 600 && text.length < 800)).toEqual([
      true,
      true,
      false,
    ]);
    expect(paragraphs(interview).map(({ startMs, speaker }) => [startMs, speaker])).toEqual([
      [0, 'A'],
      [6_000, 'B'],
      [3_661_000, null],
    ]);
  });
});

interface Opened {
  readonly broken: string | null;
  readonly dates: readonly number[][];
  readonly paragraphs: readonly string[];
  readonly title: string;
}

/** What Python's own zip and XML readers find in a document. */
function openDocx(bytes: Uint8Array): Opened {
  const directory = mkdtempSync(join(tmpdir(), 'bt-docx-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'a.docx');
  writeFileSync(file, bytes);
  const program = `
import json, sys, zipfile
from xml.etree import ElementTree as E
z = zipfile.ZipFile(sys.argv[1])
for name in z.namelist():
    if name.endswith(('.xml', '.rels')): E.fromstring(z.read(name))
w = '{http://schemas.openxmlformats.org/wordprocessingml/2006/main}'
body = E.fromstring(z.read('word/document.xml'))
print(json.dumps({
  'broken': z.testzip(),
  'dates': sorted(set(i.date_time for i in z.infolist())),
  'paragraphs': [''.join(t.text or '' for t in p.iter(w + 't')) for p in body.iter(w + 'p')],
  'title': E.fromstring(z.read('docProps/core.xml')).find('{http://purl.org/dc/elements/1.1/}title').text or '',
}))`;
  const read = spawnSync('python3', ['-c', program, file], { encoding: 'utf8' });
  expect(read.stderr).toBe('');
  return JSON.parse(read.stdout);
}

describe('docx', () => {
  it('is a whole document of well-formed parts, with what was said', async () => {
    expect(openDocx(await writeDocx(interview))).toEqual({
      broken: null,
      dates: [[1980, 1, 1, 0, 0, 0]],
      paragraphs: [
        'a.wav',
        'Dr. _Who_ [00:00:00] Good *morning*, <b>all</b>. Thank you & [welcome](http://x).',
        'B [00:00:06] # Not a heading',
        '[01:01:01] Later.',
      ],
      title: 'a.wav',
    });
  });

  it('has the same bytes at any time', async () => {
    expect(
      Buffer.from(await writeDocx(interview)).equals(Buffer.from(await writeDocx(structuredClone(interview)))),
    ).toBe(true);
  });

  it('bears anything that was said', async () => {
    const [hostile] = fc.sample(fc.array(anyTranscript, { minLength: 40, maxLength: 40 }), { numRuns: 1, seed: 7 });
    const segments = (hostile ?? []).flatMap((transcript) =>
      transcript.segments.map((segment) => ({ ...segment, start: 0, end: 1 })),
    );
    const all = transcriptOf(segments, { SPEAKER_00: { name: ']]>\u0000\ufffe<&"' } }, 10);
    const whole = openDocx(await writeDocx({ ...all, source: { ...all.source, filename: '<&\uffff>.wav' } }));
    expect(whole.paragraphs).toHaveLength(1 + paragraphs(all).length);
    expect(paragraphs(all).some(({ speaker }) => speaker !== null && speakerName(all, speaker).startsWith(']]>'))).toBe(
      true,
    );
  });
});

describe('WhisperX JSON', () => {
  const WORD = { word: 'string', start: 'number', end: 'number', score: 'number', speaker: 'string' };
  const SEGMENT = {
    start: 'number',
    end: 'number',
    text: 'string',
    words: 'object',
    speaker: 'string',
    avg_logprob: 'number',
  };

  /** What WhisperX's own readers take: these fields and no others, only the speaker may be missing. */
  function check(value: unknown, fields: Readonly<Record<string, string>>): void {
    if (typeof value !== 'object' || value === null) throw new Error('no object');
    const { speaker: _, ...wanted } = fields;
    const found = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, typeof inner]));
    expect(found).toEqual('speaker' in value ? fields : wanted);
  }

  function read(transcript: Transcript) {
    const file = JSON.parse(exportText(transcript, 'whisperx').text);
    expect(Object.keys(file)).toEqual(['segments', 'word_segments', 'language']);
    for (const segment of file.segments) check(segment, SEGMENT);
    for (const word of file.word_segments) check(word, WORD);
    expect(file.word_segments).toEqual(file.segments.flatMap(({ words }: { words: unknown[] }) => words));
    return file;
  }

  it('has the fields that WhisperX gives, all words once more in a row', () => {
    const { segments, word_segments } = read(interview);
    expect(segments.map(({ text }: { text: string }) => text)).toEqual(interview.segments.map(({ text }) => text));
    expect(word_segments[0]).toEqual({ word: 'Good', start: 0, end: 0.3, score: 0.9, speaker: 'A' });
  });

  it('is read whatever was said', () => {
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        read(transcript);
      }),
      { numRuns: 300 },
    );
  });
});
