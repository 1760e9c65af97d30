// Owns what runs in the fake's pods: a real worker of this repository on loopback, started with the pod's own variables as RunPod starts a
// container, and RunPod's two of its own: the pod's id and a key that can end this pod and nothing else.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testEnvironment } from '../through/engine-process.ts';
import { startWorker } from '../through/worker-process.ts';
import type { Container, Machine, StartContainer } from './fake-machines.ts';

/** What this computer has instead of a GPU machine's: a processor, and the small model. */
const HERE = { WORKER_MODEL: 'demo-en', WORKER_DEVICE: 'cpu', DIARIZATION_DEVICE: 'auto', WORKER_CPU_THREADS: '1' };

/**
 * @param apiUrl where a pod reaches the API, known once the fake listens
 * @param extra variables that the test wants otherwise, such as a shorter dead-man timer
 * @param program what Python is to run; the product's own by default
 */
export function realWorkers(
  apiUrl: () => string,
  extra: Readonly<Record<string, string>> = {},
  program?: readonly string[],
): StartContainer {
  return async (pod: Machine, say): Promise<Container> => {
    const dir = await mkdtemp(join(tmpdir(), 'bt-pod-'));
    const env = testEnvironment({
      ...pod.body.env,
      RUNPOD_POD_ID: pod.id,
      RUNPOD_API_KEY: pod.ownKey,
      RUNPOD_API_URL: apiUrl(),
      ...HERE,
      ...extra,
    });
    say('{"event":"container_started"}');
    const worker = await startWorker(dir, env, 0, program);
    const ended = new Promise((resolve) => worker.child.once('exit', resolve));
    for (const line of await worker.log()) say(JSON.stringify(line));
    return {
      port: worker.port,
      ended,
      async stop() {
        await worker.kill();
        await rm(dir, { recursive: true, force: true, maxRetries: 5 });
      },
    };
  };
}
