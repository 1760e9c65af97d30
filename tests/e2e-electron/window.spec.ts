// The desktop app as it is opened: its window shows the queue, over the preload and the engine's own process. Runs where Electron's
// binary is (playwright.config.ts says loudly where it is not).

import { join } from 'node:path';
import { _electron, expect, test } from '@playwright/test';
import { ROOT, temporaryFolder, testEnvironment } from '../through/engine-process.ts';

test('the window opens on the queue and speaks to the engine', async () => {
  const folder = await temporaryFolder();
  const env = Object.entries(testEnvironment({ BULK_TRANSCRIBE_DATA_DIR: join(folder.path, 'data') }));
  const app = await _electron.launch({
    args: [ROOT, `--user-data-dir=${join(folder.path, 'profile')}`],
    env: Object.fromEntries(env.filter((entry): entry is [string, string] => entry[1] !== undefined)),
  });
  try {
    const window = await app.firstWindow();
    await expect(window.getByRole('heading', { name: 'Transcribe your first recording' })).toBeVisible();
    // Isolated: the page has the bridge and nothing of Node.
    expect(
      await window.evaluate(() => [
        typeof Reflect.get(window, 'require'),
        typeof Reflect.get(window, 'bulkTranscribe'),
      ]),
    ).toEqual(['undefined', 'object']);
  } finally {
    await app.close();
    await folder.remove();
  }
});
