import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobOptions } from '../contract/options.ts';
import { FileMedia } from './media.ts';

const run = promisify(execFile);
const DEMO = join(import.meta.dirname, '../../tests/small-whisper/demo/demo.wav');
const CLOCK = 48_000;
const never = new AbortController().signal;
let folder: string;
let media: FileMedia;

const at = (name: string) => join(folder, name);
const ffmpeg = (...args: string[]) => run('ffmpeg', ['-loglevel', 'error', '-y', ...args]);
const prepared = (name: string, options: Partial<JobOptions> = {}) =>
  media.prepare({ jobId: 'job_1', path: at(name), options: { send: 'opus', ...options } }, never);
/** The copy, which has to be there. */
async function copied(name: string, options: Partial<JobOptions> = {}) {
  const source = await prepared(name, options);
  if (source.copy === undefined) throw new Error('No copy was made.');
  return { ...source.copy, startSec: source.media?.startSec ?? 0 };
}

/** What ffmpeg makes of each channel of a file, or of all in one, 48,000 samples a second. */
async function heard(path: string, channels = 1): Promise<Float32Array[]> {
  const mix = channels === 1 ? ['-ac', '1'] : [];
  const args = ['-loglevel', 'error', '-i', path, '-map', '0:a:0', '-ar', String(CLOCK), ...mix, '-f', 'f32le', '-'];
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 2 ** 30 });
  const all = new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
  return Array.from({ length: channels }, (_, channel) => all.filter((__, index) => index % channels === channel));
}

/** By how many samples `late` lags behind `sound`, at most 1000 either way, and how alike they are then (1: the same). */
function lag(late: Float32Array, sound: Float32Array): { samples: number; likeness: number } {
  const count = Math.min(late.length, sound.length, 10 * CLOCK);
  const from = 1000;
  const to = count - 1000;
  const power = (all: Float32Array, by: number): number => {
    let sum = 0;
    for (let index = from; index < to; index += 1) sum += (all[index + by] ?? 0) ** 2;
    return sum;
  };
  const product = (by: number): number => {
    let sum = 0;
    for (let index = from; index < to; index += 1) sum += (late[index + by] ?? 0) * (sound[index] ?? 0);
    return sum;
  };
  // Around zero every sample, farther off every tenth: a lag is seen there as well, sound does not turn so quickly.
  const places = Array.from({ length: 201 }, (_, index) => (index - 100) * 10).concat([-4, -3, -2, -1, 1, 2, 3, 4]);
  const best = places.reduce((one, other) => (product(other) > product(one) ? other : one), 0);
  return { samples: best, likeness: product(best) / Math.sqrt(power(late, best) * power(sound, 0)) };
}

/** That a copy runs as the sound does that it was made of. */
function expectInStep(copy: Float32Array, sound: Float32Array, least = 0.9, longer = 48): void {
  // A millisecond is 48 samples.
  expect(Math.abs(copy.length - sound.length)).toBeLessThanOrEqual(longer);
  const { samples, likeness } = lag(copy, sound);
  expect(Math.abs(samples)).toBeLessThanOrEqual(2);
  expect(likeness).toBeGreaterThan(least);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bt-opus-'));
  media = new FileMedia({ folder: join(folder, 'prepared') });
  const speech = ['-t', '12', '-i', DEMO];
  const forms: readonly (readonly [name: string, ...args: string[]])[] = [
    ['s16.wav'],
    ['s24.wav', '-ar', '44100', '-c:a', 'pcm_s24le'],
    ['f32.wav', '-ar', '48000', '-c:a', 'pcm_f32le'],
    ['f64.wav', '-ar', '48000', '-c:a', 'pcm_f64le'],
    ['s32.mkv', '-ar', '24000', '-c:a', 'pcm_s32le'],
    ['u8.wav', '-ar', '22050', '-c:a', 'pcm_u8'],
    ['ulaw.wav', '-ar', '8000', '-c:a', 'pcm_mulaw'],
    ['alaw.wav', '-ar', '8000', '-c:a', 'pcm_alaw'],
    ['big.mov', '-ar', '32000', '-c:a', 'pcm_s16be'],
    ['96k.wav', '-ar', '96000', '-c:a', 'pcm_s24le'],
    ['odd.wav', '-ar', '11025'],
    ['16.flac', '-ar', '16000'],
    ['24.flac', '-ar', '44100', '-ac', '2', '-sample_fmt', 's32', '-bits_per_raw_sample', '24'],
    ['flac.mkv', '-ar', '48000', '-c:a', 'flac'],
    ['lame.mp3', '-ar', '44100', '-ac', '2', '-b:a', '128k'],
    ['plain.mp3', '-ar', '44100', '-ac', '2', '-b:a', '128k', '-write_xing', '0'],
    ['vbr.mp3', '-ar', '32000', '-q:a', '2'],
    ['lsf.mp3', '-ar', '22050', '-b:a', '64k'],
    ['tagged.mp3', '-ar', '44100', '-b:a', '96k', '-metadata', `title=${'long '.repeat(9000)}`],
    ['mp3.mkv', '-ar', '44100', '-b:a', '128k', '-c:a', 'libmp3lame'],
    ['mp3.mp4', '-ar', '44100', '-b:a', '128k', '-c:a', 'libmp3lame'],
    ['mp3.ts', '-ar', '44100', '-b:a', '128k', '-c:a', 'libmp3lame'],
    ['aac.m4a', '-c:a', 'aac', '-b:a', '128k', '-ar', '44100'],
    ['opus.ogg', '-c:a', 'libopus', '-b:a', '96k'],
    ['vorbis.ogg', '-c:a', 'libvorbis', '-ar', '44100'],
  ];
  await Promise.all(forms.map(([name, ...args]) => ffmpeg(...speech, ...args, at(name))));
  await ffmpeg(
    ...['-f', 'lavfi', '-i', 'testsrc=d=12:s=160x90:r=25', '-itsoffset', '0.7', ...speech],
    ...['-map', '0:v', '-map', '1:a', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'pcm_s16le', at('late.mkv')],
  );
  // From the third to the fifth second there is nothing at all, not even silence.
  await ffmpeg(...speech, '-af', "aselect='not(between(t,3,5))'", '-c:a', 'pcm_s16le', at('gap.mkv'));
});
afterAll(async () => {
  await media.close();
  await rm(folder, { recursive: true, force: true });
});

