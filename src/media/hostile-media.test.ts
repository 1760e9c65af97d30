import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../contract/errors.ts';
import { FileMedia } from './media.ts';
import { MediaThreads } from './media-threads.ts';

const run = promisify(execFile);
const DEMO = join(import.meta.dirname, '../../tests/small-whisper/demo/demo.wav');
/** `npm run test:formats` asks for more. */
const FILES = Number(process.env['MEDIA_FILES'] ?? 500);
const SEED = Number(process.env['MEDIA_SEED'] ?? 20_261_125);
/** What a file may be refused with, whatever it holds. */
const REFUSALS = new Set(['NOT_A_RECORDING', 'NO_AUDIO', 'EMPTY_FILE', 'SOURCE_ENCRYPTED', 'SOURCE_TRUNCATED']);

const never = new AbortController().signal;
let folder = '';
let threads: MediaThreads;
const originals: Buffer[] = [];
/** Those that are decoded here: what speaks on their channels is listened to, and they can be packed. */
let decoded: readonly Buffer[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bt-hostile-'));
  threads = new MediaThreads({ probeMs: 1_500 });
  const names = ['a.m4a', 'a.mka', 'a.webm', 'a.ogg', 'a.mp3', 'a.flac', 'a.aac', 'a.ts', 'a.mov', 'a.wav'];
  await Promise.all(
    names.map((name) => run('ffmpeg', ['-loglevel', 'error', '-y', '-i', DEMO, '-t', '1', join(folder, name)])),
  );
  for (const name of names) originals.push(await readFile(join(folder, name)));
  const two = ['two.mp3', 'two.flac', 'two.wav', 'flac.mkv', 'mp3.mp4'];
  await Promise.all(
    two.map((name) =>
      run('ffmpeg', [
        ...['-loglevel', 'error', '-y', '-i', DEMO, '-t', '3', '-ac', '2'],
        ...[
          '-c:a',
          name.startsWith('flac') || name.endsWith('flac') ? 'flac' : name.includes('mp3') ? 'libmp3lame' : 'pcm_s16le',
        ],
        join(folder, name),
      ]),
    ),
  );
  decoded = await Promise.all(two.map((name) => readFile(join(folder, name))));
  originals.push(...decoded);
});
afterAll(async () => {
  await threads.close();
  await rm(folder, { recursive: true, force: true });
});

/** Numbers that look like chance and are the same for a seed (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** A recording with a few things wrong: bits, lengths, pieces cut out, doubled or exchanged, mostly where its structure is. */
function spoiled(next: (below: number) => number, of: readonly Buffer[] = originals): Buffer {
  let bytes = Buffer.from(of[next(of.length)] ?? Buffer.alloc(0));
  const place = () => (next(3) > 0 ? next(Math.min(bytes.length, 600)) : next(Math.max(1, bytes.length)));
  for (let times = 1 + next(8); times > 0; times -= 1) {
    const at = place();
    const kind = next(6);
    if (kind === 0) bytes[at] = next(256);
    else if (kind === 1) bytes.writeUInt8([0, 1, 0x7f, 0x80, 0xff][next(5)] ?? 0, at);
    else if (kind === 2 && at + 4 <= bytes.length)
      bytes.writeUInt32BE([0, 1, 8, 0x7fffffff, 0xffffffff][next(5)] ?? 0, at);
    else if (kind === 3) bytes = Buffer.from(bytes.subarray(0, at));
    else if (kind === 4)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + next(64)))]);
    else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + 64), bytes.subarray(at)]);
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}

