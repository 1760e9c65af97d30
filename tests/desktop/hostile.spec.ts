// What a page that was taken over, a worker's words, or a dying engine can do to the desktop app: nothing that matters.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
// Declares what the preload puts on the window.
import type {} from '../../src/ui/client/electron-client.ts';
import { inventRecording, writeRecording } from '../small-whisper/speech.mjs';
import { temporaryFolder, testEnvironment } from '../through/engine-process.ts';
import { type DesktopApp, startDesktop } from './desktop-app.ts';
import { PAGE_AT } from './stand-in/window.ts';

/** How often the engine is killed; `npm run test:desktop` does it fifty times. */
const KILLS = Number(process.env['KILLS'] ?? 8);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let app: DesktopApp;

const start = (env: Record<string, string> = {}): Promise<DesktopApp> =>
  startDesktop({
    userData: join(folder.path, 'profile'),
    env: testEnvironment({
      BULK_TRANSCRIBE_DATA_DIR: join(folder.path, 'data'),
      REMOTE_WORKER_MODE: 'optional',
      ...env,
    }),
  });

test.beforeEach(async () => {
  folder = await temporaryFolder();
});
test.afterEach(async () => {
  await app.quit();
  await folder.remove();
});

const SCHEMES = [
  'file',
  'javascript',
  'smb',
  'data',
  'ftp',
  'http',
  'https',
  'blob',
  'ms-msdt',
  'bulk-transcribe',
  'app',
  'view-source',
];
const PLACES = [
  '//evil.example/',
  '///etc/passwd',
  '//server/share/x',
  'alert(1)',
  '//github.com.evil.example/x',
  '//user@evil.example/',
  '//bulk-transcribe/../../etc/passwd',
  'text/html,<script>opener.x=1</script>',
];
const URLS = [
  ...SCHEMES.flatMap((scheme) => PLACES.map((place) => `${scheme}:${place}`)),
  '\\\\server\\share\\x',
  '//evil.example/x',
];

test('a page that wants elsewhere stays, opens nothing, and reaches nobody', async () => {
  app = await start();
  const page = await app.page();
  await expect(page.getByRole('heading', { name: 'Transcribe your first recording' })).toBeVisible();
  const tried = await page.evaluate(async (urls) => {
    let reached = 0;
    let opened = 0;
    for (const url of urls) {
      try {
        if (window.open(url) !== null) opened += 1;
      } catch {
        // Chromium itself finds that it is no address.
      }
      const link = document.createElement('a');
      link.href = url;
      link.target = '_blank';
      document.body.append(link);
      link.click();
      link.remove();
      const frame = document.createElement('iframe');
      frame.src = url;
      document.body.append(frame);
      frame.remove();
      // What comes from the page's own origin is the page; nothing else may answer.
      const answer = await fetch(url).catch(() => null);
      if (answer?.ok === true && !answer.url.startsWith(location.origin)) reached += 1;
    }
    return { reached, opened };
  }, URLS);
  expect(tried.reached).toBe(0);
  // Chromium itself refuses to go to a data: address, and draws its own page about it before the stand-in could hold it back.
  for (const url of URLS.filter((each) => !each.startsWith('data:'))) {
    await page
      .evaluate((address) => {
        location.href = address;
      }, url)
      .catch(() => undefined);
    expect([url, page.url()]).toEqual([url, `${PAGE_AT}/`]);
  }
  await expect(page.getByRole('heading', { name: 'Transcribe your first recording' })).toBeVisible();
  expect((await app.seen()).external).toEqual([]);
  expect((await app.seen()).windows).toBe(1);
});

test('text does not become script, and the page has nothing of Node or Electron', async () => {
  app = await start();
  const page = await app.page();
  await expect(page.getByRole('heading', { name: 'Transcribe your first recording' })).toBeVisible();
  const outcome = await page.evaluate(() => {
    const refused = (run: () => void): boolean => {
      try {
        run();
        return false;
      } catch {
        return true;
      }
    };
    const script = document.createElement('script');
    return {
      markup: refused(() => {
        document.createElement('div').innerHTML = '<b>x</b>';
      }),
      source: refused(() => {
        script.src = '/x.js';
      }),
      code: refused(() => {
        script.text = 'window.owned = true';
      }),
      policy: ['x', 'default'].every((name) =>
        refused(() => void Reflect.get(window, 'trustedTypes').createPolicy(name, {})),
      ),
      worker: ['https://evil.example/x.js', '/evil.js', 'data:text/javascript,1', 'blob:x'].every((url) =>
        refused(() => void new Worker(url)),
      ),
      bridge:
        !Reflect.set(Reflect.get(window, 'bulkTranscribe') ?? {}, 'call', () => undefined) &&
        !Reflect.set(window, 'bulkTranscribe', {}),
      found: ['require', 'process', 'module', 'ipcRenderer', 'electron', 'standInReceive'].filter(
        (name) => Reflect.get(window, name) !== undefined,
      ),
    };
  });
  expect(outcome).toEqual({
    markup: true,
    source: true,
    code: true,
    policy: true,
    worker: true,
    bridge: true,
    found: [],
  });
});

