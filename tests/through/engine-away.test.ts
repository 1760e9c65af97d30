// `transcribe` watches the queue of an app that is killed, and started again: real processes, and no worker.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ROOT, startEngine, temporaryFolder, testEnvironment } from './engine-process.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());

/** One second of silence as a WAV file. */
function silence(): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + 32_000, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  for (const [at, value] of [
    [16, 16],
    [24, 16_000],
    [28, 32_000],
    [40, 32_000],
  ] as const)
    header.writeUInt32LE(value, at);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  return Buffer.concat([header, Buffer.alloc(32_000)]);
}

for (const isJson of [false, true])
  test(`says that the app is away, and goes on when it is back${isJson ? ', as JSON' : ''}`, async () => {
    const dataDir = join(folder.path, `data-${isJson}`);
    const recording = join(folder.path, 'silence.wav');
    await writeFile(recording, silence());
    const env = testEnvironment();
    const first = await startEngine(dataDir, env);
    await first.client.call('pauseQueue', {});
    const args = ['transcribe', recording, '--data-dir', dataDir, ...(isJson ? ['--json'] : [])];
    const child = spawn(process.execPath, [resolve(ROOT, 'src/host/cli.ts'), ...args], { env, cwd: ROOT });
    const ended = once(child, 'close');
    let said = '';
    const came = (text: RegExp): Promise<void> =>
      new Promise((done, fail) => {
        const look = (): void => {
          if (text.test(said)) done();
        };
        look();
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        void ended.then(() => fail(new Error(`It ended after it said: ${said}`)));
      });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').prependListener('data', (text: string) => {
        said += text;
      });
    await came(/silence\.wav/);
    await first.kill();
    await came(isJson ? /\{"type":"engine","state":"away"\}/ : /The app does not answer\. What is queued stays queued/);
    const second = await startEngine(dataDir, env);
    await came(isJson ? /\{"type":"engine","state":"back"\}/ : /The app is back\./);
    const { jobs } = await second.client.call('listJobs', {});
    expect(jobs).toHaveLength(1);
    await second.client.call('cancelJob', { id: jobs[0]?.id ?? '' });
    const [code] = await ended;
    expect(code).toBe(1);
    expect(said).toMatch(/Canceled by you/);
    await second.stop();
  });
