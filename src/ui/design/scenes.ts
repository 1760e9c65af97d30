// Owns the scenes in which the screens are looked at: one of everything, nothing at all, and ten thousand.

import { type BatchView, EMPTY_TALLY } from '../../contract/batch.ts';
import type { ErrorReport } from '../../contract/errors.ts';
import { type JobView, NO_PROGRESS } from '../../contract/job.ts';
import { DEFAULT_JOB_OPTIONS } from '../../contract/options.ts';
import { DEFAULT_SETTINGS } from '../../contract/settings.ts';
import { LOCAL_WORKER_ID, type WorkerHistory } from '../../contract/worker-view.ts';
import type { MemoryEngine } from '../client/memory-client.ts';
import { CPU_CAPABILITIES, GPU_CAPABILITIES, idleWorker, sampleTranscript } from '../client/memory-samples.ts';

/** The clock of every scene. */
export const NOW = new Date(2026, 10, 23, 13, 34).getTime();

const MINUTE = 60_000;
const DIGEST = `sha256:9c1f${'0'.repeat(56)}a77e`;
const OTHER_DIGEST = `sha256:41d0${'0'.repeat(56)}3b92`;

function at(hour: number, minute: number): number {
  return new Date(2026, 10, 23, hour, minute).getTime();
}

export function putBatch(engine: MemoryEngine, batch: Pick<BatchView, 'id' | 'name' | 'createdAt'>): void {
  engine.batches.set(batch.id, {
    ...EMPTY_TALLY,
    pausedSince: null,
    costUsd: null,
    options: DEFAULT_JOB_OPTIONS,
    ...batch,
  });
}

type Sketch = Partial<Omit<JobView, 'progress'>> & {
  id: string;
  name: string;
  progress?: Partial<JobView['progress']>;
};

export function put(engine: MemoryEngine, batchId: string, sketches: readonly Sketch[]): void {
  for (const sketch of sketches) {
    engine.jobs.set(sketch.id, {
      ...{ batchId, position: engine.jobs.size + 1, sourcePath: `/media/evidence/${sketch.name}`, sizeBytes: 171e6 },
      ...{ durationSec: 3600, sha256: null, state: 'queued', stage: null, waiting: null, error: null, attempt: 1 },
      ...{ options: DEFAULT_JOB_OPTIONS, workerId: null, workerName: null, outputs: [], hasTranscript: false },
      ...{ copiedFrom: null, costUsd: null },
      ...{ createdAt: at(11, 2), startedAt: null, finishedAt: null, updatedAt: at(13, 0) },
      ...sketch,
      progress: { ...NO_PROGRESS, ...sketch.progress },
    });
  }
}

const done = (minutes: number): Partial<JobView> => ({
  state: 'complete',
  hasTranscript: true,
  startedAt: at(12, 40),
  finishedAt: at(12, 40) + minutes * MINUTE,
  outputs: [
    { format: 'srt', path: '/media/evidence/Day 4, morning session.srt' },
    { format: 'json', path: '/media/evidence/Day 4, morning session.json' },
  ],
});

const failed = (code: ErrorReport['code'], message = ''): Partial<JobView> => ({
  state: 'failed',
  error: { code, message },
  finishedAt: at(13, 2),
});

const waiting = (reason: NonNullable<JobView['waiting']>['reason'], until: number | null = null): Partial<JobView> => ({
  state: 'waiting',
  waiting: { reason, since: at(13, 10), until, message: '' },
});

