// A recording that is sent small, from the command line to the text: the real engine and worker.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { transcriptSchema } from '../../src/contract/transcript.ts';
import { inventRecording, writeRecording } from '../small-whisper/speech.mjs';
import { wordErrorRate } from '../small-whisper/wer.mjs';
import { command, temporaryFolder, testEnvironment } from './engine-process.ts';

const folder = await temporaryFolder();
const at = (...parts: string[]): string => join(folder.path, ...parts);
afterAll(() => folder.remove());

/** The words that were heard, and when each began. One queue for all: what was heard of a copy with a loss stands for no other. */
async function heard(send: string) {
  const options = ['--send', send, '--out', at(send), '--formats', 'json', '--data-dir', at('data')];
  const { code, err } = await command(['transcribe', at('spoken.wav'), ...options], testEnvironment());
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const { segments } = transcriptSchema.parse(JSON.parse(await readFile(at(send, 'spoken.json'), 'utf8')));
  const { out } = await command(['jobs', '--json', '--data-dir', at('data')], testEnvironment());
  return { segments, text: segments.map(({ text }) => text).join(' '), listed: out };
}

test('what is sent as Opus is heard nearly as well, at the same times', async () => {
  const recording = await inventRecording({ seed: 2002, seconds: 45 });
  await writeRecording(recording, at('spoken.wav'));
  const original = await heard('original');
  const opus = await heard('opus');
  expect(original.listed).toContain('"kind":"original"');
  expect(opus.listed).toContain('"kind":"opus"');
  const rates = [original, opus].map(({ text }) => wordErrorRate(recording.text, text));
  process.stdout.write(
    `Word errors of the original and of Opus: ${rates.map((rate) => `${(100 * rate).toFixed(1)} %`).join(', ')}\n`,
  );
  expect(rates[0]).toBeLessThanOrEqual(0.1);
  expect(rates[1]).toBeLessThanOrEqual(0.15);
  // Lines that both heard alike begin at the same time, and so do their words.
  const off = opus.segments.flatMap((segment) => {
    const same = original.segments.find(
      ({ text, start }) => text === segment.text && Math.abs(start - segment.start) < 1,
    );
    return same === undefined
      ? []
      : segment.words.map(({ start }, index) => start - (same.words[index]?.start ?? start));
  });
  expect(off.length).toBeGreaterThan(wordsIn(original.segments) * 0.5);
  const middle = off.toSorted((one, other) => one - other)[Math.floor(off.length / 2)] ?? Number.NaN;
  expect(Math.abs(middle)).toBeLessThanOrEqual(0.02);
});

function wordsIn(segments: readonly { readonly words: readonly unknown[] }[]): number {
  return segments.reduce((sum, { words }) => sum + words.length, 0);
}
