// A call with a person on each channel, from the command line to the subtitles: the real engine and worker.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { transcriptSchema } from '../../src/contract/transcript.ts';
import { wordErrorRate } from '../small-whisper/wer.mjs';
import { command, SMALL, temporaryFolder, testEnvironment } from './engine-process.ts';

const RATE = 16_000;
const HEADER = 44;
const folder = await temporaryFolder();
afterAll(() => folder.remove());

interface Script {
  readonly lines: readonly { speaker: string; start: number; end: number; text: string }[];
}

/** The demo as a stereo file: Anna is on the left, everyone else on the right. */
async function call(path: string): Promise<Script> {
  const script: Script = JSON.parse(await readFile(join(SMALL, 'demo/demo.json'), 'utf8'));
  const mono = await readFile(join(SMALL, 'demo/demo.wav'));
  const count = (mono.length - HEADER) / 2;
  const stereo = Buffer.alloc(HEADER + 4 * count);
  mono.copy(stereo, 0, 0, HEADER);
  stereo.writeUInt32LE(stereo.length - 8, 4);
  stereo.writeUInt16LE(2, 22);
  stereo.writeUInt32LE(4 * RATE, 28);
  stereo.writeUInt16LE(4, 32);
  stereo.writeUInt32LE(4 * count, 40);
  for (const { speaker, start, end } of script.lines) {
    const last = Math.min(count, Math.round((end + 0.1) * RATE));
    for (let sample = Math.round((start - 0.1) * RATE); sample < last; sample += 1) {
      stereo.writeInt16LE(mono.readInt16LE(HEADER + 2 * sample), HEADER + 4 * sample + (speaker === 'Anna' ? 0 : 2));
    }
  }
  await writeFile(path, stereo);
  return script;
}

test('where voices are to be told apart, it is said that the channels hold them', async () => {
  const at = (name: string): string => join(folder.path, name);
  await call(at('said.wav'));
  const options = ['--diarize-optional', '--out', at('out'), '--formats', 'txt', '--data-dir', at('data')];
  const { code, out } = await command(['transcribe', at('said.wav'), ...options], testEnvironment());
  expect(code).toBe(0);
  expect(out).toContain('said.wav: a different person speaks on each channel. "--channels separate" names them');
});

test('it is said, too, where no worker can tell voices apart', async () => {
  const at = (name: string): string => join(folder.path, name);
  await call(at('lacking.wav'));
  const options = ['--diarize', '--out', at('out'), '--formats', 'txt', '--data-dir', at('data')];
  const { code, err } = await command(['transcribe', at('lacking.wav'), ...options], testEnvironment());
  expect(code).toBe(3);
  expect(err).toContain('It may need no such worker: a different person speaks on each channel.');
});

test('each channel is a speaker', async () => {
  const at = (name: string): string => join(folder.path, name);
  const { lines } = await call(at('call.wav'));
  const options = ['--channels', 'separate', '--out', at('out'), '--formats', 'srt,json', '--data-dir', at('data')];
  const { code, err } = await command(['transcribe', at('call.wav'), ...options], testEnvironment());
  expect({ code, err }).toEqual({ code: 0, err: '' });

  const transcript = transcriptSchema.parse(JSON.parse(await readFile(at('out/call.json'), 'utf8')));
  expect(Object.keys(transcript.speakers)).toEqual(['SPEAKER_00', 'SPEAKER_01']);
  for (const [label, isTheirs] of [
    ['SPEAKER_00', (speaker: string) => speaker === 'Anna'],
    ['SPEAKER_01', (speaker: string) => speaker !== 'Anna'],
  ] as const) {
    const said = lines.filter(({ speaker }) => isTheirs(speaker)).map(({ text }) => text);
    const heard = transcript.segments.filter(({ speaker }) => speaker === label).map(({ text }) => text);
    expect(wordErrorRate(said.join(' '), heard.join(' '))).toBeLessThanOrEqual(0.1);
  }
  const srt = await readFile(at('out/call.srt'), 'utf8');
  expect(srt).toMatch(/SPEAKER_00.*Good morning everyone/);
  expect(srt).toMatch(/SPEAKER_01.*Hello Anna/);
});