describe('what is sent where a small file was asked for', () => {
  test.each([
    's16.wav',
    's24.wav',
    'f32.wav',
    'f64.wav',
    's32.mkv',
    'u8.wav',
    'ulaw.wav',
    'alaw.wav',
    'big.mov',
    '96k.wav',
    'odd.wav',
    '16.flac',
    '24.flac',
    'flac.mkv',
    'lame.mp3',
    'plain.mp3',
    'vbr.mp3',
    'lsf.mp3',
    'tagged.mp3',
    'mp3.mp4',
    'mp3.ts',
  ])('%s: is Opus of one channel, as long as the recording and in step with it', async (name) => {
    const copy = await copied(name);
    expect(copy).toMatchObject({ kind: 'opus', contentType: 'audio/ogg' });
    expect(copy.sizeBytes).toBeLessThan(12 * 4000 * 1.1);
    expect((await readFile(copy.path)).subarray(28, 36).toString('latin1')).toBe('OpusHead');
    const [sound = new Float32Array()] = await heard(copy.path);
    expectInStep(sound, (await heard(at(name)))[0] ?? new Float32Array());
  });

  test('of MP3 in Matroska the last frame is sent whole: how much of it is no sound, this reader does not see', async () => {
    const [sound = new Float32Array()] = await heard((await copied('mp3.mkv')).path);
    expectInStep(sound, (await heard(at('mp3.mkv')))[0] ?? new Float32Array(), 0.9, 1152 * 2);
  });

  test('clicks stay where they were', async () => {
    const clicks = Buffer.alloc(44 + 2 * CLOCK * 4);
    (await readFile(at('f32.wav'))).copy(clicks, 0, 0, 44);
    const header = Buffer.from(clicks.subarray(0, 44));
    header.write('RIFF', 0, 'latin1');
    header.writeUInt32LE(clicks.length - 8, 4);
    header.write('WAVEfmt ', 8, 'latin1');
    header.writeUInt32LE(16, 16);
    header.writeUInt16LE(1, 20);
    header.writeUInt16LE(1, 22);
    header.writeUInt32LE(CLOCK, 24);
    header.writeUInt32LE(2 * CLOCK, 28);
    header.writeUInt16LE(2, 32);
    header.writeUInt16LE(16, 34);
    header.write('data', 36, 'latin1');
    header.writeUInt32LE(clicks.length - 44, 40);
    header.copy(clicks);
    const places = [4801, 50_003, 120_000, 190_000];
    // Of 0.4 ms, which is what a band of 8 kHz can hold.
    for (const place of places)
      for (let index = -10; index <= 10; index += 1)
        clicks.writeInt16LE(
          Math.round(16_000 * (0.5 + 0.5 * Math.cos((Math.PI * index) / 10))),
          44 + 2 * (place + index),
        );
    await writeFile(at('clicks.wav'), clicks);
    const [sound = new Float32Array()] = await heard((await copied('clicks.wav')).path);
    expect(sound.length).toBe(4 * CLOCK);
    for (const place of places) {
      const around = sound.subarray(place - 2400, place + 2400);
      const loudest = around.reduce((best, value, index) => (value > (around[best] ?? 0) ? index : best), 0);
      expect(Math.abs(loudest - 2400)).toBeLessThanOrEqual(2);
    }
  });

  test('a track that begins late begins with its first sound; how late, is said beside it', async () => {
    const copy = await copied('late.mkv');
    expect(copy.startSec).toBeCloseTo(0.7, 2);
    const [sound = new Float32Array()] = await heard(copy.path);
    expectInStep(sound, (await heard(at('s16.wav')))[0] ?? new Float32Array());
  });

  test('where there is nothing in a track, there is silence as long', async () => {
    const [sound = new Float32Array()] = await heard((await copied('gap.mkv')).path);
    const [whole = new Float32Array()] = await heard(at('s16.wav'));
    // Frames of 1024 samples are left out whole.
    whole.fill(0, 3 * CLOCK, 5 * CLOCK + 3072);
    expectInStep(sound, whole);
    expect(Math.max(...sound.subarray(3.2 * CLOCK, 4.8 * CLOCK))).toBeLessThan(0.01);
  });

  test('two channels become one as the worker mixes them', async () => {
    await ffmpeg(
      ...['-t', '12', '-i', DEMO, '-ss', '15', '-t', '12', '-i', DEMO, '-filter_complex'],
      ...['[1:a]volume=0.5[b];[0:a][b]join=inputs=2:channel_layout=stereo', at('stereo.wav')],
    );
    await ffmpeg('-i', at('stereo.wav'), '-ac', '1', at('mixed.wav'));
    const [sound = new Float32Array()] = await heard((await copied('stereo.wav')).path);
    const [mixed = new Float32Array()] = await heard(at('mixed.wav'));
    expectInStep(sound, mixed);
    const power = (all: Float32Array) => all.reduce((sum, value) => sum + value * value, 0);
    expect(power(sound) / power(mixed)).toBeGreaterThan(0.8);
    expect(power(sound) / power(mixed)).toBeLessThan(1.2);
  });

  test.each([
    [2, '16000', 'stereo'],
    [3, '44100', '3.0'],
    [6, '16000', '5.1'],
  ])('%i channels that are to be heard apart stay apart and in order', async (count, rate, layout) => {
    // Each says another part of the speech, at a time of its own.
    const parts = Array.from(
      { length: count },
      (_, index) =>
        `[0:a]atrim=${index * 3}:${index * 3 + 3},asetpts=N/SR/TB,adelay=${index * 500},apad=whole_dur=6[c${index}]`,
    );
    const names = Array.from({ length: count }, (_, index) => `[c${index}]`).join('');
    await ffmpeg(
      ...[
        '-i',
        DEMO,
        '-filter_complex',
        `${parts.join(';')};${names}join=inputs=${count}:channel_layout=${layout}`,
        '-ar',
        rate,
        '-t',
        '6',
      ],
      at('apart.wav'),
    );
    const copy = await copied('apart.wav', { channels: 'separate' });
    const sounds = await heard(copy.path, count);
    const originals = await heard(at('apart.wav'), count);
    for (const [index, sound] of sounds.entries()) expectInStep(sound, originals[index] ?? new Float32Array());
    expect((await copied('apart.wav')).sizeBytes).toBeLessThan(copy.sizeBytes / 1.2);
  });

  test('what is small already, and what no decoder is here for, goes as it would without', async () => {
    for (const name of ['aac.m4a', 'opus.ogg', 'vorbis.ogg']) expect((await prepared(name)).copy).toBeUndefined();
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc=d=12:s=160x90', '-i', at('aac.m4a'), '-c:a', 'copy', at('aac.mp4'));
    expect((await prepared('aac.mp4')).copy?.kind).toBe('audio-track');
    // 8,000 samples of a byte are fewer bits than two channels of Opus.
    await ffmpeg('-i', at('u8.wav'), '-ar', '8000', '-ac', '2', '-c:a', 'pcm_mulaw', at('small.wav'));
    expect((await prepared('small.wav', { channels: 'separate' })).copy?.sizeBytes ?? 0).toBeLessThan(
      (await stat(at('small.wav'))).size,
    );
    expect((await prepared('s16.wav', { send: 'audio' })).copy).toBeUndefined();
  });

  test('a recording that is cut off is sent as far as it goes', async () => {
    await writeFile(at('half.wav'), await readFile(at('s24.wav')));
    await truncate(at('half.wav'), 300_001);
    const [sound = new Float32Array()] = await heard((await copied('half.wav')).path);
    expectInStep(sound, (await heard(at('half.wav')))[0] ?? new Float32Array());
  });
});

test.each(['opus', 'flac'] as const)(
  'packing as %s ends at once where nobody wants it any more, and nothing is left',
  async (send) => {
    await ffmpeg('-stream_loop', '100', '-i', at('s24.wav'), '-c', 'copy', at('long.wav'));
    const stop = new AbortController();
    const working = media.prepare({ jobId: 'job_9', path: at('long.wav'), options: { send } }, stop.signal);
    const begun = async (): Promise<boolean> => (await stat(join(folder, 'prepared/job_9')).catch(() => null)) !== null;
    await expect.poll(begun).toBe(true);
    stop.abort();
    await expect(working).rejects.toMatchObject({ code: 'USER_CANCELED' });
    expect(await readdir(join(folder, 'prepared'))).not.toContain('job_9');
  },
);
