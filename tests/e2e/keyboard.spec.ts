// The main path without a mouse, against the real engine and worker: add, hold, order, let go, find what was said, play from there;
// and what a person chose is there again after the page and the engine were started anew.

import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { inventRecording, writeRecording } from '../small-whisper/speech.mjs';
import { startEngine, temporaryFolder, testEnvironment } from '../through/engine-process.ts';
import { expectAccessible } from './accessibility.ts';

test('recordings are added, ordered, transcribed, found and played by keys alone', async ({ page }) => {
  const folder = await temporaryFolder();
  const first = join(folder.path, 'Hearing one.wav');
  const second = join(folder.path, 'Hearing two.wav');
  const spoken = await inventRecording({ seed: 52, seconds: 40 });
  await writeRecording(await inventRecording({ seed: 51, seconds: 20 }), first);
  await writeRecording(spoken, second);
  const engine = await startEngine(join(folder.path, 'data'), testEnvironment());
  try {
    await page.goto(`${engine.url}/#token=${engine.token}`);
    await expect(page.getByRole('heading', { name: 'Transcribe your first recording' })).toBeVisible();
    await engine.client.call('pauseQueue', {});

    const chosen = page.waitForEvent('filechooser');
    await page.keyboard.press('Control+o');
    await (await chosen).setFiles([first, second]);
    const one = page.getByRole('row', { name: /^Hearing one\.wav,/ });
    const two = page.getByRole('row', { name: /^Hearing two\.wav,/ });
    await expect(two).toBeVisible();
    await expect(page.getByRole('banner')).toContainText('Paused');

    await tabTo(page, 'row');
    await page.keyboard.press('End');
    await expect(two).toBeFocused();
    await page.keyboard.press('Alt+ArrowUp');
    await expect
      .poll(async () => (await engine.client.call('listJobs', { order: 'position' })).jobs.map(({ name }) => name))
      .toEqual(['Hearing two.wav', 'Hearing one.wav']);
    await expect(two).toBeFocused();
    await page.keyboard.press('p');
    await expect(two).toContainText('paused by you');
    await expectAccessible(page);
    await page.keyboard.press('p');
    await expect(two).toContainText('Queued');

    await tabTo(page, 'button', 'Resume');
    await page.keyboard.press('Enter');
    await expect(two).toHaveAttribute('data-state', 'complete', { timeout: 120_000 });
    await expect(one).toHaveAttribute('data-state', 'complete', { timeout: 120_000 });

    await page.keyboard.press('Control+k');
    const field = page.getByRole('combobox', { name: 'Search all transcripts' });
    await expect(field).toBeFocused();
    await expect(page.getByRole('option')).toHaveCount(2);
    await expectAccessible(page);
    const word = lastLongWord(spoken.text);
    await page.keyboard.type(word);
    const hit = page.getByRole('option', { name: new RegExp(`^Hearing two\\.wav, .*${word}`, 'i') }).first();
    await expect(hit).toBeVisible();
    await page.keyboard.press('ArrowUp');
    while ((await hit.getAttribute('aria-selected')) !== 'true') await page.keyboard.press('ArrowDown');
    await expectAccessible(page);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
    await expect(page.getByText(new RegExp(word, 'i')).first()).toBeVisible();
    await page.keyboard.press('Control+k');
    await expect(field).toHaveValue(word);
    await page.keyboard.press('Escape');
    await page.keyboard.type('zebrafish');
    await expect(page.getByText('No transcript contains “zebrafish”.')).toBeVisible();
  } finally {
    await engine.stop();
    await folder.remove();
  }
});

test('settings, their profile and the look outlive the page and the engine', async ({ page }) => {
  const folder = await temporaryFolder();
  const data = join(folder.path, 'data');
  const env = testEnvironment({ REMOTE_WORKER_MODE: 'off' });
  let engine = await startEngine(data, env);
  try {
    await page.goto(`${engine.url}/#token=${engine.token}`);
    await page.getByRole('navigation').getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('textbox', { name: 'Vocabulary' }).fill('Leith, Methil');
    await page.getByRole('textbox', { name: 'Vocabulary' }).press('Enter');
    // What the environment holds fast is shown as such.
    await expect(page.getByRole('button', { name: /Mode/ })).toBeDisabled();
    await page.getByRole('button', { name: /Theme/ }).click();
    await page.getByRole('option', { name: 'Dark' }).click();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await expect
      .poll(async () => (await engine.client.call('getSettings', {})).settings.jobDefaults.hotwords)
      .toBe('Leith, Methil');
    await expectAccessible(page);
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');

    await engine.stop();
    await expect(page.getByRole('alert')).toContainText('The engine is not answering.');
    engine = await startEngine(data, env);
    await page.goto(`${engine.url}/#token=${engine.token}`);
    await page.getByRole('navigation').getByRole('button', { name: 'Settings' }).click();
    await expect(page.getByRole('textbox', { name: 'Vocabulary' })).toHaveValue('Leith, Methil');
  } finally {
    await engine.stop();
    await folder.remove();
  }
});

/** Goes on with Tab until something of this role (and name) has the focus; fails when nothing of it is ever reached. */
async function tabTo(page: Page, role: 'row' | 'button', name?: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    const wanted = page.locator(':focus').and(page.getByRole(role, name === undefined ? {} : { name, exact: true }));
    if ((await wanted.count()) > 0) return;
  }
  throw new Error(`Tab does not reach a ${role} ${name ?? ''}`);
}

/** A word to look for: long enough to be rare, from near the end. */
function lastLongWord(text: string): string {
  const words = text.match(/[a-z]{5,}/gi) ?? [];
  return words.at(-2) ?? words.at(-1) ?? '';
}
