// Measures the whole system, from the drop to the written files, against faster-whisper called directly on the same files: same model, same
// numbers of threads, both warm.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { venvPython } from '../../src/workers/venv.ts';
import { removeBundle, startHost } from '../faults/engine-host-process.ts';
import { engineEnvironment, ground, workerOn } from '../faults/queue-of-faults.ts';
import { inventRecording, writeRecording } from '../small-whisper/speech.mjs';
import { ROOT, SMALL } from '../through/engine-process.ts';
import { until } from '../through/worker-process.ts';
import { conditions, inTurn, median, print } from './measure.ts';

const FILES = 4;
const SECONDS = 60;
const ROUNDS = 3;

const place = await ground();
const paths: string[] = [];
for (let number = 0; number < FILES * (ROUNDS + 1); number += 1) {
  const path = join(place.recordings, `spoken-${number}.wav`);
  await writeRecording(await inventRecording({ seed: 100 + number, seconds: SECONDS }), path);
  paths.push(path);
}
const python = venvPython(join(ROOT, 'worker-image/.venv'));
const direct = spawn(python, [join(import.meta.dirname, 'direct.py'), join(SMALL, 'models/demo-en'), '1'], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const lines = createInterface({ input: direct.stdout })[Symbol.asyncIterator]();
await lines.next();
const worker = await workerOn(place);
const host = await startHost(place.dataDir, engineEnvironment(worker.url));
await host.ready;

/** Fresh files each time: the same ones would not be transcribed again. */
let taken = 0;
const next = () => {
  taken += FILES;
  return paths.slice(taken - FILES, taken);
};
async function ours(files: readonly string[]): Promise<number> {
  const began = performance.now();
  const { jobs } = await host.call('addJobs', { paths: [...files], options: { formats: ['srt', 'json'] } });
  const ids = new Set(jobs.map(({ id }) => id));
  await until(async () => {
    const page = await host.call('listJobs', { limit: 50 });
    const own = page.jobs.filter(({ id }) => ids.has(id));
    const failed = own.find(({ state }) => state === 'failed');
    if (failed !== undefined) throw new Error(failed.error?.message ?? 'failed');
    return own.every(({ state }) => state === 'complete') ? true : null;
  }, 300_000);
  return performance.now() - began;
}
async function theirs(files: readonly string[]): Promise<number> {
  direct.stdin.write(`${JSON.stringify(files)}\n`);
  const { value } = await lines.next();
  return (JSON.parse(String(value)) as { ms: number }).ms;
}

const warm = next();
await ours(warm);
await theirs(warm);
/** Of the round: those that both sides get. */
let files: readonly string[] = warm;
const { one, other } = await inTurn(
  ROUNDS,
  () => {
    files = next();
    return ours(files);
  },
  () => theirs(files),
);
print({
  name: 'whole system / faster-whisper called directly, wall seconds',
  value: median(one) / median(other),
  goal: { atMost: 1.05 },
  how: `${FILES} recordings of ${SECONDS} s a round, ${ROUNDS} rounds in turn, the small test model on one thread, with times of words; medians ${(median(one) / 1000).toFixed(1)} and ${(median(other) / 1000).toFixed(1)} s`,
});
await host.kill();
await worker.kill();
direct.kill();
await removeBundle();
await place.remove();
conditions();
