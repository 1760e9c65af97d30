import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFile,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentTypeOf } from './kinds.ts';
import { FileMedia } from './media.ts';
import { prepare } from './prepare.ts';

const run = promisify(execFile);
const DEMO = join(import.meta.dirname, '../../tests/small-whisper/demo/demo.wav');
const DEMO_SEC = 30.422;
const never = new AbortController().signal;
let folder: string;
let media: FileMedia;

const at = (name: string) => join(folder, name);
const ffmpeg = (...args: string[]) => run('ffmpeg', ['-loglevel', 'error', '-y', ...args]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bt-media-'));
  media = new FileMedia({ folder: join(folder, 'prepared') });
  const picture = ['-f', 'lavfi', '-i', 'testsrc=d=3:s=160x120'];
  const audio = ['mp3', 'm4a', 'flac', 'ogg', 'opus', 'aac'];
  await Promise.all(audio.map((ending) => ffmpeg('-i', DEMO, at(`speech.${ending}`))));
  await ffmpeg(...picture, '-i', DEMO, '-shortest', at('video.mp4'));
  const copies = ['mkv', 'mov', 'ts'].map((ending) =>
    ffmpeg('-i', at('video.mp4'), '-c', 'copy', at(`video.${ending}`)),
  );
  await Promise.all([
    ...copies,
    ffmpeg('-i', at('video.mp4'), at('video.avi')),
    ffmpeg('-i', at('video.mp4'), at('video.webm')),
  ]);
  await ffmpeg('-i', at('video.mp4'), '-an', '-c', 'copy', at('silent.mp4'));
  await ffmpeg('-i', at('video.mp4'), '-an', '-c', 'copy', at('silent.mkv'));
});
afterAll(async () => {
  await media.close();
  await rm(folder, { recursive: true, force: true });
});

const prepareAt = (path: string, signal = never) => media.prepare({ jobId: 'job_1', path, options: {} }, signal);
const prepared = (name: string, signal = never) => prepareAt(at(name), signal);

describe('a recording', () => {
  test('is digested as it lies there', async () => {
    const bytes = await readFile(DEMO);
    const { mtimeMs } = await stat(DEMO);
    expect(await prepareAt(DEMO)).toEqual({
      sizeBytes: bytes.length,
      mtimeMs,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      contentType: 'audio/wav',
      durationSec: DEMO_SEC,
      media: {
        container: 'WAVE',
        tracks: [
          {
            number: 1,
            codec: 'pcm-s16',
            channels: 1,
            sampleRate: 16_000,
            language: null,
            name: null,
            isDefault: true,
          },
        ],
        track: 1,
        startSec: 0,
        distinctChannels: false,
        truncated: false,
      },
    });
  });

  test.each([
    ['speech.mp3', 'audio/mpeg', DEMO_SEC],
    ['speech.m4a', 'audio/mp4', DEMO_SEC],
    ['speech.flac', 'audio/flac', DEMO_SEC],
    ['speech.ogg', 'audio/ogg', DEMO_SEC],
    ['speech.opus', 'audio/ogg', DEMO_SEC],
    ['speech.aac', 'audio/aac', DEMO_SEC],
    ['video.mp4', 'video/mp4', 3],
    ['video.mov', 'video/quicktime', 3],
    ['video.mkv', 'video/x-matroska', 3],
    ['video.webm', 'video/webm', 3],
    ['video.ts', 'video/mp2t', 3],
  ])('%s plays for as long as it does', async (name, contentType, durationSec) => {
    const source = await prepared(name);
    expect(source.contentType).toBe(contentType);
    expect(Math.abs((source.durationSec ?? 0) - durationSec)).toBeLessThan(0.2);
  });

  test('of a kind that is not known here is left to the worker', async () => {
    expect(await prepared('video.avi')).toMatchObject({ contentType: 'video/x-msvideo', durationSec: null });
    await writeFile(at('noise.wav'), Buffer.from([0, 1, 2, 254, 255, 7, 9]));
    expect(await prepared('noise.wav')).toMatchObject({ contentType: 'audio/wav', durationSec: null });
  });

  test('that is damaged is left to the worker', async () => {
    await copyFile(at('video.mp4'), at('cut.mp4'));
    // The table of contents lies at the end.
    await truncate(at('cut.mp4'), 20_000);
    await expect(prepared('cut.mp4')).rejects.toMatchObject({ code: 'SOURCE_TRUNCATED' });
    for (const name of ['speech.mp3', 'video.mkv', 'speech.flac', 'speech.ogg', 'video.ts']) {
      await copyFile(at(name), at(`cut-${name}`));
      await truncate(at(`cut-${name}`), 9_999);
      expect((await prepared(`cut-${name}`)).sizeBytes).toBe(9_999);
      const bytes = await readFile(at(name));
      for (let index = 40; index < bytes.length; index += 97) bytes[index] = 0xff;
      await writeFile(at(`bad-${name}`), bytes);
      expect((await prepared(`bad-${name}`)).sizeBytes).toBe(bytes.length);
    }
  });

  test('that is a playlist leads nowhere', async () => {
    await writeFile(at('list.m3u8'), '#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXTINF:9,\nfile:///etc/passwd\n');
    await expect(prepared('list.m3u8')).rejects.toMatchObject({ code: 'NOT_A_RECORDING' });
  });

  test('without sound is refused', async () => {
    await expect(prepared('silent.mp4')).rejects.toMatchObject({ code: 'NO_AUDIO' });
    await expect(prepared('silent.mkv')).rejects.toMatchObject({ code: 'NO_AUDIO' });
  });

  test('that is no file, or not there, or empty, is refused with its reason', async () => {
    await writeFile(at('empty.wav'), '');
    await run('mkfifo', [at('pipe.wav')]);
    await symlink(at('nothing'), at('dangling.wav'));
    await symlink(at('circle.wav'), at('circle.wav'));
    const reasons: [string, string][] = [
      ['empty.wav', 'EMPTY_FILE'],
      ['nothing.wav', 'SOURCE_MISSING'],
      ['speech.mp3/inside.wav', 'SOURCE_MISSING'],
      ['dangling.wav', 'SOURCE_MISSING'],
      ['circle.wav', 'SOURCE_UNREADABLE'],
      ['pipe.wav', 'SOURCE_UNREADABLE'],
      ['', 'SOURCE_UNREADABLE'],
    ];
    for (const [name, code] of reasons) await expect(prepared(name), name).rejects.toMatchObject({ code });
    await expect(prepareAt('/dev/zero')).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  });

  test('that changes while it is read is refused', async () => {
    await writeFile(at('growing.wav'), Buffer.alloc(64 * 1024 * 1024, 1));
    // Not in a thread: there nobody knows when reading begins.
    const reading = prepare({ path: at('growing.wav'), options: {} }, at('copy'), never);
    const looking = expect(reading).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
    await new Promise((resolve) => setImmediate(resolve));
    await appendFile(at('growing.wav'), 'more');
    // Whatever was read before that is told by the time.
    await utimes(at('growing.wav'), new Date(), new Date(Date.now() + 9_000));
    await looking;
  });

  test('is no longer read once nobody wants it', async () => {
    await writeFile(at('large.wav'), Buffer.alloc(32 * 1024 * 1024));
    const stop = new AbortController();
    const looking = expect(prepared('large.wav', stop.signal)).rejects.toMatchObject({ code: 'USER_CANCELED' });
    stop.abort();
    await looking;
  });
});