/** One of every state, two batches, three workers of which one differs. */
export function fullScene(engine: MemoryEngine): void {
  workers(engine);
  const jobDefaults = { ...DEFAULT_JOB_OPTIONS, model: 'large-v3', diarize: true, speakers: { min: 2, max: 4 } };
  engine.view = {
    settings: { ...DEFAULT_SETTINGS, jobDefaults, expectedIdentity: { gitCommit: 'b4b98e5', imageDigest: DIGEST } },
    fromEnvironment: ['workerMode'],
  };
  putBatch(engine, { id: 'inquiry', name: 'Harbour inquiry, days 4–7', createdAt: at(11, 30) });
  putBatch(engine, { id: 'leith', name: 'Oral history, Leith shipyards', createdAt: at(11, 2) });
  putBatch(engine, { id: 'lectures', name: 'Linguistics 204, lectures', createdAt: at(9, 12) });
  const a100 = { workerId: 'lab', workerName: 'lab-a100' };
  put(engine, 'inquiry', [
    { id: 'done', name: 'Day 4, morning session.mp4', durationSec: 9668, ...a100, ...done(4) },
    {
      id: 'speakers',
      name: 'Day 4, afternoon session.mp4',
      durationSec: 10_931,
      ...a100,
      state: 'running',
      stage: 'diarizing',
    },
    {
      ...{ id: 'live', name: 'Day 5, morning session.mp4', durationSec: 10_720, ...a100, state: 'running' },
      stage: 'transcribing',
      progress: { percent: 23.6, processedSec: 2535, totalSec: 10_720, speed: 41.2, etaSec: 198 },
    },
    {
      ...{ id: 'sending', name: 'Day 5, afternoon session.mp4', durationSec: 11_486, ...a100, state: 'running' },
      stage: 'downloading',
      progress: { percent: 43, sentBytes: 74e6, totalBytes: 171e6 },
    },
    { id: 'preparing', name: 'Day 6, witness Okafor.mov', durationSec: 6412, state: 'preparing' },
    { id: 'missing', name: 'Day 6, expert panel.wav', durationSec: 8415, ...waiting('source_missing') },
    { id: 'first', name: 'Day 7, morning session.mp4', durationSec: 11_144 },
  ]);
  put(engine, 'leith', [
    {
      ...{ id: 'cpu', name: 'Interview 07, Agnes Rennie.m4a', durationSec: 4325, workerId: LOCAL_WORKER_ID },
      ...{ workerName: 'This computer', state: 'running', stage: 'transcribing' },
      progress: { percent: 25.9, processedSec: 1120, totalSec: 4325, speed: 1.31, etaSec: 2447 },
    },
    { id: 'full', name: 'Interview 08, Tam Gillespie.m4a', durationSec: 3273, ...waiting('no_capacity') },
    { id: 'memory', name: 'Interview 09, Isa and Rab Duthie.m4a', durationSec: 5900, ...failed('OUT_OF_MEMORY') },
    { id: 'silent', name: 'Interview 10, side B.aiff', durationSec: 0, ...failed('NO_AUDIO') },
    { id: 'second', name: 'Interview 11, Margaret Sim.m4a', durationSec: 2829 },
    {
      id: 'retry',
      name: 'Interview 12, the launch of the Elsa with a name that is far too long for its column.m4a',
      ...waiting('retry', at(13, 41)),
    },
    { id: 'stopped', name: 'Interview 13, noise.m4a', durationSec: 1800, state: 'canceled', finishedAt: at(12, 10) },
  ]);
  put(engine, 'lectures', [
    { id: 'l1', name: 'Lecture 1.mp3', durationSec: 5400, ...a100, ...done(2) },
    { id: 'l2', name: 'Lecture 2.mp3', durationSec: 5200, ...a100, ...done(2) },
  ]);
  engine.transcripts.set('done', sampleTranscript(TALK));
  setTimeout(() => {
    const say = (start: number, id: number, text: string): void =>
      engine.tell({ type: 'segment', id: 'live', attempt: 1, segment: { id, start, end: start + 6, text } });
    say(
      2527,
      1,
      ' It is. The survey was ordered before the work began, but the vessel that should have carried it was in',
    );
    say(2533, 2, ' Methil for repairs, so we went out on the ninth instead, with the smaller boat');
  }, 150);
}

/** An hour of health with a gap, as the engine would tell it. */
function hour(latencies: readonly number[], gap: number | null): WorkerHistory {
  const step = (60 * MINUTE) / latencies.length;
  const from = NOW - 60 * MINUTE;
  const health = latencies.map((latencyMs, index) => ({
    ...{ at: from + index * step, until: index + 1 === latencies.length ? null : from + (index + 1) * step },
    ...(index === gap
      ? { health: 'unreachable' as const, error: null, latencyMs: null }
      : { health: 'ok' as const, error: null, latencyMs }),
  }));
  return { health: health.reverse(), identities: [] };
}

