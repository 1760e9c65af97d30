// Measures the process that holds the window (here: the parent of an engine in a process of its own, which hears all its events): how late its
// event loop runs while ten thousand recordings are dropped and one is sent at full rate. And how long the drop takes.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { appEventSchema } from '../../src/contract/api.ts';
import { removeBundle, startHost } from '../faults/engine-host-process.ts';
import { engineEnvironment, ground, scriptedWorkerOn } from '../faults/queue-of-faults.ts';
import { silence } from '../faults/recordings.ts';
import { until } from '../through/worker-process.ts';
import { conditions, print } from './measure.ts';

const COUNT = 10_000;

const place = await ground();
const many = mkdtempSync(join(tmpdir(), 'bt-bench-'));
mkdirSync(many, { recursive: true });
for (let number = 0; number < COUNT; number += 1)
  writeFileSync(join(many, `recording-${number}.wav`), silence(number, 0.01));
const large = join(place.recordings, 'large.wav');
writeFileSync(large, silence(1, 3 * 3600));
const worker = await scriptedWorkerOn(place);
const host = await startHost(place.dataDir, { ...engineEnvironment(worker.url), HOST_EVENTS: '1' });
await host.ready;
let heard = 0;
host.child.on('message', (message: { event?: unknown }) => {
  if (message.event === undefined) return;
  appEventSchema.parse(message.event);
  heard += 1;
});
const idle = monitorEventLoopDelay({ resolution: 1 });
idle.enable();
await new Promise((resolve) => setTimeout(resolve, 3_000));
idle.disable();

const { jobs } = await host.call('addJobs', { paths: [large] });
const id = jobs[0]?.id ?? '';
await until(async () => ((await host.call('getJob', { id })).state === 'running' ? true : null), 60_000);
const busy = monitorEventLoopDelay({ resolution: 1 });
busy.enable();
const began = performance.now();
const added = await host.call('addJobs', { paths: [many], options: { outDir: join(place.root, 'out') } });
const took = performance.now() - began;
await new Promise((resolve) => setTimeout(resolve, 3_000));
busy.disable();
const how = `${added.jobs.length.toLocaleString('en')} files, ${heard.toLocaleString('en')} events parsed, a recording of 346 MB on its way; idle p99 ${(idle.percentile(99) / 1e6).toFixed(1)} ms, busy most ${(busy.max / 1e6).toFixed(0)} ms`;
print({
  name: 'event-loop delay of the window’s process, p99',
  value: busy.percentile(99) / 1e6,
  goal: { atMost: 20 },
  unit: ' ms',
  how,
});
print({
  name: '10,000 recordings queued, seconds',
  value: took / 1000,
  goal: { atMost: 2 },
  unit: ' s',
  how: 'one folder in one call, found, stored and answered with 10,000 views over a message channel',
});
await host.kill();
await worker.kill();
await removeBundle();
await place.remove();
rmSync(many, { recursive: true, force: true });
conditions();
