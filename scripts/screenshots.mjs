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

/** A picture is worth waiting for, also on a computer that does other things meanwhile. */
const PATIENCE_MS = 10 * 60_000;

/** The word of six letters or more that is said most often: there is something to find then. */
function oftenSaid(/** @type {string} */ text) {
  /** @type {Map<string, number>} */
  const times = new Map();
  for (const word of text.toLowerCase().match(/[a-z]{6,}/g) ?? []) times.set(word, (times.get(word) ?? 0) + 1);
  return [...times].sort(([, one], [, other]) => other - one)[0]?.[0] ?? 'the';
}

async function takeScreenshots() {
  const { chromium } = await import('@playwright/test');
  const { inventRecording, writeRecording } = await import('../tests/small-whisper/speech.mjs');
  const { startEngine, temporaryFolder, testEnvironment, whenJob } = await import('../tests/through/engine-process.ts');
  const { until } = await import('../tests/through/worker-process.ts');
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
      PATIENCE_MS,
    );
    await page
      .getByText(/^\d+:\d\d/)
      .first()
      .waitFor();
    const shots = join(root, 'docs/images');
    mkdirSync(shots, { recursive: true });
    /** Takes one screen in both themes. */
    const take = async (/** @type {string} */ name) => {
      await page.emulateMedia({ colorScheme: 'light' });
      await page.screenshot({ path: join(shots, `${name}.png`), animations: 'disabled' });
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.screenshot({ path: join(shots, `${name}-dark.png`), animations: 'disabled' });
      await page.emulateMedia({ colorScheme: 'light' });
    };
    await take('queue');
    for (const { id } of jobs) await whenJob(engine.client, id, (job) => job.state === 'complete', PATIENCE_MS);
    await page.setViewportSize({ width: 1280, height: 720 });
    const { text } = await engine.client.call('getTranscript', { id: jobs[1]?.id ?? '' });
    await page.keyboard.press('Control+k');
    await page.keyboard.type(oftenSaid(text));
    await page.getByRole('option').first().waitFor();
    await take('search');
    await page.getByRole('option').first().click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.keyboard.press('Space');
    // The page hands the engine the waveform when it shows it; the word may have been found in any of them.
    const drawn = async () => {
      const all = await Promise.all(jobs.map(({ id }) => engine.client.call('getPeaks', { id })));
      return all.find(({ peaks }) => peaks !== null) ?? null;
    };
    await until(drawn, PATIENCE_MS);
    await take('transcript');
    // The worker's last answer may be from when it still had one.
    const atRest = async () => {
      const { workers } = await engine.client.call('listWorkers', {});
      return workers.every(({ capabilities }) => (capabilities?.activeJobs ?? 0) === 0) ? true : null;
    };
    await until(atRest, PATIENCE_MS);
    for (const screen of ['Workers', 'Settings']) {
      await page.getByRole('navigation').getByRole('button', { name: screen }).click();
      await take(screen.toLowerCase());
    }
  } finally {
    await browser.close();
    await engine.stop();
    await folder.remove();
  }
}

if (process.argv.includes('--help')) process.stdout.write(help);
else if (!movedToNode24()) await takeScreenshots();
