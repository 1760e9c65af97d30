// A rented GPU in a real browser: the page and the engine are real, the worker in the pod is a real one, only the provider is the fake.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { SYSTEM_CLOCK } from '../../src/host/system.ts';
import { QUEUE_MS } from '../patience.ts';
import { FakeRunpod, KEY } from '../pods/fake-runpod.ts';
import { realWorkers } from '../pods/fake-worker-container.ts';
import { IMAGE } from '../pods/rig.ts';
import { SMALL, startEngine, temporaryFolder, testEnvironment } from '../through/engine-process.ts';
import { expectAccessible } from './accessibility.ts';

const go = (page: Page, name: string): Promise<void> =>
  page
    .getByRole('navigation')
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .click();

test('a GPU is rented with a key, works, shows what it costs, and is ended', async ({ page }) => {
  test.setTimeout(2 * QUEUE_MS);
  const folder = await temporaryFolder();
  const fake: FakeRunpod = await FakeRunpod.listen(
    SYSTEM_CLOCK,
    realWorkers(() => fake.baseUrl),
  );
  const engine = await startEngine(
    join(folder.path, 'data'),
    testEnvironment({
      REMOTE_WORKER_MODE: 'required',
      RUNPOD_API_URL: fake.baseUrl,
      RUNPOD_PROXY_URL: fake.proxyUrl,
    }),
  );
  try {
    const outDir = join(folder.path, 'out');
    await engine.client.call('putSettings', { jobDefaults: { model: 'demo-en', outDir, formats: ['txt'] } });
    await page.goto(`${engine.url}/#token=${engine.token}`);
    await go(page, 'Workers');
    await page.getByRole('button', { name: 'Start a GPU…' }).click();

    // A key that RunPod does not know is asked for again; the right one brings prices.
    const key = page.getByLabel('RunPod API key');
    await key.fill('rpa_of_somebody_else');
    await key.press('Enter');
    await expect(page.getByRole('dialog').getByText('RunPod no longer accepts the API key.')).toBeVisible();
    await key.fill(KEY);
    await page.getByRole('button', { name: 'Use this key' }).click();
    const a40 = page.getByRole('radio', { name: /A40.*\$0\.40\/h/ });
    await a40.waitFor({ state: 'attached' });
    await expect(key).toBeHidden();
    await page.locator('label').filter({ has: a40 }).click();
    const image = page.getByLabel('Image', { exact: true });
    await image.fill(IMAGE);
    await image.press('Enter');
    await expect(page.getByText(/^Pinned to sha256:/)).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: /^Start .*A40$/ }).click();

    // It starts, and its worker has a panel with the meter as soon as it answers.
    await expect(page.getByRole('dialog')).toBeHidden();
    const card = page.getByRole('article', { name: /A40/ });
    await expect(card).toContainText('at $0.40/h', { timeout: QUEUE_MS });
    await expect(card.getByText('Online')).toBeVisible({ timeout: QUEUE_MS });
    await expect(card).toContainText('RunPod reports the same image');
    const meter = page.getByRole('navigation').getByRole('button', { name: /\$0\.40\/h/ });
    await expect(meter).toBeVisible();
    await expectAccessible(page);

    await go(page, 'Queue');
    await engine.client.call('addJobs', { paths: [join(SMALL, 'demo/demo.wav')] });
    const row = page.getByRole('row', { name: /^demo\.wav,/ });
    await expect(row).toHaveAttribute('data-state', 'complete', { timeout: QUEUE_MS });
    // What it has cost is beside it: parts of a cent here.
    await expect(page.getByRole('columnheader', { name: 'Cost' })).toBeVisible();
    await expect(row).toContainText('<$0.01');
    await expect(page.getByRole('row', { name: /^Batch demo\.wav/ })).toContainText('cost <$0.01');
    expect((await readFile(join(outDir, 'demo.txt'), 'utf8')).length).toBeGreaterThan(100);

    // Ended by its person, after a question; the provider has nothing left that costs.
    await go(page, 'Workers');
    await card.getByRole('button', { name: /^End…/ }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'End now' }).click();
    await expect(card).toBeHidden({ timeout: QUEUE_MS });
    await expect(meter).toBeHidden();
    expect(fake.machines.all.size).toBe(0);

    await go(page, 'Spending');
    await expect(page.getByRole('row', { name: /^demo\.wav/ })).toContainText('$0.0');
    await expect(page.getByRole('img', { name: /\$0\.0/ })).toBeVisible();
    await expectAccessible(page);
    expect(await page.content()).not.toContain(KEY);
  } finally {
    await engine.stop();
    await fake.close();
    await folder.remove();
  }
});
