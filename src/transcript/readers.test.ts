import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import mammoth from 'mammoth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Transcript } from '../contract/transcript.ts';
import { layOutCues } from './cues.ts';
import { exportTranscript } from './export.ts';
import { paragraphs } from './lines.ts';
import { speakerName } from './speakers.ts';
import { exportText } from './text-formats.ts';
import { anyTranscript } from './transcript.cases.ts';

// Every format as a program reads it that shares no line with ours.

const run = promisify(execFile);
/** The same every time, so that what fails once can be looked at. */
const SOME = fc.sample(anyTranscript, { seed: 20_261_125, numRuns: 40 }).filter(({ segments }) => segments.length > 0);
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bt-readers-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const probedPackets = z.object({
  packets: z.array(z.object({ pts_time: z.coerce.number(), duration_time: z.coerce.number() }).loose()).default([]),
});

async function ffmpegCues(name: string, text: string): Promise<readonly (readonly [number, number])[]> {
  const path = join(folder, name);
  await writeFile(path, text);
  const { stdout, stderr } = await run('ffprobe', [
    '-v',
    'warning',
    '-f',
    extname(name).slice(1).replace('vtt', 'webvtt'),
    '-show_packets',
    '-of',
    'json',
    path,
  ]);
  expect(stderr.trim()).toBe('');
  return probedPackets
    .parse(JSON.parse(stdout))
    .packets.map(({ pts_time, duration_time }) => [
      Math.round(pts_time * 1000),
      Math.round((pts_time + duration_time) * 1000),
    ]);
}

/** What ffmpeg makes of the text of each cue, as plain text in SRT. */
async function ffmpegText(name: string): Promise<string> {
  const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', join(folder, name), '-f', 'webvtt', '-'], {
    maxBuffer: 2 ** 26,
  });
  return stdout;
}

describe('ffmpeg reads', () => {
  const cuesOf = (transcript: Transcript) =>
    layOutCues(transcript, undefined, (speaker) => `${speakerName(transcript, speaker)}:`.replace(/-{2,}>/g, '->')).map(
      ({ startMs, endMs }) => [startMs, endMs],
    );

  test(`SRT with every cue at its times: ${SOME.length} transcripts`, async () => {
    for (const [index, transcript] of SOME.entries())
      expect(await ffmpegCues(`${index}.srt`, exportText(transcript, 'srt').text)).toEqual(cuesOf(transcript));
  });

  test(`WebVTT with every cue at its times: ${SOME.length} transcripts`, async () => {
    for (const [index, transcript] of SOME.entries()) {
      const cues = layOutCues(transcript).map(({ startMs, endMs }) => [startMs, endMs]);
      expect(await ffmpegCues(`${index}.vtt`, exportText(transcript, 'vtt').text)).toEqual(cues);
    }
  });

  test('plain words as they were said', async () => {
    const [first] = SOME;
    if (first === undefined) throw new Error('There is nothing to write.');
    const words = ['Good morning, and welcome.', 'Tom & Anna: “5 > 3”', 'Grüße aus 東京'];
    const { segments, ...rest } = first;
    const [one] = segments;
    if (one === undefined) throw new Error('There is no segment.');
    const spoken: Transcript = {
      ...rest,
      duration: 60,
      segments: words.map((text, id) => ({
        ...one,
        id,
        start: id * 10,
        end: id * 10 + 3,
        text: ` ${text}`,
        words: [],
      })),
    };
    await writeFile(join(folder, 'plain.vtt'), exportText(spoken, 'vtt').text);
    await writeFile(join(folder, 'plain.srt'), exportText(spoken, 'srt').text);
    for (const word of words) {
      expect((await ffmpegText('plain.srt')).replaceAll('&gt;', '>').replaceAll('&amp;', '&')).toContain(word);
      expect((await ffmpegText('plain.vtt')).replaceAll('&gt;', '>').replaceAll('&amp;', '&')).toContain(word);
    }
  });
});

/** As WhisperX's own writers and its alignment take it: these fields, and nothing that is null. */
const whisperx = z
  .object({
    language: z.string(),
    segments: z.array(
      z.strictObject({
        start: z.number(),
        end: z.number(),
        text: z.string(),
        avg_logprob: z.number(),
        speaker: z.string().optional(),
        words: z.array(
          z.strictObject({
            word: z.string(),
            start: z.number(),
            end: z.number(),
            score: z.number(),
            speaker: z.string().optional(),
          }),
        ),
      }),
    ),
    word_segments: z.array(z.looseObject({ word: z.string() })),
  })
  .strict();

test('WhisperX finds its fields, and all words in a row', () => {
  fc.assert(
    fc.property(anyTranscript, (transcript) => {
      const read = whisperx.parse(JSON.parse(exportText(transcript, 'whisperx').text));
      expect(read.word_segments).toEqual(read.segments.flatMap(({ words }) => words));
      expect(read.segments.map(({ start, end }) => [start, end])).toEqual(
        transcript.segments.map(({ start, end }) => [start, end]),
      );
    }),
    { numRuns: 300 },
  );
});

test('Word sees every paragraph', async () => {
  for (const transcript of SOME.slice(0, 12)) {
    const { content } = await exportTranscript(transcript, 'docx');
    if (typeof content === 'string') throw new Error('A document is no text.');
    const { value, messages } = await mammoth.extractRawText({ buffer: Buffer.from(content) });
    expect(messages).toEqual([]);
    const bare = (text: string) => text.replace(/\s+/gu, '');
    for (const { text } of paragraphs(transcript)) expect(bare(value)).toContain(bare(text));
  }
});

test('a spreadsheet gets a row a line, and no formula', async () => {
  const program = `
import csv, io, json, sys
rows = list(csv.reader(io.StringIO(sys.stdin.buffer.read().decode('utf-8'), newline='')))
json.dump([len(rows), sorted({len(row) for row in rows}), [c for row in rows[1:] for c in row if c[:1] in ('=', '+', '-', '@', chr(9), chr(13))]], sys.stdout)`;
  for (const transcript of SOME.slice(0, 12)) {
    const { text } = exportText(transcript, 'csv');
    const read = execFile('python3', ['-c', program]);
    read.stdin?.end(text);
    let out = '';
    for await (const chunk of read.stdout ?? []) out += String(chunk);
    expect(JSON.parse(out)).toEqual([text.split('\r\n').length - 1, [4], []]);
  }
});