describe('a folder', () => {
  let tree: string;
  const found = async (path: string) => (await media.find(path)).map((each) => relative(tree, each));

  beforeAll(async () => {
    tree = at('tree');
    await mkdir(join(tree, 'Part 10', 'deep'), { recursive: true });
    await mkdir(join(tree, 'Part 2'));
    await mkdir(join(tree, '.hidden'));
    const files = [
      'b.wav',
      'A.MP3',
      'tape 10.wav',
      'tape 9.wav',
      'notes.txt',
      'noending',
      '.hidden.wav',
      '._b.wav',
      '.hidden/c.wav',
      'Part 10/one.mkv',
      'Part 10/deep/two.flac',
      'Part 2/three.opus',
      'source.ts',
    ];
    for (const file of files) await writeFile(join(tree, file), 'x');
    await writeFile(join(tree, 'film.ts'), Buffer.alloc(1024 * 1024));
    await symlink(tree, join(tree, 'Part 2', 'circle'));
    await symlink(folder, join(tree, 'outside'));
    await symlink(join(tree, 'b.wav'), join(tree, 'again.wav'));
  });

  test('gives its recordings in the order in which a person counts', async () => {
    expect(await found(tree)).toEqual([
      'A.MP3',
      'b.wav',
      'film.ts',
      'Part 2/three.opus',
      'Part 10/deep/two.flac',
      'Part 10/one.mkv',
      'tape 9.wav',
      'tape 10.wav',
    ]);
  });

  test('may be named by a link, or by a path that is not tidy', async () => {
    await symlink(tree, at('link-to-tree'));
    expect(await media.find(at('link-to-tree'))).toHaveLength(8);
    expect(await found(`${tree}/Part 2/../Part 10/`)).toEqual(['Part 10/deep/two.flac', 'Part 10/one.mkv']);
  });

  test('a file that was named is taken whatever its name is', async () => {
    expect(await found(join(tree, 'notes.txt'))).toEqual(['notes.txt']);
    expect(await found(join(tree, '.hidden.wav'))).toEqual(['.hidden.wav']);
    expect(await found(join(tree, 'again.wav'))).toEqual(['again.wav']);
  });

  test('that is empty gives nothing, and one that is not there is missing', async () => {
    await mkdir(at('bare'));
    expect(await media.find(at('bare'))).toEqual([]);
    await expect(media.find(at('nowhere'))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
    await expect(media.find('/dev/null')).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  });

  test('with ten thousand recordings is read whole', async () => {
    const many = at('many');
    await mkdir(many);
    for (let first = 0; first < 10_000; first += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, index) => writeFile(join(many, `${first + index}.wav`), '')));
    }
    const files = await media.find(many);
    expect(files).toHaveLength(10_000);
    expect(files[9_999]).toBe(join(many, '9999.wav'));
  });
});

test('a kind is told by its ending alone, and nothing is inherited', () => {
  expect(contentTypeOf('A.B.WAV')).toBe('audio/wav');
  expect(contentTypeOf('constructor')).toBe('application/octet-stream');
  expect(contentTypeOf('.__proto__')).toBe('application/octet-stream');
});
