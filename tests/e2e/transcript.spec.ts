// The whole way of a person who corrects, in a real browser with the real engine, worker and small model: drop, live text, hear, write,
// name, export; nothing is lost by a reload or by a new engine; and the same without a mouse.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { placeAt } from '../../src/transcript/word-clock.ts';
import { inventRecording, writeRecording } from '../small-whisper/speech.mjs';
import { type EngineProcess, startEngine, temporaryFolder, testEnvironment } from '../through/engine-process.ts';
import { expectAccessible } from './accessibility.ts';
import { dropFiles } from './drop.ts';

/** How far the marked word may be from the sound, seconds. */
const IN_STEP = 0.05;

test('a recording is heard, corrected, named and exported; nothing is lost; no mouse is needed', async ({ page }) => {
  const folder = await temporaryFolder();
  const data = join(folder.path, 'data');
  const recording = join(folder.path, 'Council meeting.wav');
  // So long that text comes while more is being decoded: a worker on a processor decodes a minute at once.
  await writeRecording(await inventRecording({ seed: 31, seconds: 150 }), recording);
  let engine = await startEngine(data, testEnvironment());
  await page.addInitScript(holdSound);
  try {
    await page.goto(`${engine.url}/#token=${engine.token}`);
    await dropFiles(page, [recording]);
    const row = page.getByRole('row', { name: /^Council meeting\.wav,/ });
    await expect(row.getByRole('log')).toContainText(/\w+ \w+/, { timeout: 120_000 });
    await expect(row).toHaveAttribute('data-state', 'complete', { timeout: 120_000 });
    const id = (await engine.client.call('listJobs', {})).jobs[0]?.id ?? '';

    await test.step('it is heard, and the marked word keeps step with the sound', async () => {
      await row.dblclick();
      await expectPlayable(page);
      await expect.poll(() => peaksOf(engine, id)).toBeGreaterThan(1_000);
      await lines(page).first().locator('[data-w="1"]').click();
      await expect.poll(() => page.evaluate(() => soundTime())).toBeGreaterThan(1.5);
      const { segments } = await engine.client.call('getTranscript', { id });
      // By words, not by frames or seconds: a busy machine draws few frames, a quick one sixty of them within three words.
      const samples = await page.evaluate(followSound, 6);
      const late = samples.filter(({ time, key, word }) =>
        [-IN_STEP, 0, IN_STEP].every((off) => {
          const place = placeAt(segments, time + off);
          return place?.word != null && (segments[place.segment]?.key !== key || place.word !== word);
        }),
      );
      expect(late).toEqual([]);
      await page.keyboard.press('Space');
      await expectAccessible(page);
    });

    await test.step('it is corrected and its speaker named', async () => {
      await lines(page).first().locator('p').dblclick();
      const field = page.getByRole('textbox', { name: /^Text of the line/ });
      await expect(field).toBeFocused();
      await field.fill('The meeting is open, said Madam Chair.');
      await field.press('Enter');
      await expect(page.getByText('1 edit, all saved')).toBeVisible();
      await page.keyboard.press('1');
      await page.keyboard.press('s');
      const dialog = page.getByRole('dialog', { name: 'Rename speaker' });
      await dialog.getByRole('combobox', { name: 'Name' }).fill('Madam Chair');
      await expectAccessible(page);
      await dialog.getByRole('button', { name: 'Rename' }).click();
      await expect(lines(page).first().getByRole('button', { name: 'Speaker: Madam Chair' })).toBeVisible();
    });

    await test.step('the files on the disk say so', async () => {
      await page.getByRole('button', { name: 'Export…' }).click();
      const sheet = page.getByRole('dialog', { name: 'Export' });
      await expect(sheet.getByRole('region', { name: 'Preview' })).toContainText('Madam Chair: The meeting');
      await expectAccessible(page);
      const download = page.waitForEvent('download');
      await sheet.getByRole('button', { name: 'Download' }).click();
      expect(await readFile(await (await download).path(), 'utf8')).toContain('said Madam Chair.');
      await sheet.getByRole('button', { name: 'Write beside the recording' }).click();
      await expect(sheet.getByRole('status')).toContainText('Written: ');
      await page.keyboard.press('Escape');
      const job = await engine.client.call('getJob', { id });
      const path = job.outputs.find(({ format }) => format === 'srt')?.path ?? '';
      expect(await readFile(path, 'utf8')).toMatch(/Madam Chair: The meeting\s+is open,\s+said Madam Chair\./);
    });

    await test.step('a reload in the midst of a line and a new engine lose nothing', async () => {
      await lines(page).nth(1).locator('p').dblclick();
      await page.getByRole('textbox', { name: /^Text of the line/ }).fill('Half a senten');
      await page.reload();
      await row.dblclick();
      await expect(page.getByText('The meeting is open, said Madam Chair.')).toBeVisible();
      await expect(page.getByRole('alert').filter({ hasText: 'Not saved: Half a senten' })).toBeVisible();
      await page.getByRole('button', { name: 'Discard', exact: true }).click();
      await engine.stop();
      engine = await startEngine(data, testEnvironment());
      await page.goto(`${engine.url}/#token=${engine.token}`);
      await expect(row).toHaveAttribute('data-state', 'complete');
    });

    await test.step('without a mouse: open, undo, redo, step, write, split, merge, keys', async () => {
      await row.focus();
      await page.keyboard.press('Enter');
      const first = lines(page).first();
      await expect(first).toContainText('The meeting is open, said Madam Chair.');
      // The waveform was kept: it is there at once.
      await expectPlayable(page);
      for (let step = 0; step < 3; step += 1) await page.keyboard.press('Control+z');
      await expect(page.getByText('No edits yet')).toBeVisible();
      await page.keyboard.press('Control+Shift+z');
      await expect(first).toContainText('The meeting is open, said Madam Chair.');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Home');
      for (let word = 0; word < 2; word += 1) await page.keyboard.press('Control+ArrowRight');
      const count = (await engine.client.call('getTranscript', { id })).segments.length;
      await page.keyboard.press('Control+Enter');
      await expect
        .poll(async () => (await engine.client.call('getTranscript', { id })).segments.length)
        .toBe(count + 1);
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Control+Backspace');
      await expect.poll(async () => (await engine.client.call('getTranscript', { id })).segments.length).toBe(count);
      await page.keyboard.press('Space');
      await expect.poll(() => page.evaluate(() => soundTime())).toBeGreaterThan(0.3);
      await page.keyboard.press('Space');
      await page.keyboard.press('?');
      await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
      await expectAccessible(page);
      await page.keyboard.press('Escape');
    });
  } finally {
    await engine.stop();
    await folder.remove();
  }
});

