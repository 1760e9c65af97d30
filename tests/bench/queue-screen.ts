// `npm run bench:queue`: how evenly the queue is drawn in Chromium while 50 events a second change it and it is scrolled, with 10,000
// recordings in it and with 100, side by side in one run; and how much memory the page holds. Real page, engine in memory.

import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from '@playwright/test';
import { build, preview } from 'vite';
import { findChromium } from '../../scripts/system-parts.mjs';
import type { AppEvent } from '../../src/contract/api.ts';
import type { JobView } from '../../src/contract/job.ts';

const ROOT = join(import.meta.dirname, '../..');
const SIZES = [100, 10_000];
const SECONDS = 10;
const EVENTS_PER_SECOND = 50;

/** What the design build puts on the window. */
interface DesignHandle {
  readonly engine: {
    readonly jobs: ReadonlyMap<string, JobView>;
    change(id: string, patch: Partial<JobView>): void;
    tell(event: AppEvent): void;
  };
}

interface Figures {
  readonly rows: number;
  /** Milliseconds from frame to frame. */
  readonly frames: readonly number[];
  /** Milliseconds of the main thread's tasks over 50 ms. */
  readonly longTasks: readonly number[];
  readonly heapMB: number;
}

async function measure(browser: Browser, address: string, rows: number): Promise<Figures> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  try {
    await page.goto(`${address}?scene=crowd&crowd=${rows}`);
    await page.getByRole('row', { name: /^Tape 00001\.wav/ }).waitFor();
    const { frames, longTasks } = await page.evaluate(drive, { seconds: SECONDS, perSecond: EVENTS_PER_SECOND });
    const session = await page.context().newCDPSession(page);
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return { rows, frames, longTasks, heapMB: usedSize / 1e6 };
  } finally {
    await page.close();
  }
}

/** Runs in the page: tells of changes as an engine does, scrolls without rest, and keeps the time from frame to frame. */
function drive({ seconds, perSecond }: { seconds: number; perSecond: number }): Promise<{
  frames: number[];
  longTasks: number[];
}> {
  const { engine } = (window as unknown as { design: DesignHandle }).design;
  const list = document.querySelector('.list');
  const ids = [...engine.jobs.keys()].filter((id) => id.startsWith('crowd-'));
  const longTasks: number[] = [];
  new PerformanceObserver((entries) => {
    for (const { duration } of entries.getEntries()) longTasks.push(duration);
  }).observe({ entryTypes: ['longtask'] });
  let told = 0;
  const tell = (): void => {
    const id = ids[(told * 37) % ids.length] ?? '';
    const job = engine.jobs.get(id);
    told += 1;
    if (job === undefined) return;
    const progress = {
      ...job.progress,
      percent: told % 100,
      processedSec: told % 3600,
      totalSec: 3600,
      speed: 40,
      etaSec: 60,
    };
    // Two in five change the state, and with it the layout of the list; the rest is progress, as it comes by the second from a worker.
    if (told % 5 === 0) engine.change(id, { state: 'running', stage: 'transcribing', progress });
    else if (told % 5 === 1) engine.change(id, { state: 'complete', hasTranscript: true });
    else engine.tell({ type: 'progress', id, progress });
  };
  return new Promise((resolve) => {
    const frames: number[] = [];
    const timer = setInterval(tell, 1000 / perSecond);
    const begun = performance.now();
    let last = begun;
    let down = true;
    const frame = (now: number): void => {
      frames.push(now - last);
      last = now;
      if (list !== null) {
        if (list.scrollTop + list.clientHeight >= list.scrollHeight - 2) down = false;
        if (list.scrollTop <= 0) down = true;
        list.scrollTop += down ? 60 : -60;
      }
      if (now - begun < seconds * 1000) requestAnimationFrame(frame);
      else {
        clearInterval(timer);
        resolve({ frames: frames.slice(2), longTasks });
      }
    };
    requestAnimationFrame(frame);
  });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function table(figures: readonly Figures[]): string {
  const lines = figures.map(({ rows, frames, longTasks, heapMB }) => [
    String(rows),
    String(frames.length),
    ...[0.5, 0.95, 0.99, 1].map((share) => `${quantile(frames, share).toFixed(1)} ms`),
    String(longTasks.length),
    `${heapMB.toFixed(0)} MB`,
  ]);
  const head = ['rows', 'frames', 'p50', 'p95', 'p99', 'longest', 'tasks > 50 ms', 'heap'];
  return [head, ...lines].map((cells) => cells.map((cell) => cell.padStart(14)).join('')).join('\n');
}

const shared = {
  configFile: join(ROOT, 'vite.config.ts'),
  mode: 'design',
  logLevel: 'error',
  build: { outDir: join(ROOT, 'test-results/bench-design') },
} as const;
await build(shared);
const server = await preview({ ...shared, preview: { host: '127.0.0.1', port: 0 } });
const executablePath = await findChromium();
const browser = await chromium.launch({
  ...(executablePath === undefined ? {} : { executablePath }),
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const figures: Figures[] = [];
  for (const rows of SIZES) figures.push(await measure(browser, server.resolvedUrls?.local[0] ?? '', rows));
  const [few, many] = figures;
  process.stdout.write(
    `${table(figures)}\n\n${EVENTS_PER_SECOND} events a second and scrolling for ${SECONDS} s; Chromium ${browser.version()} without a GPU, ` +
      `${cpus().length} processors (${cpus()[0]?.model ?? ''}), ${Math.round(totalmem() / 1e9)} GB.\n` +
      `p99 of 10,000 rows to that of 100: ${(quantile(many?.frames ?? [], 0.99) / quantile(few?.frames ?? [], 0.99)).toFixed(2)}\n`,
  );
} finally {
  await browser.close();
  await server.close();
}