test('channels answer no frame but the own page, whatever it says it is', async () => {
  app = await start();
  await app.page();
  const origins = ['https://evil.example', 'app://evil', 'null', 'file://', 'https://app.bulk-transcribe.test', null];
  const channels = ['engine:connect', 'dialog:open-files', 'dialog:open-folder', 'file:reveal', 'secrets:kept'];
  let refused = 0;
  for (const origin of origins) {
    for (const channel of channels) {
      const answer = await app.order({ what: 'invoke', channel, origin, args: ['/etc/passwd'] });
      expect(answer).toHaveProperty('refused');
      refused += 1;
    }
  }
  expect(refused).toBe(30);
  expect((await app.seen()).revealed).toEqual([]);
});

/** Every file below a folder, with its bytes as Latin letters. */
async function contents(path: string): Promise<{ name: string; text: string }[]> {
  const names = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.map(async (name) => ({ name, text: (await readFile(name).catch(() => Buffer.alloc(0))).toString('latin1') })),
  );
}

test('twenty secrets are found nowhere but encrypted, also after a crash', async () => {
  app = await start();
  let page = await app.page();
  const secrets = Array.from({ length: 20 }, (_, index) => `canary-${index}-${'x'.repeat(8)}${index * 7919}`);
  await page.evaluate(async (tokens) => {
    const bridge = window.bulkTranscribe;
    if (bridge === undefined) throw new Error('The page has no bridge.');
    for (const [index, token] of tokens.entries()) {
      await bridge.call('addWorker', { name: `Pod ${index}`, url: `http://127.0.0.1:${9 + index}`, token });
      await bridge.call('testWorker', { url: `http://127.0.0.1:${9 + index}`, token });
    }
  }, secrets);
  await app.order({ what: 'kill-engine' });
  await expect(page.getByText('The engine stopped unexpectedly')).toBeVisible({ timeout: 120_000 });
  await page.getByRole('navigation').getByRole('button', { name: 'Workers' }).click();
  await expect(page.getByRole('article', { name: 'Pod 19' })).toBeVisible();
  await app.order({ what: 'crash-page' });
  await expect(async () => {
    page = await app.page();
    await expect(page.getByText('The window stopped unexpectedly')).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 120_000 });

  const written = [...(await contents(join(folder.path, 'data'))), ...(await contents(join(folder.path, 'profile')))];
  expect(written.map(({ name }) => name).some((name) => name.endsWith('secrets.json'))).toBe(true);
  expect(written.map(({ name }) => name).some((name) => name.endsWith('engine.log'))).toBe(true);
  const argv = await Promise.all(
    (await readdir('/proc').catch(() => []))
      .filter((name) => /^\d+$/.test(name))
      .map(async (pid) => ({
        name: `argv of ${pid}`,
        text: await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => ''),
      })),
  );
  const shown = await page.evaluate(
    () => document.documentElement.outerHTML + JSON.stringify({ ...localStorage, ...sessionStorage }),
  );
  // What the page is told of workers and settings by the engine is all that it could keep.
  const told = await page.evaluate(async () => {
    const bridge = window.bulkTranscribe;
    if (bridge === undefined) throw new Error('The page has no bridge.');
    return JSON.stringify([await bridge.call('listWorkers', {}), await bridge.call('getSettings', {})]);
  });
  const places = [
    ...written,
    ...argv,
    { name: 'the page', text: shown },
    { name: 'what the page is told', text: told },
  ];
  const found = secrets.flatMap((secret) => places.filter(({ text }) => text.includes(secret)).map(({ name }) => name));
  expect(found).toEqual([]);
});

test(`an engine that is killed ${KILLS} times leaves the window usable and the queue whole`, async () => {
  test.setTimeout(300_000 + KILLS * 20_000);
  const recordings = [];
  for (let index = 0; index < 6; index += 1) {
    const path = join(folder.path, `recording ${index}.wav`);
    await writeRecording(await inventRecording({ seed: 90 + index, seconds: 20 }), path);
    recordings.push(path);
  }
  app = await start({ STAND_IN_HASTE: '40' });
  const page = await app.page();
  await page.evaluate(
    (paths) => window.bulkTranscribe?.call('addJobs', { paths, batchName: 'Under load' }),
    recordings,
  );
  for (let kill = 0; kill < KILLS; kill += 1) {
    const [before] = (await app.seen()).engines;
    await app.order({ what: 'kill-engine' });
    await expect
      .poll(async () => (await app.seen()).engines.some((pid) => pid !== before), { timeout: 120_000 })
      .toBe(true);
    // Usable: it goes from screen to screen, and the queue is there.
    await page.getByRole('navigation').getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('navigation').getByRole('button', { name: 'Queue' }).click();
    await expect(page.getByRole('row', { name: /^recording \d\.wav,/ })).toHaveCount(recordings.length);
  }
  for (const path of recordings) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    await expect(page.getByRole('row', { name: new RegExp(`^${name.replace('.', '\\.')},`) })).toHaveAttribute(
      'data-state',
      'complete',
      { timeout: 120_000 },
    );
    expect((await readFile(path.replace(/wav$/, 'srt'), 'utf8')).length).toBeGreaterThan(20);
  }
  const srts = (await readdir(folder.path)).filter((name) => name.endsWith('.srt'));
  expect(srts).toHaveLength(recordings.length);
});
