// `serve` opens a browser: what the browser is given as an argument, which everybody on this computer may read, holds no token.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { ROOT, temporaryFolder, testEnvironment } from './engine-process.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());

const at = (...parts: string[]): string => join(folder.path, ...parts);
/** Each run of the browser that stands in for one writes down what it was given. */
const BROWSER = `#!/bin/sh\necho "$1" >> '${at('opened')}'\n`;

test.skipIf(process.platform !== 'linux')(
  'the browser gets a code, and for it the token',
  async () => {
    await mkdir(at('bin'));
    await writeFile(at('bin', 'xdg-open'), BROWSER);
    await chmod(at('bin', 'xdg-open'), 0o755);
    const env = testEnvironment();
    const serve = () =>
      spawn(process.execPath, [join(ROOT, 'src/host/cli.ts'), 'serve', '--port', '0', '--data-dir', at('data')], {
        env: { ...env, PATH: `${at('bin')}:${env['PATH']}` },
        stdio: 'ignore',
      });
    const opened = async (): Promise<URL[]> =>
      (await readFile(at('opened'), 'utf8').catch(() => ''))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => new URL(line));

    const engine = serve();
    try {
      await vi.waitFor(async () => expect(await opened()).toHaveLength(1), { timeout: 60_000, interval: 100 });
      // A second command finds the engine that runs, and asks it for a code.
      const second = serve();
      expect(await once(second, 'exit')).toEqual([0, null]);
      await vi.waitFor(async () => expect(await opened()).toHaveLength(2), { timeout: 60_000, interval: 100 });
      const token = (await readFile(at('data', 'api-token'), 'utf8')).trim();
      for (const address of await opened()) {
        expect(address.href).not.toContain(token);
        const answer = await fetch(new URL('/api/page-token', address), {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ code: address.hash.slice('#code='.length) }),
        });
        expect(await answer.json()).toEqual({ token });
      }
    } finally {
      engine.kill('SIGTERM');
      await once(engine, 'exit');
    }
  },
  120_000,
);
