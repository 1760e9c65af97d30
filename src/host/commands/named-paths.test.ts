import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { namedPaths, refuseUnwritable } from './named-paths.ts';

const folder = await mkdtemp(join(tmpdir(), 'bt-named-'));
const at = (...parts: string[]): string => join(folder, ...parts);
for (const name of ['10.wav', '2.wav', '[a].wav', 'b.mp3']) await writeFile(at(name), '');
await mkdir(at('inside'));
afterAll(() => rm(folder, { recursive: true }));

it('takes what is there by its name, and expands a pattern only where nothing has that name', async () => {
  expect(await namedPaths([at('[a].wav'), at('inside')])).toEqual([at('[a].wav'), at('inside')]);
  expect(await namedPaths([at('b.mp3'), at('*.wav')])).toEqual([at('b.mp3'), at('[a].wav'), at('2.wav'), at('10.wav')]);
  expect(await namedPaths([at('*.flac')])).toEqual([at('*.flac')]);
  expect(await namedPaths(['https://example.com/a?b=*'])).toEqual(['https://example.com/a?b=*']);
});

it('refuses a folder that is a file, or would lie in one, and makes none', async () => {
  await expect(refuseUnwritable(at('b.mp3'))).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: `Nothing can be written to ${at('b.mp3')}: ${at('b.mp3')} is a file.`,
  });
  await expect(refuseUnwritable(at('b.mp3', 'x', 'y'))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await expect(refuseUnwritable(at('inside', 'x', 'y'))).resolves.toBeUndefined();
  expect(await namedPaths([at('inside', '*')])).toEqual([at('inside', '*')]);
});
