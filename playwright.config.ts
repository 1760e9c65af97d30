// Tests in a real browser (tests/e2e) and, where Electron's binary is on this computer, in the desktop app (tests/e2e-electron).
import { defineConfig } from '@playwright/test';
import { installedElectron, packagedApp } from './scripts/electron.mjs';
import { findChromium } from './scripts/system-parts.mjs';

const executablePath = await findChromium();
const electron = installedElectron();
const packaged = packagedApp();

// Said once: Playwright loads this file again in each of its own processes.
if (process.env['TEST_WORKER_INDEX'] === undefined) {
  if (electron === undefined)
    process.stdout.write(
      "SKIPPED: tests/e2e-electron/window.spec.ts, because Electron's binary is not on this computer (npm start fetches it).\n",
    );
  if (packaged === undefined)
    process.stdout.write(
      'SKIPPED: tests/e2e-electron/packaged.spec.ts, because no packaged app lies in release/ (npm run package makes it).\n',
    );
}

export default defineConfig({
  forbidOnly: true,
  fullyParallel: false,
  workers: 1,
  // One test takes a recording the whole way; a model is loaded and two processes start in it.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  outputDir: 'test-results/e2e',
  use: {
    actionTimeout: 60_000,
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
  projects: [
    {
      name: 'browser',
      testDir: 'tests/e2e',
      use: {
        browserName: 'chromium',
        viewport: { width: 1280, height: 800 },
        launchOptions: {
          ...(executablePath === undefined ? {} : { executablePath }),
          args: [
            '--headless',
            // Chromium refuses its sandbox to root, and the pages are our own.
            '--no-sandbox',
            '--disable-gpu',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
          ],
        },
      },
    },
    // The desktop app with Electron's own part played by a stand-in. It starts its browser itself.
    { name: 'desktop', testDir: 'tests/desktop' },
    ...(electron === undefined
      ? []
      : [{ name: 'electron', testDir: 'tests/e2e-electron', testMatch: 'window.spec.ts' }]),
    ...(packaged === undefined
      ? []
      : [{ name: 'electron-packaged', testDir: 'tests/e2e-electron', testMatch: 'packaged.spec.ts' }]),
  ],
});
