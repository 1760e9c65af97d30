// A page that `serve` opened has a code in its address, trades it for the token, and shows nothing of either.

import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { startEngine, temporaryFolder, testEnvironment } from '../through/engine-process.ts';

test('a page that was opened with a code is let in, and one with the same code again is not', async ({
  page,
  context,
}) => {
  const folder = await temporaryFolder();
  const engine = await startEngine(join(folder.path, 'data'), testEnvironment({ REMOTE_WORKER_MODE: 'required' }));
  try {
    const headers = { authorization: `Bearer ${engine.token}` };
    const made = await fetch(`${engine.url}/api/page-codes`, { method: 'POST', headers });
    const { code } = (await made.json()) as { code: string };
    const said: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') said.push(message.text());
    });
    await page.goto(`${engine.url}/#code=${code}`);
    await expect(page.getByRole('navigation').getByRole('button', { name: 'Workers' })).toBeVisible();
    expect(page.url()).toBe(`${engine.url}/`);
    await page.reload();
    await expect(page.getByRole('navigation').getByRole('button', { name: 'Workers' })).toBeVisible();
    // The page does nothing that its own policy forbids.
    expect(said).toEqual([]);

    const other = await context.newPage();
    await other.goto(`${engine.url}/#code=${code}`);
    await expect(other.getByText('bulk-transcribe serve')).toBeVisible();
    expect(other.url()).toBe(`${engine.url}/`);
  } finally {
    await engine.stop();
    await folder.remove();
  }
});
