// The main path through the desktop app: its own main process, preload, MessagePort and engine process, with the page in a real Chromium.

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { dropFiles } from '../e2e/drop.ts';
import { inventRecording, writeRecording } from '../small-whisper/speech.mjs';
import { wordErrorRate } from '../small-whisper/wer.mjs';
import { temporaryFolder, testEnvironment } from '../through/engine-process.ts';
import { type DesktopApp, startDesktop } from './desktop-app.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let app: DesktopApp;

/** A recording of ours, in a folder of the person's. */
async function recording(name: string, seed: number, seconds: number) {
  const path = join(folder.path, 'recordings', name);
  await mkdir(join(folder.path, 'recordings'), { recursive: true });
  const spoken = await inventRecording({ seed, seconds });
  await writeRecording(spoken, path);
  return { path, text: spoken.text };
}

const start = (args: readonly string[] = []): Promise<DesktopApp> =>
  startDesktop({
    userData: join(folder.path, 'profile'),
    env: testEnvironment({ BULK_TRANSCRIBE_DATA_DIR: join(folder.path, 'data') }),
    args,
  });

/** Drops files as the desktop does: with the paths that the preload finds for them. */
async function drop(page: Page, paths: readonly string[]): Promise<void> {
  await app.order({
    what: 'paths',
    paths: paths.map((path) => [path.slice(path.lastIndexOf('/') + 1), path] as const),
  });
  // What the preload knows travels with the next message to it.
  await app.order({ what: 'choose', label: 'Queue' });
  await dropFiles(page, paths);
}

test.beforeEach(async () => {
  folder = await temporaryFolder();
});
test.afterEach(async () => {
  await app.quit();
  await folder.remove();
});

test('a recording that is dropped on the window becomes an SRT beside it, and is told of', async () => {
  const { path, text } = await recording('Council meeting.wav', 31, 30);
  app = await start();
  const page = await app.page();
  await expect(page.getByRole('heading', { name: 'Transcribe your first recording' })).toBeVisible();
  await app.order({ what: 'look-away' });
  await drop(page, [path]);

  const row = page.getByRole('row', { name: /^Council meeting\.wav,/ });
  await expect(row).toHaveAttribute('data-state', 'running', { timeout: 120_000 });
  await expect.poll(async () => (await app.seen()).blockers).toBe(1);
  await expect(row).toHaveAttribute('data-state', 'complete', { timeout: 120_000 });

  // In place: the recording was named by its path and never copied into the app.
  const srt = await readFile(path.replace(/wav$/, 'srt'), 'utf8');
  const heard = srt.split('\n').filter((line) => line !== '' && !/^\d+$|-->/.test(line));
  expect(wordErrorRate(text, heard.join(' '))).toBeLessThanOrEqual(0.1);

  await expect.poll(async () => (await app.seen()).blockers).toBe(0);
  const seen = await app.seen();
  expect(seen.notifications).toMatchObject([{ body: 'One recording is transcribed.' }]);
  expect(seen.progress).toEqual({ value: -1, mode: 'none' });
  expect([seen.badge, seen.trayMenu[0]]).toEqual([0, 'Nothing to do']);
  expect(seen.tray.some((text) => text.includes('1 at work'))).toBe(true);

  // The page is drawn anew; what was done is there.
  await page.reload();
  await expect(row).toHaveAttribute('data-state', 'complete');
});

test('files of a start, of a second start and of the system enter the queue of the one app', async () => {
  const first = await recording('first.wav', 41, 6);
  const second = await recording('second.wav', 42, 6);
  const third = await recording('third.wav', 43, 6);
  app = await start([first.path]);
  const page = await app.page();
  await expect(page.getByRole('row', { name: /^first\.wav,/ })).toBeVisible();

  await expect(start([second.path])).rejects.toThrow('The app ended with 0.');
  await expect(page.getByRole('row', { name: /^second\.wav,/ })).toBeVisible();
  await app.order({ what: 'emit', event: 'open-file', args: [third.path] });
  await expect(page.getByRole('row', { name: /^third\.wav,/ })).toBeVisible();
  expect((await app.seen()).recent).toEqual([first.path, second.path, third.path]);
  expect((await app.seen()).windows).toBe(1);
});

test('an engine that dies is started again, told of, and goes on; so is a page', async () => {
  const { path } = await recording('long.wav', 51, 90);
  app = await start([path]);
  const page = await app.page();
  const row = page.getByRole('row', { name: /^long\.wav,/ });
  await expect(row).toHaveAttribute('data-state', 'running', { timeout: 120_000 });
  const [before] = (await app.seen()).engines;
  await app.order({ what: 'kill-engine' });
  await expect(page.getByText('The engine stopped unexpectedly')).toBeVisible({ timeout: 120_000 });
  expect((await app.seen()).engines).not.toEqual([before]);
  await app.order({ what: 'crash-page' });
  await expect(async () => {
    await expect((await app.page()).getByText('The window stopped unexpectedly')).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 120_000 });
  await expect((await app.page()).getByRole('row', { name: /^long\.wav,/ })).toHaveAttribute('data-state', 'complete', {
    timeout: 120_000,
  });
  expect((await readFile(path.replace(/wav$/, 'srt'), 'utf8')).length).toBeGreaterThan(100);
});

test('a link adds a worker only when the person says so', async () => {
  app = await start();
  const page = await app.page();
  await page.getByRole('navigation').getByRole('button', { name: 'Workers' }).click();
  const link = 'bulk-transcribe://worker?url=https://abc-8477.proxy.example&token=s3cret-t0ken&name=My%20pod';
  const card = page.getByRole('article', { name: 'My pod' });
  await app.order({ what: 'emit', event: 'open-url', args: [link] });
  await expect.poll(async () => (await app.seen()).boxes.length).toBe(1);
  expect((await app.seen()).boxes[0]?.message).toContain('https://abc-8477.proxy.example');
  await expect(card).toBeHidden();
  await app.order({ what: 'answer', boxes: [1] });
  await app.order({ what: 'emit', event: 'open-url', args: [link] });
  await expect(card).toBeVisible();
  expect(await page.content()).not.toContain('s3cret-t0ken');
});

test('quitting in the middle of work says what happens to it, and the next start goes on', async () => {
  const { path } = await recording('long.wav', 52, 60);
  app = await start([path]);
  const row = (await app.page()).getByRole('row', { name: /^long\.wav,/ });
  await expect(row).toHaveAttribute('data-state', 'running', { timeout: 120_000 });
  await app.order({ what: 'quit' });
  await expect.poll(async () => (await app.seen()).boxes.length).toBe(1);
  expect((await app.seen()).boxes[0]?.detail).toContain('One recording on this computer stops and begins again');
  await expect(row).toHaveAttribute('data-state', 'running');
  await app.quit();

  app = await start();
  const again = (await app.page()).getByRole('row', { name: /^long\.wav,/ });
  await expect(again).toHaveAttribute('data-state', 'complete', { timeout: 120_000 });
});
