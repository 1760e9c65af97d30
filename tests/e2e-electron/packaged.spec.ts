// The app as people install it: its window, and that its binary is locked. Its fuses keep debuggers of Node out, so the test joins the page
// through Chromium's own port. Runs where `npm run package` made an app (playwright.config.ts says loudly where not).

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, expect, test } from '@playwright/test';
import { packagedApp } from '../../scripts/electron.mjs';
import { temporaryFolder, testEnvironment } from '../through/engine-process.ts';

const app = packagedApp() ?? '';
/** Chromium refuses its sandbox to root. */
const asRoot = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];

async function debuggerOf(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new TypeError('The output of the app is not read.');
  for await (const line of createInterface({ input: child.stderr })) {
    const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error('The app ended.');
}

test('the window opens on the queue, isolated, and speaks to its engine', async () => {
  const folder = await temporaryFolder();
  const child = spawn(
    app,
    [...asRoot, '--remote-debugging-port=0', `--user-data-dir=${join(folder.path, 'profile')}`],
    {
      env: testEnvironment({ BULK_TRANSCRIBE_DATA_DIR: join(folder.path, 'data') }),
      stdio: ['ignore', 'inherit', 'pipe'],
    },
  );
  const ended = once(child, 'exit');
  try {
    const browser = await chromium.connectOverCDP(await debuggerOf(child));
    child.stderr?.resume();
    const context = browser.contexts()[0];
    if (context === undefined) throw new Error('The app has no window.');
    const page = context.pages()[0] ?? (await context.waitForEvent('page'));
    await expect(page.getByRole('heading', { name: 'Transcribe your first recording' })).toBeVisible();
    expect(page.url()).toBe('app://bulk-transcribe/');
    const found = await page.evaluate(() => [
      typeof Reflect.get(window, 'require'),
      typeof Reflect.get(window, 'process'),
      typeof Reflect.get(window, 'bulkTranscribe'),
    ]);
    expect(found).toEqual(['undefined', 'undefined', 'object']);
    await browser.close();
  } finally {
    child.kill();
    await ended;
    await folder.remove();
  }
});

test('the binary is no Node for whoever asks it to be', async () => {
  const folder = await temporaryFolder();
  try {
    const { stdout } = spawnSync(
      app,
      [...asRoot, '-e', 'console.log("node" + "-runs")', `--user-data-dir=${folder.path}`],
      {
        env: testEnvironment({ ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '--trace-warnings' }),
        timeout: 10_000,
        encoding: 'utf8',
      },
    );
    expect(stdout).not.toContain('node-runs');
  } finally {
    await folder.remove();
  }
});
