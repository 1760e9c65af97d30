// Owns the Chromium that the stand-in's windows are pages of. A test joins the same browser to do what a person does.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, type BrowserContext, chromium } from '@playwright/test';
import { findChromium } from '../../../scripts/system-parts.mjs';

export interface Chromium {
  readonly browser: Browser;
  readonly context: BrowserContext;
  /** Where others may join, `ws://127.0.0.1:…`. */
  readonly address: string;
  close(): Promise<void>;
}

/** @param profile folder for its profile, made when missing */
export async function startChromium(profile: string): Promise<Chromium> {
  const executable = (await findChromium()) ?? chromium.executablePath();
  const child = spawn(
    executable,
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--autoplay-policy=no-user-gesture-required',
      '--window-size=1280,800',
      '--remote-debugging-port=0',
      `--user-data-dir=${join(profile, 'chromium')}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // The browser ends with this process, however that ends.
  process.once('exit', () => child.kill('SIGKILL'));
  const address = await addressIn(child.stderr);
  child.stderr.resume();
  const browser = await chromium.connectOverCDP(address);
  const [context] = browser.contexts();
  if (context === undefined) throw new Error('Chromium has no context.');
  return {
    browser,
    context,
    address,
    async close() {
      await browser.close().catch(() => undefined);
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function addressIn(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error('Chromium did not say where it listens.');
}
