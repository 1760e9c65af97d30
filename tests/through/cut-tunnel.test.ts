// The tunnel is cut in the middle of a download, several times: the recording arrives whole, and what had arrived is not sent again.

import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { filesIn } from '../faults/invariants.ts';
import { wordErrorRate } from '../small-whisper/wer.mjs';
import { startCuttingProxy } from './cutting-proxy.ts';
import { SMALL, startEngine, temporaryFolder, testEnvironment, whenJob } from './engine-process.ts';
import { startWorker, until } from './worker-process.ts';

/** Bytes that a cut may cost: a block of the worker's that is not on its disk yet, and what frames and heads add. */
const LOST_BYTES = 1_300_000;

const folder = await temporaryFolder();
afterAll(() => folder.remove());

/** The bundled recording with silence behind it: large on the wire, quick to transcribe. */
async function longRecording(path: string, silenceSeconds: number): Promise<void> {
  const demo = await readFile(join(SMALL, 'demo/demo.wav'));
  const whole = Buffer.concat([demo, Buffer.alloc(silenceSeconds * 32_000)]);
  whole.writeUInt32LE(whole.length - 8, 4);
  whole.writeUInt32LE(whole.length - 44, 40);
  await writeFile(path, whole);
}

/** 0 for a file that was taken away meanwhile. */
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

test('a tunnel that drops in mid-download goes on where it was', async () => {
  const recording = join(folder.path, 'cut.wav');
  await longRecording(recording, 420);
  const { size } = await stat(recording);
  const worker = await startWorker(folder.path, testEnvironment());
  // How much lies in the sockets at a cut depends on how busy the machine is: a cut waits until the worker has it all but for a block.
  const onDisk = (): number => Math.max(0, ...filesIn(join(folder.path, 'work')).map(sizeOf));
  const proxy = await startCuttingProxy(worker.port, [2_000_000, 6_000_000, 10_000_000], (bytes, cuts) =>
    until(async () => (onDisk() >= bytes - (cuts + 1) * LOST_BYTES ? true : null)),
  );
  const engine = await startEngine(
    join(folder.path, 'data'),
    testEnvironment({
      REMOTE_WORKER_URL: proxy.url,
      REMOTE_WORKER_TOKEN: worker.token,
      REMOTE_WORKER_MODE: 'required',
    }),
  );
  try {
    const { jobs } = await engine.client.call('addJobs', { paths: [recording], options: { formats: ['srt'] } });
    const id = jobs[0]?.id ?? '';
    const done = await whenJob(engine.client, id, (job) => job.state === 'complete');

    expect(proxy.cuts).toBe(3);
    expect(done.attempt).toBe(1);
    const { text, source } = await engine.client.call('getTranscript', { id });
    expect(source).toMatchObject({
      sizeBytes: size,
      sha256: createHash('sha256')
        .update(await readFile(recording))
        .digest('hex'),
    });
    const script: { lines: { text: string }[] } = JSON.parse(await readFile(join(SMALL, 'demo/demo.json'), 'utf8'));
    expect(wordErrorRate(script.lines.map((line) => line.text).join(' '), text)).toBeLessThanOrEqual(0.1);
    // Starting anew at each of the three would have cost 18 MB more.
    expect(proxy.bytesToWorker).toBeLessThan(size + 4 * LOST_BYTES);
    expect((await worker.log()).filter(({ event }) => event === 'transcribe_started')).toHaveLength(1);
  } finally {
    await engine.stop();
    await proxy.close();
    await worker.stop();
  }
});
