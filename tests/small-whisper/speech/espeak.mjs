// Owns the espeak-ng command: one line of text in, its 16 kHz samples out, with the silence around it cut off.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { resample } from './resample.mjs';
import { decodeWav } from './wav.mjs';

const run = promisify(execFile);

export const SAMPLE_RATE = 16_000;

/** Peak of every line: the level at which the model was trained and the demo was made. */
const PEAK = 0.4;

/** Below this share of the peak a sample counts as silence at the ends of a line. */
const SILENCE = 0.01;

/** @typedef {{ voice: string, rate?: number, pitch?: number }} Voice rate in words a minute (default 150), pitch 0-99 (default 45) */

/** @returns {Promise<boolean>} whether the espeak-ng command can be run here */
export async function espeakAvailable() {
  return run('espeak-ng', ['--version']).then(
    () => true,
    () => false,
  );
}

/**
 * @param {string} text
 * @param {Voice} voice
 * @returns {Promise<Float32Array>} samples at 16 kHz that begin and end with the speech
 */
export async function speakLine(text, { voice, rate = 150, pitch = 45 }) {
  const args = ['-v', voice, '-s', String(rate), '-p', String(pitch), '--stdout', '--', text];
  const { stdout } = await run('espeak-ng', args, { encoding: 'buffer', maxBuffer: 64 * 2 ** 20 }).catch((cause) => {
    throw new Error(`espeak-ng could not speak with voice "${voice}"; is it installed?`, { cause });
  });
  const { samples, sampleRate } = decodeWav(stdout);
  return level(trim(resample(Float32Array.from(samples), sampleRate, SAMPLE_RATE)));
}

/** @param {Float32Array} samples */
function trim(samples) {
  const floor = peak(samples) * SILENCE;
  const first = samples.findIndex((sample) => Math.abs(sample) > floor);
  const last = samples.findLastIndex((sample) => Math.abs(sample) > floor);
  if (first < 0) throw new Error('espeak-ng spoke nothing');
  return samples.slice(first, last + 1);
}

/** @param {Float32Array} samples */
function level(samples) {
  const factor = PEAK / peak(samples);
  return samples.map((sample) => sample * factor);
}

/** @param {Float32Array} samples */
function peak(samples) {
  return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}
