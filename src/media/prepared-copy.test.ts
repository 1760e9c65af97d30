import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobOptions } from '../contract/options.ts';
import { FileMedia } from './media.ts';

const run = promisify(execFile);
const DEMO = join(import.meta.dirname, '../../tests/small-whisper/demo/demo.wav');
const never = new AbortController().signal;
let folder: string;
let media: FileMedia;

const at = (name: string) => join(folder, name);
const ffmpeg = (...args: string[]) => run('ffmpeg', ['-loglevel', 'error', '-y', ...args]);
const prepared = (name: string, options: Partial<JobOptions> = {}) =>
  media.prepare({ jobId: 'job_1', path: at(name), options }, never);

/** What a decoder makes of the sound, as a digest. ffmpeg begins at the first sample, wherever that lies. */
/** The packets as they lie in the file, as a digest. */
async function packetsOf(path: string): Promise<string> {
  const { stdout } = await run('ffmpeg', [
    '-loglevel',
    'error',
    '-i',
    path,
    '-map',
    '0:a',
    '-c',
    'copy',
    '-f',
    'md5',
    '-',
  ]);
  return stdout.trim();
}

async function secondsOf(path: string): Promise<number> {
  const args = ['-loglevel', 'error', '-i', path, '-map', '0:a', '-ac', '1', '-ar', '16000', '-f', 's16le', '-'];
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 2 ** 26 });
  return stdout.length / 32_000;
}

async function soundOf(path: string, stream = 0): Promise<string> {
  const { stdout } = await run('ffmpeg', ['-loglevel', 'error', '-i', path, '-map', `0:a:${stream}`, '-f', 'md5', '-']);
  return stdout.trim();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bt-copy-'));
  media = new FileMedia({ folder: join(folder, 'prepared') });
  await ffmpeg(
    ...['-f', 'lavfi', '-i', 'testsrc=d=10:s=320x180:r=25', '-f', 'lavfi', '-i', 'anoisesrc=d=10:c=pink:r=48000:a=0.4'],
    ...['-map', '0:v', '-map', '1:a', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-b:a', '128k'],
    ...['-ac', '2', at('v.mp4')],
  );
  const copied = ['mov', 'mkv', 'ts'].map((ending) => ffmpeg('-i', at('v.mp4'), '-c', 'copy', at(`v.${ending}`)));
  const coded = [
    ['mp3.mkv', 'libmp3lame'],
    ['flac.mkv', 'flac'],
    ['ac3.mp4', 'ac3'],
    ['vorbis.mkv', 'libvorbis'],
    ['opus.mkv', 'libopus'],
    ['pcm.mov', 'pcm_s16le'],
    ['pcm.mkv', 'pcm_s24le'],
  ].map(([name = '', codec = '']) => ffmpeg('-i', at('v.mp4'), '-c:v', 'copy', '-c:a', codec, '-b:a', '96k', at(name)));
  await Promise.all([
    ...copied,
    ...coded,
    ffmpeg(
      '-i',
      at('v.mp4'),
      '-c:v',
      'libvpx',
      '-deadline',
      'realtime',
      '-c:a',
      'libopus',
      '-b:a',
      '64k',
      at('v.webm'),
    ),
    ffmpeg('-i', at('v.mp4'), '-c:v', 'mpeg4', '-c:a', 'libmp3lame', at('v.avi')),
    ffmpeg(
      '-i',
      at('v.mp4'),
      '-itsoffset',
      '0.7',
      '-i',
      at('v.mp4'),
      '-map',
      '0:v',
      '-map',
      '1:a',
      '-c',
      'copy',
      at('late.mkv'),
    ),
    ffmpeg(
      ...['-i', at('v.mp4'), '-i', DEMO, '-map', '0:v', '-map', '0:a', '-map', '1:a', '-c:v', 'copy', '-c:a', 'aac'],
      ...['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=deu', '-disposition:a:0', '0'],
      ...['-disposition:a:1', 'default', '-metadata', 'title=Secret', '-shortest', at('two.mkv')],
    ),
    ffmpeg(
      ...['-i', DEMO, '-c:a', 'aac', '-encryption_scheme', 'cenc-aes-ctr'],
      ...['-encryption_key', '76a6c65c5ea762046bd749a2e632ccbb', '-encryption_kid', 'a7e61c373e219033c21091fa607bf3b8'],
      at('protected.m4a'),
    ),
    ffmpeg('-i', DEMO, '-t', '10', '-ac', '2', at('mono-twice.wav')),
    ffmpeg(
      ...['-i', DEMO, '-f', 'lavfi', '-i', 'anoisesrc=d=30:r=16000:a=0.1'],
      ...[
        '-filter_complex',
        '[0:a][1:a]join=inputs=2:channel_layout=stereo',
        '-c:a',
        'pcm_s24le',
        at('two-voices.wav'),
      ],
    ),
  ]);
});
afterAll(async () => {
  await media.close();
  await rm(folder, { recursive: true, force: true });
});