function workers(engine: MemoryEngine): void {
  engine.histories.set('pod', hour([84, 90, 81, 79, 120, 95, 84, 82, 88, 91, 80, 84], null));
  engine.histories.set('lab', hour([180, 212, 201, 190, 0, 230, 260, 212, 205, 199, 240, 212, 190, 200, 212], 4));
  engine.histories.set(LOCAL_WORKER_ID, hour([2, 3, 2, 2, 2, 4, 2, 2], null));
  engine.workers.set('pod', {
    ...idleWorker('pod', at(12, 22)),
    ...{
      kind: 'environment',
      name: 'GPU from REMOTE_WORKER_URL',
      url: 'https://4v2k-8000.proxy.example',
      health: 'ok',
    },
    ...{ latencyMs: 84, lastPingAt: NOW - 4000 },
    capabilities: { ...GPU_CAPABILITIES, gpuName: 'NVIDIA GeForce RTX 4090', vramTotalMB: 24_564, vramUsedMB: 17_600 },
    identity: {
      gitCommit: 'b4b98e5',
      buildTime: '2026-11-21T08:12:00Z',
      declaredImageDigest: DIGEST,
      imageDigestSource: 'env',
    },
    expectedIdentity: { gitCommit: 'b4b98e5', imageDigest: DIGEST },
    verdict: { matches: true, reason: null },
    tunnel: { kind: 'worker', state: 'open', since: at(12, 23), address: null, bytesSent: 4.2e9, bytesPerSecond: 0 },
  });
  engine.workers.set('lab', {
    ...idleWorker('lab', at(8, 1)),
    ...{ kind: 'saved', name: 'lab-a100', url: 'https://a100.lab.example:8000', health: 'ok' },
    ...{ latencyMs: 212, lastPingAt: NOW - 2000 },
    capabilities: GPU_CAPABILITIES,
    identity: {
      gitCommit: 'e07c1f2',
      buildTime: '2026-11-23T11:31:00Z',
      declaredImageDigest: OTHER_DIGEST,
      imageDigestSource: 'env',
    },
    expectedIdentity: { gitCommit: 'b4b98e5', imageDigest: DIGEST },
    verdict: {
      matches: false,
      reason: `gitCommit: expected 'b4b98e5', got 'e07c1f2'; imageDigest: expected '${DIGEST}', got '${OTHER_DIGEST}'`,
    },
    mismatchSince: at(11, 48),
    tunnel: { kind: 'worker', state: 'open', since: at(7, 54), address: null, bytesSent: 18.9e9, bytesPerSecond: 0 },
  });
  engine.workers.set(LOCAL_WORKER_ID, {
    ...idleWorker(LOCAL_WORKER_ID, at(8, 0)),
    ...{ kind: 'local', name: 'This computer', url: 'http://127.0.0.1:41873', health: 'ok', latencyMs: 2 },
    lastPingAt: NOW - 1000,
    capabilities: CPU_CAPABILITIES,
    identity: { gitCommit: null, buildTime: null, declaredImageDigest: null, imageDigestSource: 'none' },
    tunnel: { kind: 'worker', state: 'open', since: at(8, 0), address: null, bytesSent: 312e6, bytesPerSecond: 0 },
  });
  engine.workers.set('old', {
    ...idleWorker('old', at(13, 20)),
    ...{ kind: 'saved', name: 'office-3090', url: 'https://office.example:8000', health: 'unauthorized' },
    error: { code: 'REMOTE_WORKER_UNAUTHORIZED', message: '' },
  });
}

const TALK = [
  {
    speaker: 'SPEAKER_00',
    text: 'Good morning. This is the fourth day of the inquiry, and we go on with the survey of the harbour.',
  },
  { speaker: 'SPEAKER_00', text: 'Captain Reid, you were aboard on the ninth.' },
  {
    speaker: 'SPEAKER_01',
    text: 'I was. We left at six with the smaller boat, because the other one was in Methil for repairs.',
  },
  { speaker: 'SPEAKER_01', text: 'The water was calm, and we had the lines down before eight.' },
  { speaker: 'SPEAKER_02', text: 'May I ask who gave the order?' },
  { speaker: 'SPEAKER_01', text: 'The harbour master did, by telephone, on the evening of the eighth.' },
  { speaker: 'SPEAKER_00', text: 'It is in the log. Page forty-one.' },
];

/** A queue in which nothing was dropped yet; the worker of this computer is being set up. */
export function emptyScene(engine: MemoryEngine): void {
  engine.workers.set(LOCAL_WORKER_ID, {
    ...idleWorker(LOCAL_WORKER_ID, at(13, 33)),
    ...{
      kind: 'local',
      name: 'This computer',
      health: 'installing',
      detail: 'Fetching faster-whisper, 3 of 14 packages.',
    },
  });
}

/** Many jobs more, for feeling how the list scrolls. */
export function crowd(engine: MemoryEngine, count: number): void {
  putBatch(engine, { id: 'crowd', name: 'Archive', createdAt: at(13, 0) });
  put(
    engine,
    'crowd',
    Array.from({ length: count }, (_, index) => ({
      id: `crowd-${index}`,
      name: `Tape ${String(index + 1).padStart(5, '0')}.wav`,
      ...(index % 3 === 0 ? done(3) : {}),
    })),
  );
}
