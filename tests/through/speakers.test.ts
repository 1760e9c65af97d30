// A recording that asks for its speakers, from the command line to the subtitles: the real engine, worker and pyannote pipeline, on small
// weights of its own classes.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { transcriptSchema } from '../../src/contract/transcript.ts';
import { venvPython } from '../../src/workers/venv.ts';
import { shell } from '../scripts/shell.ts';
import { command, ROOT, SMALL, temporaryFolder, testEnvironment } from './engine-process.ts';

const folder = await temporaryFolder();
const at = (...parts: string[]): string => join(folder.path, ...parts);
const venv = join(ROOT, 'worker-image/.venv');
const packages = join(venv, 'diarization');

beforeAll(async () => {
  const env = { ...process.env, PYTHONPATH: packages, PYTHONWARNINGS: 'ignore' };
  const built = await shell(venvPython(venv), [join(ROOT, 'tests/small-pyannote/build.py'), at('pipeline')], { env });
  expect({ code: built.code, err: built.code === 0 ? '' : built.err }).toEqual({ code: 0, err: '' });
});

afterAll(() => folder.remove());

const demo = join(SMALL, 'demo/demo.wav');

test('the subtitles say who speaks, and the transcript has two voices', async () => {
  const env = testEnvironment({ DIARIZATION_MODEL: at('pipeline'), DIARIZATION_PACKAGES: packages });
  const options = [
    '--diarize',
    '--speakers',
    '2',
    '--out',
    at('out'),
    '--formats',
    'srt,json',
    '--data-dir',
    at('data'),
  ];
  const { code, err } = await command(['transcribe', demo, ...options], env);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const transcript = transcriptSchema.parse(JSON.parse(await readFile(at('out', 'demo.json'), 'utf8')));
  expect(Object.keys(transcript.speakers)).toEqual(['SPEAKER_00', 'SPEAKER_01']);
  expect(transcript.speakers['SPEAKER_00']?.embedding).toHaveLength(256);

  const script: { lines: { speaker: string; start: number; end: number }[] } = JSON.parse(
    await readFile(join(SMALL, 'demo/demo.json'), 'utf8'),
  );
  const words = transcript.segments.flatMap((segment) => segment.words);
  const right = words.filter(({ start, end, speaker }) => {
    const middle = (start + end) / 2;
    const line = script.lines.find((one) => middle <= one.end + 0.3);
    return speaker === (line?.speaker === 'Anna' ? 'SPEAKER_00' : 'SPEAKER_01');
  });
  expect(right.length / words.length).toBeGreaterThanOrEqual(0.9);

  const srt = await readFile(at('out', 'demo.srt'), 'utf8');
  expect(srt).toMatch(/SPEAKER_00.*Good morning everyone/);
  expect(srt).toMatch(/SPEAKER_01.*Hello Anna/);
});
