// Owns the recordings of the fault tests: small, each unlike every other in its bytes, quick to transcribe.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeWav } from '../small-whisper/speech/wav.mjs';
import { inventRecording, toWav } from '../small-whisper/speech.mjs';

const RATE = 16_000;

/** Silence with a number in its samples, too quiet to be anything but silence. */
export function silence(number: number, seconds = 0.5): Buffer {
  const samples = new Int16Array(Math.round(seconds * RATE));
  for (let bit = 0; bit < 32; bit += 1) samples[bit] = (number >>> bit) & 1;
  return encodeWav(samples, RATE);
}

let clip: Promise<Buffer> | null = null;

/** A few words, the same ones each time, with `number` samples of silence behind them. */
export async function spoken(number: number): Promise<Buffer> {
  clip ??= inventRecording({ seed: 6, seconds: 4 }).then(toWav);
  const whole = Buffer.concat([await clip, Buffer.alloc(2 * (number + 1))]);
  whole.writeUInt32LE(whole.length - 8, 4);
  whole.writeUInt32LE(whole.length - 44, 40);
  return whole;
}

/** Writes `count` recordings, every fifth with words in it. @returns their paths */
export async function writeRecordings(folder: string, first: number, count: number): Promise<string[]> {
  const paths: string[] = [];
  for (let number = first; number < first + count; number += 1) {
    const path = join(folder, `recording-${number}.wav`);
    await writeFile(path, number % 5 === 0 ? await spoken(number) : silence(number));
    paths.push(path);
  }
  return paths;
}
