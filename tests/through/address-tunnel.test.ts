// A real worker is told to reach this computer at its public address instead of through its tunnel, over a line that is cut: the recording
// arrives whole, what had arrived is not sent again, and the transcript is delivered by the same way.

import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startFaultProxy } from '../faults/fault-proxy.ts';
import { silence } from '../faults/recordings.ts';
import { startEngine, temporaryFolder, testEnvironment, whenJob } from './engine-process.ts';
import { startWorker } from './worker-process.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('a recording reaches the worker at the public address, over cuts', async () => {
  const recording = join(folder.path, 'long.wav');
  const bytes = silence(3, 300);
  await writeFile(recording, bytes);
  const worker = await startWorker(folder.path, testEnvironment({ WORKER_CONTROLLER_HOSTS: '127.0.0.1' }));
  const port = await freePort();
  const cuts = [1_500_000, 2_500_000, 3_000_000];
  /** Where each request for the recording began. */
  const offsets: number[] = [];
  const proxy = await startFaultProxy(port, (_, first) => {
    const at = cuts.shift();
    if (first.toString('latin1').startsWith('GET '))
      offsets.push(Number(/^range: bytes=(\d+)-\r$/im.exec(first.toString('latin1'))?.[1] ?? 0));
    return at === undefined ? { kind: 'pass' } : { kind: 'cut', direction: 'down', at };
  });
  const engine = await startEngine(
    join(folder.path, 'data'),
    testEnvironment({
      REMOTE_WORKER_URL: worker.url,
      REMOTE_WORKER_TOKEN: worker.token,
      REMOTE_WORKER_MODE: 'required',
      CONTROLLER_TUNNEL: 'address',
      CONTROLLER_BASE_URL: proxy.url,
      CONTROLLER_LISTEN_PORT: String(port),
    }),
  );
  try {
    const { jobs } = await engine.client.call('addJobs', { paths: [recording], options: { formats: ['json'] } });
    const done = await whenJob(engine.client, jobs[0]?.id ?? '', (job) => job.state === 'complete');
    expect(done.attempt).toBe(1);
    expect(proxy.struck['cut']).toBe(3);
    // All that was let through arrived, and none of it was asked for again; the rest of each answer is its head.
    for (const [index, arrived] of [0, 1_500_000, 4_000_000, 7_000_000].entries())
      expect(arrived - (offsets[index] ?? 0)).toSatisfy((head: number) => head >= 0 && head < (index + 1) * 2_000);
    expect(offsets).toHaveLength(4);
    const { workers } = await engine.client.call('listWorkers', {});
    const { tunnel } = workers.find(({ kind }) => kind === 'environment') ?? {};
    expect(tunnel).toMatchObject({ kind: 'address', state: 'open', address: proxy.url });
    expect(tunnel?.bytesSent).toBeGreaterThanOrEqual(bytes.length);
    expect((await worker.log()).filter(({ event }) => event === 'transcribe_started')).toHaveLength(1);
  } finally {
    await engine.stop();
    await proxy.close();
    await worker.stop();
  }
});
