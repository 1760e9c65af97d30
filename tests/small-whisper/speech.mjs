// Owns spoken recordings for tests: a script goes in, a two-voice recording with its times comes out. Needs the espeak-ng
// command; ffmpeg only for formats other than WAV. What the small Whisper makes of one is compared with wer.mjs.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { SAMPLE_RATE, speakLine } from './speech/espeak.mjs';
import { chanceFrom } from './speech/random.mjs';
import { SPEAKERS, writeScript } from './speech/script.mjs';
import { encodeWav } from './speech/wav.mjs';

const run = promisify(execFile);

/** Silence before the first line when it names none, and after the last, in seconds. */
const LEAD = 0.5;
const TAIL = 0.6;
const PAUSE = 0.9;

/** Lines spoken at once: each is a short espeak-ng of its own. */
const AT_ONCE = 4;

/** @typedef {import('./speech/script.mjs').Line} Line */
/** @typedef {import('./speech/script.mjs').Speaker} Speaker */
/** @typedef {{ start: number, end: number, speaker: string, text: string }} SpokenLine times in seconds */

/**
 * @typedef {object} Recording
 * @property {Int16Array} samples mono
 * @property {number} sampleRate 16000 Hz
 * @property {number} duration seconds
 * @property {SpokenLine[]} lines
 * @property {string} text every line, joined by spaces: the reference for wordErrorRate
 */

/**
 * Speak the lines one after the other.
 * @param {readonly Line[]} lines
 * @param {{ speakers?: readonly Speaker[], seconds?: number, noise?: number, seed?: number }} [options]
 *   seconds: leave out the lines that would end after it; noise: root mean square of white noise laid under all, 0 to 1, default
 *   none, drawn from the seed
 * @returns {Promise<Recording>}
 */
export async function speak(
  lines,
  { speakers = SPEAKERS, seconds = Number.POSITIVE_INFINITY, noise = 0, seed = 1 } = {},
) {
  const voices = new Map(speakers.map((speaker) => [speaker.name, speaker]));
  /** @type {{ at: number, samples: Float32Array, line: Line }[]} */
  const placed = [];
  let end = 0;
  for (let first = 0; first < lines.length; first += AT_ONCE) {
    const group = lines.slice(first, first + AT_ONCE);
    const spoken = await Promise.all(group.map((line) => speakLine(line.text, voiceOf(line, voices))));
    for (const [index, line] of group.entries()) {
      const samples = spoken[index] ?? new Float32Array();
      const at = end + Math.round((line.pause ?? (end === 0 ? LEAD : PAUSE)) * SAMPLE_RATE);
      if (at + samples.length + TAIL * SAMPLE_RATE > seconds * SAMPLE_RATE) return mix(placed, end, noise, seed);
      placed.push({ at, samples, line });
      end = at + samples.length;
    }
  }
  return mix(placed, end, noise, seed);
}

/**
 * A recording of the given length that a seed names: held-out grammar sentences, two voices in turn, pauses of 0.7 to 1.3 s.
 * @param {{ seed: number, seconds: number, speakers?: readonly Speaker[], pauses?: readonly [number, number], heldOut?: boolean, noise?: number }} options
 * @returns {Promise<Recording>} at most `seconds` long, usually less by under four
 */
export async function inventRecording({ seed, seconds, speakers = SPEAKERS.slice(0, 2), noise = 0, ...rest }) {
  return speak(writeScript({ seed, seconds, speakers, ...rest }), { speakers, seconds, noise, seed });
}

/**
 * @param {Recording} recording
 * @returns {Buffer} a WAV file, 16 kHz, mono, 16 bits
 */
export function toWav(recording) {
  return encodeWav(recording.samples, recording.sampleRate);
}

/**
 * Write the recording in the format that the name ends with: .wav alone needs no ffmpeg; .mp4, .mov and .mkv get a small black picture.
 * @param {Recording} recording
 * @param {string} path
 */
export async function writeRecording(recording, path) {
  if (extname(path).toLowerCase() === '.wav') return writeFile(path, toWav(recording));
  const folder = await mkdtemp(join(tmpdir(), 'speech-'));
  try {
    const sound = join(folder, 'sound.wav');
    await writeFile(sound, toWav(recording));
    const picture = /\.(mp4|mov|mkv)$/i.test(path)
      ? ['-f', 'lavfi', '-i', 'color=c=black:s=160x90:r=5', '-pix_fmt', 'yuv420p', '-shortest']
      : [];
    await run('ffmpeg', ['-nostdin', '-v', 'error', '-y', '-i', sound, ...picture, path]).catch((cause) => {
      throw new Error(`ffmpeg could not write ${path}; is it installed?`, { cause });
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * @param {Line} line
 * @param {ReadonlyMap<string, Speaker>} voices
 * @returns {Speaker}
 */
function voiceOf(line, voices) {
  const voice = voices.get(line.speaker);
  if (voice === undefined)
    throw new Error(`no voice for speaker "${line.speaker}"; known: ${[...voices.keys()].join(', ')}`);
  return voice;
}

/**
 * @param {readonly { at: number, samples: Float32Array, line: Line }[]} placed
 * @param {number} end samples
 * @param {number} noise
 * @param {number} seed
 * @returns {Recording}
 */
function mix(placed, end, noise, seed) {
  const sum = new Float32Array(end + Math.round(TAIL * SAMPLE_RATE));
  for (const { at, samples } of placed) sum.set(samples, at);
  const chance = chanceFrom(seed);
  // A uniform draw of half-width a has the root mean square a / sqrt(3).
  const width = noise * Math.sqrt(3);
  const samples = Int16Array.from(sum, (value) =>
    Math.round(32767 * Math.max(-1, Math.min(1, width === 0 ? value : value + chance.between(-width, width)))),
  );
  const seconds = (/** @type {number} */ count) => Math.round((1000 * count) / SAMPLE_RATE) / 1000;
  const lines = placed.map(({ at, samples: own, line }) => ({
    start: seconds(at),
    end: seconds(at + own.length),
    speaker: line.speaker,
    text: line.text,
  }));
  return {
    samples,
    sampleRate: SAMPLE_RATE,
    duration: seconds(sum.length),
    lines,
    text: lines.map((line) => line.text).join(' '),
  };
}