describe('hostile files', () => {
  test(`${FILES} of them are looked at or refused (seed ${SEED})`, async () => {
    const next = numbers(SEED);
    const verdicts = new Map<string, number>();
    for (let count = 0; count < FILES; count += 1) {
      const path = join(folder, 'hostile');
      await writeFile(path, spoiled(next));
      const verdict = await threads.run({ type: 'probe', path }).then(
        ({ durationSec }) => {
          expect(durationSec === null || (durationSec >= 0 && Number.isFinite(durationSec))).toBe(true);
          return 'seen';
        },
        (thrown: unknown) => (thrown instanceof AppError ? thrown.code : String(thrown)),
      );
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      if (verdict !== 'seen') expect([count, REFUSALS.has(verdict), verdict]).toEqual([count, true, verdict]);
    }
    expect(verdicts.get('seen') ?? 0).toBeGreaterThan(FILES / 10);
  });

  test(`${Math.round(FILES / 4)} of them are packed, or sent as they are, or refused (seed ${SEED})`, async () => {
    const next = numbers(SEED + 1);
    const kinds = new Map<string, number>();
    const media = new FileMedia({ folder: join(folder, 'prepared'), threads });
    for (let count = 0; count < FILES / 4; count += 1) {
      const path = join(folder, 'hostile');
      await writeFile(path, spoiled(next, decoded));
      const options = { send: 'opus', channels: next(2) === 0 ? 'mix' : 'separate' } as const;
      const { kind, target } = await media.prepare({ jobId: 'job_3', path, options }, never).then(
        ({ copy }) => ({ kind: copy?.kind ?? 'original', target: copy?.path ?? '' }),
        (thrown: unknown) => ({ kind: thrown instanceof AppError ? thrown.code : String(thrown), target: '' }),
      );
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (!['opus', 'audio-track', 'original'].includes(kind))
        expect([count, REFUSALS.has(kind), kind]).toEqual([count, true, kind]);
      if (kind === 'opus') {
        // What is sent is sound, whatever it was made of.
        const { stderr } = await run('ffmpeg', ['-loglevel', 'error', '-i', target, '-f', 'null', '-']);
        expect([count, stderr]).toEqual([count, '']);
      }
    }
    expect(kinds.get('opus') ?? 0).toBeGreaterThan(FILES / 40);
    expect(kinds.get('original') ?? 0).toBeGreaterThan(FILES / 40);
  });

  test('that bring the packing to a standstill are copied or sent as they are', async () => {
    const spins = join(folder, 'spins.mjs');
    const thread = new URL('./media-thread.ts', import.meta.url).href;
    await writeFile(
      spins,
      `import { parentPort } from 'node:worker_threads';\nparentPort.on('message', (task) => { if (task.recording?.options.send !== 'opus') return; parentPort.postMessage('going'); for (;;); });\nawait import(${JSON.stringify(thread)});\n`,
    );
    const spun = new FileMedia({
      folder: join(folder, 'prepared'),
      threads: new MediaThreads({ stallMs: 300, entry: new URL(`file://${spins}`) }),
    });
    const source = await spun.prepare({ jobId: 'job_2', path: DEMO, options: { send: 'opus' } }, never);
    expect(source).toMatchObject({ contentType: 'audio/wav', media: { container: 'WAVE' } });
    expect(source.copy).toBeUndefined();
    await spun.close();
  });

  test('that name other files and addresses lead nowhere', async () => {
    const asked: string[] = [];
    const server: Server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('#EXTM3U\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const canary = `http://127.0.0.1:${port}/canary`;
    const texts = [
      `#EXTM3U\n#EXTINF:9,\n${canary}.ts\n`,
      `#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-KEY:METHOD=AES-128,URI="${canary}"\n#EXTINF:9,\nfile:///etc/passwd\n`,
      `ffconcat version 1.0\nfile '${canary}'\n`,
      `<?xml version="1.0"?><MPD><BaseURL>${canary}</BaseURL></MPD>`,
      `[playlist]\nFile1=${canary}\n`,
    ];
    for (const text of texts) {
      for (const name of ['list.m3u8', 'list.mp4', 'list.avi', 'list.wav']) {
        await writeFile(join(folder, name), text);
        await expect(threads.run({ type: 'probe', path: join(folder, name) })).rejects.toMatchObject({
          code: 'NOT_A_RECORDING',
        });
      }
    }
    await new Promise((resolve) => server.close(resolve));
    expect(asked).toEqual([]);
  });

  test('that stop their reader are given up, and the next one is looked at all the same', async () => {
    const stuck = join(folder, 'stuck.mjs');
    await writeFile(
      stuck,
      "import { parentPort } from 'node:worker_threads';\nparentPort.on('message', () => { for (;;); });\n",
    );
    const short = new MediaThreads({ probeMs: 300, entry: new URL(`file://${stuck}`) });
    await expect(short.run({ type: 'probe', path: DEMO })).rejects.toMatchObject({ code: 'NOT_A_RECORDING' });
    await short.close();
    const stuckOnce = join(folder, 'stuck-once.mjs');
    const thread = new URL('./media-thread.ts', import.meta.url).href;
    await writeFile(
      stuckOnce,
      `import { parentPort } from 'node:worker_threads';\nparentPort.on('message', (task) => { if (task.type === 'probe') for (;;); });\nawait import(${JSON.stringify(thread)});\n`,
    );
    const greedy = join(folder, 'greedy.mjs');
    await writeFile(
      greedy,
      "import { parentPort } from 'node:worker_threads';\nparentPort.on('message', () => { const all = []; for (;;) all.push(new Array(1e5).fill({})); });\n",
    );
    const eaten = new MediaThreads({ entry: new URL(`file://${greedy}`) });
    await expect(eaten.run({ type: 'probe', path: DEMO })).rejects.toMatchObject({ code: 'NOT_A_RECORDING' });
    await eaten.close();
    // Sent as it is, for the worker's decoder to judge: a damaged recording may stop this reader and not that one.
    const blind = new FileMedia({
      folder: join(folder, 'prepared'),
      threads: new MediaThreads({ probeMs: 300, entry: new URL(`file://${stuckOnce}`) }),
    });
    const source = await blind.prepare({ jobId: 'job_1', path: DEMO, options: {} }, new AbortController().signal);
    expect(source).toMatchObject({
      contentType: 'audio/wav',
      durationSec: null,
      media: { container: null, tracks: [] },
    });
    await blind.close();
    expect((await threads.run({ type: 'probe', path: DEMO })).media.track).toBe(1);
  });
});
