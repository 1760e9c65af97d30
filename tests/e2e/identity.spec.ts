// Another build than the expected one: a banner on every screen that blocks nothing, is adopted, and comes back when it differs again.

import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { startEngine, temporaryFolder, testEnvironment } from '../through/engine-process.ts';
import { startWorker } from '../through/worker-process.ts';

test('a mismatch is shown on every screen until it is adopted', async ({ page }) => {
  const folder = await temporaryFolder();
  const worker = await startWorker(
    folder.path,
    testEnvironment({ BUILD_COMMIT: 'e07c1f2', IMAGE_DIGEST: 'sha256:41d0' }),
  );
  const engine = await startEngine(
    join(folder.path, 'data'),
    testEnvironment({
      REMOTE_WORKER_URL: worker.url,
      REMOTE_WORKER_TOKEN: worker.token,
      REMOTE_WORKER_MODE: 'required',
    }),
  );
  /** Of this worker alone, as the adopted one is. */
  const expectOf = (gitCommit: string) =>
    engine.client.call('expectIdentity', { id: 'environment', identity: { gitCommit, imageDigest: null } });
  try {
    await engine.client.call('putSettings', { expectedIdentity: { gitCommit: 'b4b98e5', imageDigest: null } });
    await page.goto(`${engine.url}/#token=${engine.token}`);
    const banner = page.getByRole('region', { name: 'Identity' }).filter({ hasText: 'e07c1f2' });
    for (const screen of ['Workers', 'Settings', 'Queue']) {
      await page.getByRole('navigation').getByRole('button', { name: screen }).click();
      await expect(banner).toContainText('b4b98e5');
    }
    await banner.getByRole('button', { name: 'Adopt' }).click();
    await expect(banner).toBeHidden();
    expect((await engine.client.call('runtime', {})).remoteWorker).toMatchObject({
      identityMatches: true,
      expectedIdentity: { gitCommit: 'e07c1f2', imageDigest: 'sha256:41d0' },
    });

    await expectOf('1111111');
    await expect(banner).toContainText('1111111');
    // Put aside until it changes: a reload does not bring it back, another difference does.
    await banner.getByRole('button', { name: 'Dismiss' }).click();
    await expect(banner).toBeHidden();
    await page.reload();
    await page.getByRole('navigation').getByRole('button', { name: 'Workers' }).click();
    await expect(page.getByRole('article').filter({ hasText: '1111111' })).toContainText('differs since');
    await expect(banner).toBeHidden();
    await expectOf('2222222');
    await expect(banner).toContainText('2222222');
  } finally {
    await engine.stop();
    await worker.stop();
    await folder.remove();
  }
});
