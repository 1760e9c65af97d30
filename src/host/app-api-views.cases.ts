// Owns the views that the samples of the API table are made of: a job, a worker, a pod and what goes with them.

import { type BatchView, EMPTY_TALLY, type QueueView } from '../contract/batch.ts';
import type { Edit } from '../contract/edits.ts';
import { type JobView, NO_PROGRESS } from '../contract/job.ts';
import { DEFAULT_JOB_OPTIONS } from '../contract/options.ts';
import type { PodsSummary, PodView } from '../contract/pods.ts';
import type { Profile } from '../contract/profile.ts';
import type { SelectionResult } from '../contract/selection.ts';
import type { WatchFolder } from '../contract/watch-folder.ts';
import type { WorkerView } from '../contract/worker-view.ts';

/** An id that every careless way of building a path breaks on. */
export const ID = 'job ü/../?a=b#c%2F"';

export const SAMPLE_JOB: JobView = {
  id: ID,
  batchId: 'batch_1',
  position: 1,
  name: 'Interview – 1.wav',
  sourcePath: '/recordings/Interview – 1.wav',
  sizeBytes: 12,
  durationSec: 1.5,
  sha256: 'a'.repeat(64),
  state: 'complete',
  stage: 'complete',
  waiting: null,
  error: null,
  attempt: 1,
  options: DEFAULT_JOB_OPTIONS,
  progress: NO_PROGRESS,
  workerId: null,
  workerName: null,
  outputs: [{ format: 'srt', path: '/recordings/Interview – 1.srt' }],
  hasTranscript: true,
  copiedFrom: null,
  costUsd: null,
  createdAt: 1,
  startedAt: 2,
  finishedAt: 3,
  updatedAt: 3,
};

export const SAMPLE_BATCH: BatchView = {
  ...EMPTY_TALLY,
  id: 'batch_1',
  name: 'two',
  createdAt: 1,
  pausedSince: null,
  costUsd: null,
  options: DEFAULT_JOB_OPTIONS,
  counts: { complete: 1 },
  jobs: 1,
};

export const SAMPLE_WHOLE: QueueView = { ...EMPTY_TALLY, pausedSince: 4 };

export const SAMPLE_PROFILE: Profile = { id: ID, name: 'Hearings – ü', options: { model: 'tiny', diarize: true } };

export const SAMPLE_FOLDER: WatchFolder = {
  id: ID,
  path: '/recordings/ü',
  profileId: null,
  recursive: true,
  enabled: true,
  state: 'missing',
  since: 5,
  detail: 'The folder is not there.',
  taken: 2,
  lastTakenAt: 4,
  createdAt: 1,
};

export const SAMPLE_CHANGE: SelectionResult = {
  changed: ['job_1'],
  refused: [{ id: ID, error: { code: 'CONFLICT', message: 'It is over already.' } }],
};

export const SAMPLE_WORKER: WorkerView = {
  id: ID,
  kind: 'saved',
  name: 'pod',
  url: 'https://pod.example',
  health: 'connecting',
  since: 1,
  detail: null,
  error: null,
  latencyMs: null,
  lastPingAt: null,
  capabilities: null,
  identity: null,
  expectedIdentity: null,
  verdict: { matches: null, reason: null },
  mismatchSince: null,
  tunnel: { kind: null, state: 'closed', since: 1, address: null, bytesSent: 0, bytesPerSecond: 0 },
  expectedFrom: null,
  drainedSince: null,
  jobs: 0,
};

export const EDIT_STATE = { revision: 3, canUndo: true, canRedo: false };

export const SAMPLE_CARRIED = {
  from: { jobId: ID, name: 'a.wav', finishedAt: 1 },
  placed: 2,
  left: [{ what: 'text' as const, start: 1.5, end: 2, text: 'Methil', original: 'Met Hill' }],
};

export const SAMPLE_EDIT: Edit = {
  seq: 3,
  at: 5,
  operations: [
    { type: 'set-text', segment: '0', text: 'Grüße, “Zoë”\n' },
    { type: 'set-speaker', segment: '1.2', speaker: null, scope: 'onward' },
  ],
};

export const SAMPLE_POD: PodView = {
  id: ID,
  name: 'bt-1a2b3c4d-01',
  providerId: '7h9k2m4n6p',
  state: 'ready',
  since: 1,
  gpuId: 'NVIDIA GeForce RTX 4090',
  gpuName: 'RTX 4090',
  gpuCount: 1,
  memoryGB: 24,
  cloud: 'SECURE',
  dataCenterId: null,
  cudaVersion: '12.8',
  image: null,
  imageDigest: null,
  imageAtProvider: null,
  imageDiffers: null,
  costPerHour: 0.44,
  spent: 0.1,
  spentToday: 0.1,
  createdAt: 1,
  readyAt: 2,
  endedAt: null,
  bootDeadline: null,
  idleSince: null,
  idleEndsAt: null,
  workerId: ID,
  url: 'https://pod.example',
  jobsHeld: 1,
  jobsDone: 2,
  audioSec: 12.5,
  endReason: null,
  trouble: { code: 'PODS_UNREACHABLE', message: 'ü' },
  detail: 'Works.',
  actions: ['stop', 'terminate'],
  foreign: false,
};

export const SAMPLE_SUMMARY: PodsSummary = {
  account: { state: 'ok', apiKeySaved: true, hfTokenSaved: false, error: null, checkedAt: 3, retryAt: null },
  live: 1,
  costPerHour: 0.44,
  spentToday: 0.1,
  capPerDayUsd: 20,
  found: 0,
};

export const SAMPLE_QUEUE = { jobs: 2, audioSec: 60, unknown: 1 };

export const SAMPLE_ESTIMATE = { pods: 1, audioSec: 60, wallSec: 120, usd: 0.02, basis: 'assumed' } as const;

export const address = { url: 'https://pod.example', token: 'secret of the worker' };
