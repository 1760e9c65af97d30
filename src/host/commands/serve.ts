// Owns the command `serve`: the engine behind the local API, and the page in the browser.

import { spawn } from 'node:child_process';
import { win32 } from 'node:path';
import { PAGE_CODES_PATH, pageCodeSchema } from '../../contract/page-code.ts';
import { loadApiToken } from '../api-token.ts';
import { places } from '../data-dir.ts';
import { findOrStart } from '../engine-client.ts';
import { serveEngine } from '../serving.ts';
import { SYSTEM_CLOCK } from '../system.ts';
import type { GlobalOptions } from './engine-access.ts';

export interface ServeOptions extends GlobalOptions {
  readonly port: number;
  readonly open: boolean;
}

/** Serves until SIGINT or SIGTERM. An engine that already runs on the data directory is shown instead of started again. */
export async function serve(options: ServeOptions): Promise<number> {
  const token = loadApiToken(options.dataDir);
  const found = await findOrStart(options.dataDir, SYSTEM_CLOCK, () =>
    serveEngine(places(options.dataDir, process.env), process.env, 'serve', options.port),
  );
  if (found.running !== null) {
    found.running.close();
    announce(found.running.url, token, options, true);
    if (options.open) openBrowser(await addressAt(found.running.url, token));
    return 0;
  }
  const served = found.started;
  try {
    announce(served.url, token, options, false);
    if (options.open) openBrowser(served.pageAddress());
    await stopAsked();
    if (!options.json) process.stdout.write('Stopping. The queue is kept.\n');
  } finally {
    await served.close();
  }
  return 0;
}

/** The token is in the part of the address that no browser sends anywhere; the page keeps it for its tab and takes it out of sight. */
function announce(url: string, token: string, { json }: ServeOptions, already: boolean): void {
  const address = `${url}/#token=${token}`;
  const what = already ? 'Bulk Transcribe already runs' : 'Bulk Transcribe runs';
  process.stdout.write(json ? `${JSON.stringify({ address, already })}\n` : `${what} at ${address}\n`);
}

/** The address to open at an engine that runs already. An older one makes no codes: its page then asks for the address that was printed. */
async function addressAt(url: string, token: string): Promise<string> {
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}${PAGE_CODES_PATH}`, { method: 'POST', headers, redirect: 'error' }).catch(
    () => null,
  );
  const made = pageCodeSchema.safeParse(answer?.ok ? await answer.json().catch(() => null) : null);
  return made.success ? `${url}/#code=${made.data.code}` : `${url}/`;
}

/** @param address without the token: it becomes an argument, which everybody on this computer may read. */
function openBrowser(address: string): void {
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [address]]
      : process.platform === 'win32'
        ? // By its whole path: Windows would look for it in the folder that the command was started in.
          [win32.join(process.env['SystemRoot'] ?? 'C:\\Windows', 'explorer.exe'), [address]]
        : ['xdg-open', [address]];
  // Without a desktop there is nothing to open it with; the address was printed.
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process by its own way. */
function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
