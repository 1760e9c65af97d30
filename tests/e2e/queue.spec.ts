// The main path in a real browser: the page against the real engine, its worker, and the small model.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { inventRecording, writeRecording } from '../small-whisper/speech.mjs';
import { wordErrorRate } from '../small-whisper/wer.mjs';
import { startEngine, temporaryFolder, testEnvironment } from '../through/engine-process.ts';
import { expectAccessible } from './accessibility.ts';
import { dropFiles } from './drop.ts';

test('a recording dropped on the page becomes an SRT on the disk', async ({ page }) => {
  const folder = await temporaryFolder();
  const recording = join(folder.path, 'Council meeting.wav');
  // So long that text comes while more is being decoded: a worker on a processor decodes a minute at once.
  const spoken = await inventRecording({ seed: 31, seconds: 150 });
  await writeRecording(spoken, recording);
  await writeFile(join(folder.path, 'empty.wav'), '');
  const engine = await startEngine(join(folder.path, 'data'), testEnvironment());
  try {
    await page.goto(`${engine.url}/#token=${engine.token}`);
    await expect(page.getByRole('heading', { name: 'Transcribe your first recording' })).toBeVisible();
    // The token is out of sight as soon as the page has it.
    expect(page.url()).not.toContain('token');

    await dropFiles(page, [recording, join(folder.path, 'empty.wav')], () =>
      expect(page.getByRole('region', { name: 'Drop to transcribe' })).toBeVisible(),
    );

    // It is not sent into the app at all.
    const refused = page.getByRole('dialog', { name: '1 recording could not be added' });
    await expect(refused).toContainText('empty.wav');
    await expect(refused).toContainText('The file is empty');
    await refused.getByRole('button', { name: 'Close' }).click();

    const row = page.getByRole('row', { name: /^Council meeting\.wav,/ });
    await expect(row).toHaveAttribute('data-state', 'running', { timeout: 120_000 });
    // Live text: the words as they are decoded, before the job is done.
    await expect(row.getByRole('log', { name: 'Live text of Council meeting.wav' })).toContainText(/\w+ \w+/, {
      timeout: 120_000,
    });
    await expect(row).toHaveAttribute('data-state', 'complete', { timeout: 120_000 });

    const { jobs } = await engine.client.call('listJobs', {});
    const done = jobs.find(({ name }) => name === 'Council meeting.wav');
    const srt = await readFile(done?.outputs.find(({ format }) => format === 'srt')?.path ?? '', 'utf8');
    const text = srt.split('\n').filter((line) => line !== '' && !/^\d+$|-->/.test(line));
    expect(wordErrorRate(spoken.text, text.join(' '))).toBeLessThanOrEqual(0.1);

    await expectAccessible(page);
    // What was done is there after a reload, and its text can be read.
    await page.reload();
    await expect(row).toHaveAttribute('data-state', 'complete');
    await row.dblclick();
    await expect(page.getByText(firstWords(spoken.text))).toBeVisible();
    await expectAccessible(page);

    await page.getByRole('button', { name: 'Workers' }).click();
    const panel = page.getByRole('article', { name: 'This computer' });
    await expect(panel).toContainText('Online');
    await expect(panel).toContainText('int8');
    await expectAccessible(page);
  } finally {
    await engine.stop();
    await folder.remove();
  }
});

/** Enough of a text to know it by. */
function firstWords(text: string): string {
  return text.split(' ').slice(0, 3).join(' ');
}
