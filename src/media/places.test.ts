import { execFile } from 'node:child_process';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { soundAt } from './places.ts';
import { openInput, readAt } from './probe.ts';

const run = promisify(execFile);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bt-places-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([
  ['MP3', 'long.mp3', ['-b:a', '128k']],
  ['MP3', 'varied.mp3', ['-q:a', '4']],
  ['FLAC', 'long.flac', []],
])('of a long %s (%s) only the places are read that are listened to', async (container, name, form) => {
  const path = join(folder, name);
  // A tone on either side, which is higher the later it is: 200 Hz more from one place to the next.
  const sweep = (first: number) => `0.3*sin(2*PI*(${first}*t+${200 / 20 / 2}*t*t))`;
  const sound = ['-f', 'lavfi', '-i', `aevalsrc=${sweep(300)}|${sweep(500)}:s=44100:d=200`];
  await run('ffmpeg', ['-loglevel', 'error', '-y', ...sound, ...form, path]);
  const file = await open(path);
  const { size } = await stat(path);
  const input = openInput(file, size);
  let bytes = 0;
  const read = (start: number, end: number) => {
    bytes += end - start;
    return readAt(file, start, end);
  };
  const [track] = await input.getAudioTracks();
  if (track === undefined) throw new Error('There is no track.');
  const rate = await track.getSampleRate();
  const pitches: (readonly number[])[] = [];
  for await (const channels of soundAt({ count: 10, seconds: 1 }, track, container, size, read)) {
    expect(channels.map(({ length }) => length)).toEqual([rate, rate]);
    // Twice a turn the sign changes.
    pitches.push(channels.map((all) => all.filter((value, at) => value < 0 !== (all[at - 1] ?? value) < 0).length / 2));
  }
  input.dispose();
  await file.close();
  expect(pitches).toHaveLength(10);
  for (const [place, [left = 0, right = 0]] of pitches.entries()) {
    // Bytes are not time where the rate varies, and the first frame of MP3 lacks what came before it.
    expect(Math.abs(left - (300 + 200 * (place + 0.5)))).toBeLessThan(500);
    expect(left).toBeGreaterThan(pitches[place - 1]?.[0] ?? 0);
    expect(Math.abs(right - left - 200)).toBeLessThan(40);
  }
  expect(bytes).toBeLessThan(size * 0.4);
});
