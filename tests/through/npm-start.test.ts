// `npm start` where Electron's binary cannot be had: one line says why, and the page is served instead.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { ROOT, temporaryFolder, testEnvironment } from './engine-process.ts';

it("serves the page to the browser and says why there is no window when Electron's binary cannot be fetched", async () => {
  const folder = await temporaryFolder();
  const args = ['scripts/start.mjs', '--port', '0', '--no-open', '--data-dir', join(folder.path, 'data')];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: testEnvironment({
      // There is a display, so that the binary is what is missing; nobody listens at the mirror, and nothing was fetched before.
      DISPLAY: ':99',
      ELECTRON_MIRROR: 'http://127.0.0.1:9/',
      electron_config_cache: join(folder.path, 'no-cache'),
      ELECTRON_OVERRIDE_DIST_PATH: join(folder.path, 'no-dist'),
    }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  try {
    let address: string | undefined;
    for await (const line of createInterface({ input: child.stdout })) {
      address = /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/.exec(line)?.[0];
      if (address !== undefined) break;
    }
    expect(said).toMatch(/^No desktop window: Electron's binary could not be fetched \(.+\)\. Serving the page/m);
    const answer = await fetch(new URL('/api/runtime', address));
    expect(answer.status).toBe(200);
  } finally {
    child.kill('SIGTERM');
    const [code] = await ended;
    expect(code).toBe(0);
    await folder.remove();
  }
});