describe('what is sent of a recording with pictures', () => {
  test.each(['v.mp4', 'v.mov', 'v.mkv', 'v.ts', 'flac.mkv', 'ac3.mp4', 'pcm.mov', 'pcm.mkv'])(
    '%s: its sound to the sample, and nothing else',
    async (name) => {
      const before = await readFile(at(name));
      const source = await prepared(name);
      const { copy } = source;
      if (copy === undefined) throw new Error('No copy was made.');
      const bytes = await readFile(copy.path);
      expect(copy.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
      expect(copy).toMatchObject({
        kind: 'audio-track',
        sizeBytes: bytes.length,
        mtimeMs: (await stat(copy.path)).mtimeMs,
      });
      expect(await soundOf(copy.path)).toBe(await soundOf(at(name)));
      const { stdout } = await run('ffprobe', [
        '-loglevel',
        'error',
        '-show_entries',
        'stream=codec_type',
        '-of',
        'csv=p=0',
        copy.path,
      ]);
      expect(stdout).toMatch(/^audio\W*$/);
      expect(source.sha256).toBe(createHash('sha256').update(before).digest('hex'));
      expect((await readFile(at(name))).equals(before)).toBe(true);
    },
  );

  test.each(['v.webm', 'opus.mkv', 'vorbis.mkv', 'mp3.mkv'])('%s: its packets, one by one', async (name) => {
    // What a decoder trims at either end is noted otherwise by each container, so the samples there may differ.
    const { copy } = await prepared(name);
    expect(await packetsOf(copy?.path ?? '')).toBe(await packetsOf(at(name)));
    expect(Math.abs((await secondsOf(copy?.path ?? '')) - (await secondsOf(at(name))))).toBeLessThan(0.06);
  });

  test('is the file as it is where that was asked for, where nothing would be saved, and where it cannot be told', async () => {
    expect((await prepared('v.mp4', { send: 'original' })).copy).toBeUndefined();
    expect((await prepared('mono-twice.wav')).copy).toBeUndefined();
    expect((await prepared('v.avi')).copy).toBeUndefined();
    expect(await readdir(join(folder, 'prepared'))).toEqual([]);
  });

  test('says how late its sound begins', async () => {
    const { media: facts } = await prepared('late.mkv');
    expect(facts?.startSec).toBeGreaterThan(0.65);
    expect(facts?.startSec).toBeLessThan(0.72);
    expect((await prepared('v.mkv')).media?.startSec).toBe(0);
  });

  test('is the default track, or the one that was chosen; its tags stay here', async () => {
    const source = await prepared('two.mkv');
    expect(source.media).toMatchObject({
      container: 'Matroska',
      track: 2,
      tracks: [
        { number: 1, language: 'eng', isDefault: false, codec: 'aac', channels: 2 },
        { number: 2, language: 'deu', isDefault: true, codec: 'aac', channels: 1 },
      ],
    });
    expect(await soundOf(source.copy?.path ?? '')).toBe(await soundOf(at('two.mkv'), 1));
    expect((await readFile(source.copy?.path ?? '')).includes('Secret')).toBe(false);
    const first = await prepared('two.mkv', { track: 1 });
    expect(await soundOf(first.copy?.path ?? '')).toBe(await soundOf(at('two.mkv'), 0));
    await expect(prepared('two.mkv', { track: 3 })).rejects.toMatchObject({
      code: 'NO_SUCH_TRACK',
      message: 'The recording has no audio track 3. It has 1 (eng, aac), 2 (deu, aac).',
    });
  });

  test('is packed without loss where that was asked for and is possible', async () => {
    const { copy } = await prepared('two-voices.wav', { send: 'flac' });
    expect(copy).toMatchObject({ kind: 'flac', contentType: 'audio/flac' });
    expect(copy?.sizeBytes).toBeLessThan((await stat(at('two-voices.wav'))).size);
    const s24 = async (path: string) =>
      (await run('ffmpeg', ['-loglevel', 'error', '-i', path, '-c:a', 'pcm_s24le', '-f', 'md5', '-'])).stdout;
    expect(await s24(copy?.path ?? '')).toBe(await s24(at('two-voices.wav')));
    expect((await prepared('v.mp4', { send: 'flac' })).copy?.kind).toBe('audio-track');
  });
});

describe('a recording', () => {
  test('that is protected is refused before anything is sent', async () => {
    await expect(prepared('protected.m4a')).rejects.toMatchObject({ code: 'SOURCE_ENCRYPTED' });
    const fairPlay = await readFile(at('v.mp4'));
    const entry = fairPlay.lastIndexOf('mp4a', undefined, 'latin1');
    expect(entry).toBeGreaterThan(0);
    fairPlay.write('drms', entry, 'latin1');
    await writeFile(at('bought.m4p'), fairPlay);
    await expect(prepared('bought.m4p')).rejects.toMatchObject({ code: 'SOURCE_ENCRYPTED' });
  });

  test('that is cut off behind its table of contents is sent as it is, and said to be cut off', async () => {
    await ffmpeg('-i', at('v.mp4'), '-c', 'copy', '-movflags', 'faststart', at('fast.mp4'));
    await copyFile(at('fast.mp4'), at('half.mp4'));
    await truncate(at('half.mp4'), Math.round((await stat(at('fast.mp4'))).size / 2));
    expect(await prepared('half.mp4')).toMatchObject({ media: { truncated: true } });
    expect((await prepared('half.mp4')).copy).toBeUndefined();
  });

  test('that is something else by mistake is named for what it is', async () => {
    await writeFile(at('a.mp4'), '%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n'.repeat(99));
    await writeFile(at('b.mp4'), Buffer.from('PK\u0003\u0004aaaaaaaaaaaaaaaaaaaaaaaaa'));
    await writeFile(at('c.mp4'), '<!doctype html><title>404 – Not Found</title>');
    for (const [name, what] of [
      ['a.mp4', 'a PDF document'],
      ['b.mp4', 'a ZIP archive or an office document'],
      ['c.mp4', 'a text'],
    ])
      await expect(prepared(name ?? '')).rejects.toMatchObject({
        code: 'NOT_A_RECORDING',
        message: `This is ${what}, not a recording.`,
      });
  });

  test('with a voice in each channel is told from one with the same in both', async () => {
    expect((await prepared('two-voices.wav')).media?.distinctChannels).toBe(true);
    expect((await prepared('mono-twice.wav')).media?.distinctChannels).toBe(false);
    expect((await prepared('v.mp4')).media?.distinctChannels).toBeNull();
    // Packed, with an index and without.
    for (const name of ['two.mp3', 'two.flac', 'two-mp3.mp4', 'two-flac.mkv'])
      await ffmpeg('-i', at('two-voices.wav'), '-c:a', name.includes('mp3') ? 'libmp3lame' : 'flac', at(name));
    for (const name of ['same.mp3', 'same.flac']) await ffmpeg('-i', at('mono-twice.wav'), at(name));
    for (const name of ['two.mp3', 'two.flac', 'two-mp3.mp4', 'two-flac.mkv'])
      expect([name, (await media.probe(at(name))).media.distinctChannels]).toEqual([name, true]);
    for (const name of ['same.mp3', 'same.flac'])
      expect([name, (await media.probe(at(name))).media.distinctChannels]).toEqual([name, false]);
  });

  test('is looked at without being queued', async () => {
    expect(await media.probe(at('two.mkv'))).toMatchObject({ contentType: 'video/x-matroska', media: { track: 2 } });
    await expect(media.probe(at('nothing.mp4'))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
  });
});

describe('copies', () => {
  test('go with their job', async () => {
    for (const jobId of ['job_1', 'job_2', 'job_3'])
      await media.prepare({ jobId, path: at('v.mp4'), options: {} }, never);
    await media.release('job_1');
    await media.release('job_1');
    expect((await readdir(join(folder, 'prepared'))).sort()).toEqual(['job_2', 'job_3']);
    expect([...(await media.copies())].sort()).toEqual(['job_2', 'job_3']);
    await media.release('job_2');
    await media.release('job_3');
    expect(await media.copies()).toEqual([]);
    await expect(media.release('../v.mp4')).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test('are not left half when nobody wants them any more', async () => {
    for (let times = 0; times < 5; times += 1) {
      const stop = new AbortController();
      const working = media.prepare({ jobId: 'job_9', path: at('flac.mkv'), options: {} }, stop.signal);
      setTimeout(() => stop.abort(), times * 15);
      const ended = await working.catch((error: unknown) => error);
      if (stop.signal.aborted && ended instanceof Error) expect(ended).toMatchObject({ code: 'USER_CANCELED' });
      else await media.release('job_9');
      expect(await readdir(join(folder, 'prepared'))).toEqual([]);
    }
  });
});