function lines(page: Page) {
  return page.getByRole('group', { name: 'Lines' }).locator('[data-key]');
}

async function expectPlayable(page: Page): Promise<void> {
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeEnabled();
}

/** Bytes of the waveform that the engine keeps. */
async function peaksOf(engine: EngineProcess, id: string): Promise<number> {
  const { peaks } = await engine.client.call('getPeaks', { id });
  return peaks === null ? 0 : Buffer.from(peaks.data, 'base64').length;
}

declare function soundTime(): number;

/** Runs in the page before it: the sound has no element, so it is held where a test can ask for its place. */
function holdSound(): void {
  let sound: HTMLAudioElement | null = null;
  window.Audio = class extends window.Audio {
    constructor(address?: string) {
      super(address);
      sound = this;
    }
  };
  Object.assign(window, { soundTime: () => sound?.currentTime ?? 0 });
}

/** Runs in the page: with every frame, where the sound is and which word is marked, until so many `words` were marked. */
function followSound(words: number): Promise<{ time: number; key: string; word: number }[]> {
  return new Promise((resolve) => {
    const samples: { time: number; key: string; word: number }[] = [];
    const seen = new Set<string>();
    const look = (): void => {
      const marked = document.querySelector<HTMLElement>('[data-now]');
      const key = marked?.closest<HTMLElement>('[data-key]')?.dataset['key'];
      if (key !== undefined) {
        samples.push({ time: soundTime(), key, word: Number(marked?.dataset['w']) });
        seen.add(`${key}/${marked?.dataset['w']}`);
      }
      if (seen.size < words) requestAnimationFrame(look);
      else resolve(samples);
    };
    requestAnimationFrame(look);
  });
}
