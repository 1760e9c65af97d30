// `npm run screenshots`: the pictures in docs/images, taken of the real page, engine and worker at work on recordings spoken for it.
// @ts-check
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildUiWhenStale } from './build.mjs';
import { movedToNode24, root } from './node24.mjs';
import { ensureParts, findChromium } from './system-parts.mjs';
import { ensureVenv } from './worker-venv.mjs';

const help = `Takes the pictures in docs/images anew.

  npm run screenshots
`;

/** Seconds of speech by file name, in the order of the queue. */
const recordings = [
  ['Budget review, day 1.mp4', 24],
  ['Interview with Anna.m4a', 150],
  ['Workshop, morning.wav', 90],
  ['Customer call 14.mp3', 60],
];

async function takeScreenshots() {
  const { chromium } = await import('@playwright/test');
  const { inventRecording, writeRecording } = await import('../tests/small-whisper/speech.mjs');
  const { startEngine, temporaryFolder, testEnvironment, whenJob } = await import('../tests/through/engine-process.ts');
  await ensureParts();
  await ensureVenv();
  await buildUiWhenStale();
  const folder = await temporaryFolder();
  const paths = [];
  for (const [index, [name, seconds]] of recordings.entries()) {
    const path = join(folder.path, String(name));
    await writeRecording(await inventRecording({ seed: 41 + index, seconds: Number(seconds) }), path);
    paths.push(path);
  }
  const engine = await startEngine(join(folder.path, 'data'), testEnvironment());
  const executablePath = await findChromium();
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 520 }, deviceScaleFactor: 2 });
    await page.goto(`${engine.url}/#token=${engine.token}`);
    const { jobs } = await engine.client.call('addJobs', { paths, batchName: 'Project interviews' });
    await whenJob(
      engine.client,
      jobs[1]?.id ?? '',
      (job) => (job.progress.percent ?? 0) > 30 && job.progress.speed !== null,
    );
    await page
      .getByText(/^\d+:\d\d/)
      .first()
      .waitFor();
    const shots = join(root, 'docs/images');
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, 'queue.png'), animations: 'disabled' });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: join(shots, 'queue-dark.png'), animations: 'disabled' });
  } finally {
    await browser.close();
    await engine.stop();
    await folder.remove();
  }
}

if (process.argv.includes('--help')) process.stdout.write(help);
else if (!movedToNode24()) await takeScreenshots();
