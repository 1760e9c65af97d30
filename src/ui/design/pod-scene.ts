// Owns the scene with rented machines: one at work, one that starts, one that nobody knows, one that failed, and a month of spending.

import { LOCAL_WORKER_ID } from '../../contract/worker-view.ts';
import type { MemoryEngine } from '../client/memory-client.ts';
import { NOW } from './scenes.ts';

const minute = 60_000;
const DIGEST = `sha256:9c1f${'0'.repeat(56)}a77e`;

/** Puts it over another scene. */
export function podScene(engine: MemoryEngine): void {
  const { rented: pods } = engine;
  // A computer's own model, beside which the sheet offers a GPU's.
  const { settings } = engine.view;
  engine.view = { ...engine.view, settings: { ...settings, jobDefaults: { ...settings.jobDefaults, model: 'small' } } };
  for (const job of engine.jobs.values()) {
    if (job.workerId !== null && job.workerId !== LOCAL_WORKER_ID) engine.jobs.set(job.id, { ...job, costUsd: 0.03 });
  }
  const [inquiry, leith] = ['inquiry', 'leith'].map((id) => engine.batches.get(id));
  if (inquiry !== undefined) engine.batches.set('inquiry', { ...inquiry, costUsd: 1.92 });
  if (leith !== undefined) engine.batches.set('leith', { ...leith, costUsd: 0.84 });
  const second = engine.jobs.get('second');
  const waiting = { reason: 'cap_batch' as const, since: NOW - 10 * minute, until: null, message: '' };
  if (second !== undefined) engine.jobs.set('second', { ...second, state: 'waiting', waiting });
  pods.sum({
    account: { state: 'ok', apiKeySaved: true, hfTokenSaved: true, error: null, checkedAt: NOW, retryAt: null },
    ...{ live: 2, costPerHour: 0.83, spentToday: 3.12, capPerDayUsd: 10, found: 1 },
  });
  pods.pod('rented', {
    ...{ providerId: '7h9k2m4n6p', state: 'ready', since: NOW - 70 * minute, dataCenterId: 'US-KS-2' },
    ...{ gpuCount: 1, cudaVersion: '12.8', image: `ghcr.example/worker@${DIGEST}`, imageDigest: DIGEST },
    ...{ imageAtProvider: `ghcr.example/worker@${DIGEST}`, imageDiffers: false, costPerHour: 0.44, spent: 0.53 },
    ...{ createdAt: NOW - 72 * minute, readyAt: NOW - 70 * minute, jobsHeld: 2, jobsDone: 19, audioSec: 51_000 },
    ...{ detail: '', workerId: 'pod', actions: ['drain', 'stop', 'restart', 'terminate'] },
  });
  pods.pod('second', {
    ...{ providerId: '3x1c8v5b0n', state: 'starting', since: NOW - 2 * minute, gpuName: 'L40S', memoryGB: 48 },
    ...{ gpuId: 'NVIDIA L40S', costPerHour: 0.39, spent: 0.01, createdAt: NOW - 2 * minute },
    ...{ bootDeadline: NOW + 18 * minute, detail: 'The image is being fetched.', actions: ['terminate'] },
  });
  pods.pod('unknown', {
    ...{ providerId: 'q0w9e8r7t6', state: 'found', since: NOW - 4 * minute, foreign: true, image: null },
    ...{ imageDigest: null, gpuName: 'A40', costPerHour: 0.39, spent: 0.03, createdAt: NOW - 5 * 60 * minute },
    ...{ detail: 'It costs money. Take it over, or end it.', actions: ['adopt', 'terminate'] },
  });
  pods.pod('gone', {
    ...{ state: 'failed', since: NOW - 40 * minute, gpuName: 'A100 PCIe', createdAt: NOW - 62 * minute },
    ...{ endedAt: NOW - 40 * minute, spent: 0.44, endReason: 'boot_timeout', detail: '', actions: [] },
    trouble: { code: 'POD_BOOT_TIMEOUT', message: '' },
  });
  const said = [
    ['system', 'create container ghcr.example/worker'],
    ['system', 'image pulled'],
    ['container', '{"level":"info","event":"model_load_started","message":"large-v3"}'],
    ['container', '{"level":"info","event":"model_load_finished","message":"large-v3, float16, 4.1 s"}'],
  ];
  pods.say(
    'rented',
    said.map(([source = '', line = ''], index) => ({
      ...{ at: new Date(NOW - (70 - index) * minute).toISOString(), source, line },
    })),
  );
  const days = Array.from({ length: 30 }, (_, index) => {
    const usd = [0, 0, 1.2, 3.4, 0.6, 0, 2.1, 4.8, 0.3, 0][index % 10] ?? 0;
    const day = new Date(NOW - (29 - index) * 24 * 60 * minute).toISOString().slice(0, 10);
    return { day, usd: index === 29 ? 3.12 : usd, billed: index < 29, audioSec: usd * 90 * 3600 };
  });
  pods.spending = {
    ...{ costPerHour: 0.83, today: 3.12, days, total: 40.3, usdPerAudioHour: 0.0113 },
    caps: { perBatchUsd: 2, perDayUsd: 10 },
    batches: [
      { batchId: 'b1', name: 'Harbour inquiry', usd: 1.92, audioSec: 612_000, usdPerAudioHour: 0.0113 },
      { batchId: 'b2', name: 'Oral history, Leith', usd: 0.84, audioSec: 260_000, usdPerAudioHour: 0.0116 },
      { batchId: null, name: '', usd: 0.36, audioSec: 0, usdPerAudioHour: null },
    ],
  };
}
