// A worker that refused its token is left alone until a person says "Check again"; then it is asked at once, and works when it takes it.

import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { startEngine, temporaryFolder, testEnvironment } from '../through/engine-process.ts';
import { startWorker } from '../through/worker-process.ts';
import { expectAccessible } from './accessibility.ts';

test('a worker that refused the token is asked again by a button, and says so either way', async ({ page }) => {
  const folder = await temporaryFolder();
  const env = testEnvironment();
  const first = await startWorker(folder.path, env);
  const engine = await startEngine(join(folder.path, 'data'), testEnvironment({ REMOTE_WORKER_MODE: 'required' }));
  let second: Awaited<ReturnType<typeof startWorker>> | null = null;
  try {
    const token = `${first.token}-of-another-one`;
    await engine.client.call('addWorker', { name: 'lab-4090', url: first.url, token });
    await page.goto(`${engine.url}/#token=${engine.token}`);
    await page.getByRole('navigation').getByRole('button', { name: 'Workers' }).click();
    const card = page.getByRole('article', { name: 'lab-4090' });
    await expect(card).toHaveAttribute('data-health', 'unauthorized');
    await expect(card).toContainText('The worker refused the token.');
    const button = card.getByRole('button', { name: 'Check again: lab-4090' });
    await expectAccessible(page);

    // It still refuses: what is shown is what it says now.
    await button.press('Enter');
    await expect(card).toHaveAttribute('data-health', 'unauthorized');
    await expect(button).toBeVisible();

    // The same address takes the token now, as after the pod was started anew with the right one.
    await first.stop();
    second = await startWorker(folder.path, { ...env, WORKER_TOKEN: token }, first.port);
    await button.click();
    await expect(card).toHaveAttribute('data-health', 'ok');
    await expect(button).toBeHidden();
    await expect(card).not.toContainText('refused the token');
  } finally {
    await engine.stop();
    await first.stop();
    await second?.stop();
    await folder.remove();
  }
});
