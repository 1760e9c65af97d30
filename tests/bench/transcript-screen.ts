// `npm run bench:transcript`: how long a ten-hour transcript of 100,000 words takes to open in Chromium, how long a key takes to be seen while a
// line is written in it, and how much memory the page holds; beside it the same of a transcript of a hundredth of that. Real engine, real page.

import { mkdir } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from '@playwright/test';
import { findChromium } from '../../scripts/system-parts.mjs';
import { startEngine, temporaryFolder, testEnvironment } from '../through/engine-process.ts';
import { deliver, longTranscript } from './long-transcript.ts';

const SIZES = [1_000, 100_000];
const OPENINGS = 7;
const KEYS = 200;
/** Milliseconds below which the browser tells of no press. */
const LEAST = 16;

interface Figures {
  readonly words: number;
  readonly opened: readonly number[];
  readonly keys: readonly number[];
  readonly saved: readonly number[];
  readonly heapMB: number;
}

async function measure(browser: Browser, words: number): Promise<Figures> {
  const folder = await temporaryFolder();
  const data = join(folder.path, 'data');
  await mkdir(data, { recursive: true });
  deliver(data, longTranscript(words));
  const engine = await startEngine(data, testEnvironment({ REMOTE_WORKER_MODE: 'required' }));
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  try {
    await page.goto(`${engine.url}/#token=${engine.token}`);
    const row = page.getByRole('row', { name: /^Ten hours\.wav,/ });
    await row.focus();
    const opened: number[] = [];
    for (let time = 0; time < OPENINGS; time += 1) {
      await row.focus();
      opened.push(await page.evaluate(openAndWait));
      if (time < OPENINGS - 1) {
        await page.getByRole('banner').getByRole('button', { name: 'Queue' }).click();
        await row.waitFor();
      }
    }
    // In the midst of the text, with the subtitles laid out beside it.
    await page.getByText(/over a limit|within limits/).waitFor();
    await page.getByRole('group', { name: 'Lines' }).evaluate((list) => list.scrollTo(0, list.scrollHeight / 2));
    await page.waitForTimeout(500);
    await page.locator('[data-key]').nth(14).locator('p').dblclick();
    await page.getByRole('textbox', { name: /^Text of the line/ }).waitFor();
    const keys = await typed(page);
    const saved: number[] = [];
    for (let time = 0; time < 5; time += 1) {
      saved.push(await page.evaluate(keepAndWait));
      await page.keyboard.press('Enter');
      await page.getByRole('textbox', { name: /^Text of the line/ }).waitFor();
      await page.keyboard.type('x');
    }
    const session = await page.context().newCDPSession(page);
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return { words, opened, keys, saved, heapMB: usedSize / 1e6 };
  } finally {
    await page.close();
    await engine.stop();
    await folder.remove();
  }
}

/**
 * Real presses through the browser's input, one a frame. The browser itself measures each, from the press to the frame that shows it, in
 * steps of 8 ms, and tells only of those that took 16 and more: the others count as 16. (A timer set in the page's own frame measures
 * something else: it waits until no more input is there.)
 */
async function typed(page: Page): Promise<number[]> {
  await page.evaluate(watchKeys);
  for (let key = 0; key < KEYS; key += 1) {
    await page.keyboard.press(
      'abcdefghij klmnopqrst '.charAt(key % 22) === ' ' ? 'Space' : 'abcdefghijklmnopqrst'.charAt(key % 20),
    );
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
  await page.waitForTimeout(500);
  const told = await page.evaluate(() => (window as unknown as { keyTimes: number[] }).keyTimes);
  return [...told, ...new Array<number>(Math.max(0, KEYS - told.length)).fill(LEAST)];
}

/** Runs in the page: Enter on the row, until lines are painted. */
function openAndWait(): Promise<number> {
  return new Promise((resolve) => {
    const from = performance.now();
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', bubbles: true }));
    const look = (): void => {
      if (document.querySelector('[data-key] [data-w]') === null) requestAnimationFrame(look);
      // The frame after this one is on the screen.
      else requestAnimationFrame(() => resolve(performance.now() - from));
    };
    requestAnimationFrame(look);
  });
}

/** Runs in the page. */
function watchKeys(): void {
  const keyTimes: number[] = [];
  Object.assign(window, { keyTimes });
  const told = new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) if (name === 'keydown') keyTimes.push(duration);
  });
  // Newer than the types that come with the compiler.
  told.observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
}

/** Runs in the page: Enter in the field, until the line is read again: the edit is laid over all of the transcript. */
function keepAndWait(): Promise<number> {
  return new Promise((resolve) => {
    const from = performance.now();
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', bubbles: true }));
    const look = (): void => {
      if (document.querySelector('textarea') !== null) requestAnimationFrame(look);
      else requestAnimationFrame(() => resolve(performance.now() - from));
    };
    requestAnimationFrame(look);
  });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

const executablePath = await findChromium();
const browser = await chromium.launch({
  ...(executablePath === undefined ? {} : { executablePath }),
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const all: Figures[] = [];
try {
  for (const words of SIZES) all.push(await measure(browser, words));
} finally {
  await browser.close();
}
const line = (name: string, of: (figures: Figures) => string): string =>
  `${name.padEnd(44)}${all.map((figures) => of(figures).padStart(16)).join('')}`;
const out = [
  `Chromium ${browser.version()}, ${cpus().length} x ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB; engine and page on this computer`,
  line('words', ({ words }) => words.toLocaleString('en')),
  line(`open, first of ${OPENINGS} (ms)`, ({ opened }) => (opened[0] ?? Number.NaN).toFixed(0)),
  line('open, median (ms; goal < 1,000)', ({ opened }) => quantile(opened, 0.5).toFixed(0)),
  line(`key to paint, median of ${KEYS} (ms)`, ({ keys }) => quantile(keys, 0.5).toFixed(1)),
  line('key to paint, p95 (ms; goal < 50)', ({ keys }) => quantile(keys, 0.95).toFixed(1)),
  line('line kept and drawn, median of 5 (ms)', ({ saved }) => quantile(saved, 0.5).toFixed(0)),
  line('JavaScript heap of the page (MB)', ({ heapMB }) => heapMB.toFixed(0)),
];
process.stdout.write(`${out.join('\n')}\n`);
