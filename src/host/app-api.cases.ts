// Owns what every boundary that carries AppApi must keep, as a suite that each of them runs, with a stand-in engine behind it.

import { describe, expect, it, vi } from 'vitest';
import {
  API_NAMES,
  type ApiName,
  type ApiParams,
  type ApiResult,
  type AppApi,
  type AppEvent,
} from '../contract/api.ts';
import { type BatchView, EMPTY_TALLY, type QueueView } from '../contract/batch.ts';
import type { Edit } from '../contract/edits.ts';
import { AppError, ERROR_CODES } from '../contract/errors.ts';
import { type JobView, NO_PROGRESS } from '../contract/job.ts';
import { DEFAULT_JOB_OPTIONS } from '../contract/options.ts';
import type { PodsSummary, PodView } from '../contract/pods.ts';
import type { Profile } from '../contract/profile.ts';
import type { SelectionResult } from '../contract/selection.ts';
import { DEFAULT_SETTINGS } from '../contract/settings.ts';
import { MADE_BY } from '../contract/transcript.cases.ts';
import type { WatchFolder } from '../contract/watch-folder.ts';
import type { WorkerView } from '../contract/worker-view.ts';

/** An id that every careless way of building a path breaks on. */
const ID = 'job ü/../?a=b#c%2F"';

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

const SAMPLE_BATCH: BatchView = {
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

const SAMPLE_WHOLE: QueueView = { ...EMPTY_TALLY, pausedSince: 4 };

const SAMPLE_PROFILE: Profile = { id: ID, name: 'Hearings – ü', options: { model: 'tiny', diarize: true } };

const SAMPLE_FOLDER: WatchFolder = {
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

const SAMPLE_CHANGE: SelectionResult = {
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

const EDIT_STATE = { revision: 3, canUndo: true, canRedo: false };

const SAMPLE_CARRIED = {
  from: { jobId: ID, name: 'a.wav', finishedAt: 1 },
  placed: 2,
  left: [{ what: 'text' as const, start: 1.5, end: 2, text: 'Methil', original: 'Met Hill' }],
};

const SAMPLE_EDIT: Edit = {
  seq: 3,
  at: 5,
  operations: [
    { type: 'set-text', segment: '0', text: 'Grüße, “Zoë”\n' },
    { type: 'set-speaker', segment: '1.2', speaker: null, scope: 'onward' },
  ],
};

const SAMPLE_POD: PodView = {
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

const SAMPLE_SUMMARY: PodsSummary = {
  account: { state: 'ok', apiKeySaved: true, hfTokenSaved: false, error: null, checkedAt: 3, retryAt: null },
  live: 1,
  costPerHour: 0.44,
  spentToday: 0.1,
  capPerDayUsd: 20,
  found: 0,
};

const SAMPLE_QUEUE = { jobs: 2, audioSec: 60, unknown: 1 };

const SAMPLE_ESTIMATE = { pods: 1, audioSec: 60, wallSec: 120, usd: 0.02, basis: 'assumed' } as const;

type Samples = { readonly [Name in ApiName]: { readonly params: ApiParams<Name>; readonly result: ApiResult<Name> } };

const address = { url: 'https://pod.example', token: 'secret of the worker' };

/** One call of each name with what it answers. */
export const SAMPLES: Samples = {
  runtime: {
    params: {},
    result: {
      service: 'bulk-transcribe',
      version: '0.1.0',
      protocol: 2,
      remoteWorker: {
        enabled: false,
        configured: false,
        mode: 'optional',
        url: null,
        connected: false,
        lastPingAt: null,
        latencyMs: null,
        workerVersion: null,
        identity: null,
        expectedIdentity: null,
        identityMatches: null,
        identityMismatchReason: null,
        workerCapabilities: null,
        error: null,
      },
      localWorker: { enabled: true, health: 'ok', device: 'cpu', models: ['small'] },
    },
  },
  addJobs: {
    params: { paths: ['/recordings/a.wav', '/recordings/ü b.mp4'], options: { formats: ['srt'], diarize: true } },
    result: {
      batch: SAMPLE_BATCH,
      jobs: [SAMPLE_JOB],
      refused: [{ path: '/recordings/ü b.mp4', error: { code: 'EMPTY_FILE', message: 'Empty.' } }],
    },
  },
  listJobs: {
    params: { state: 'complete', cursor: 'a&b=c', limit: 7 },
    result: { jobs: [SAMPLE_JOB], batches: [SAMPLE_BATCH], nextCursor: 'next' },
  },
  getJob: { params: { id: ID }, result: SAMPLE_JOB },
  cancelJob: { params: { id: ID }, result: SAMPLE_JOB },
  retryJob: { params: { id: ID }, result: SAMPLE_JOB },
  separateChannels: { params: { id: ID }, result: SAMPLE_JOB },
  locateJob: { params: { id: ID, path: '/Volumes/Other/a.wav' }, result: SAMPLE_JOB },
  removeJob: { params: { id: ID }, result: {} },
  jobHistory: {
    params: { id: ID },
    result: {
      attempts: [
        {
          ...{ attempt: 1, workerId: 'w', workerName: 'pod', identity: null, workerJobId: 'wk_1', startedAt: 2 },
          ...{ endedAt: 3, endedBy: 'attempt_failed', error: { code: 'REMOTE_FAILED', message: 'ü' } },
        },
      ],
      events: [{ seq: 0, at: 1, type: 'added' }],
    },
  },
  cancelJobs: { params: { ids: ['job_1', ID] }, result: SAMPLE_CHANGE },
  retryJobs: { params: { batchId: 'batch_1' }, result: SAMPLE_CHANGE },
  removeJobs: { params: { all: true, states: ['complete', 'failed'] }, result: SAMPLE_CHANGE },
  pauseJobs: { params: { ids: [ID] }, result: SAMPLE_CHANGE },
  chooseModel: { params: { all: true, model: 'large-v3' }, result: SAMPLE_CHANGE },
  resumeJobs: { params: { all: true }, result: SAMPLE_CHANGE },
  moveJobs: { params: { ids: [ID, 'job_1'], place: { before: 'job_3' } }, result: { moved: 2 } },
  listBatches: { params: { cursor: '9', limit: 3 }, result: { batches: [SAMPLE_BATCH], nextCursor: null } },
  getBatch: { params: { id: ID }, result: SAMPLE_BATCH },
  renameBatch: { params: { id: ID, name: 'Day 2 – ü' }, result: SAMPLE_BATCH },
  pauseBatch: { params: { id: ID }, result: SAMPLE_BATCH },
  resumeBatch: { params: { id: ID }, result: SAMPLE_BATCH },
  getQueue: { params: {}, result: SAMPLE_WHOLE },
  pauseQueue: { params: {}, result: SAMPLE_WHOLE },
  resumeQueue: { params: {}, result: SAMPLE_WHOLE },
  listProfiles: { params: {}, result: { profiles: [SAMPLE_PROFILE] } },
  saveProfile: { params: { ...SAMPLE_PROFILE }, result: SAMPLE_PROFILE },
  removeProfile: { params: { id: ID }, result: {} },
  listWatchFolders: { params: {}, result: { folders: [SAMPLE_FOLDER] } },
  addWatchFolder: { params: { path: '/recordings/ü', takeExisting: false }, result: SAMPLE_FOLDER },
  changeWatchFolder: { params: { id: ID, enabled: false, profileId: null }, result: SAMPLE_FOLDER },
  removeWatchFolder: { params: { id: ID }, result: {} },
  getTranscript: {
    params: { id: ID, machine: true },
    result: {
      schemaVersion: 1,
      text: ' red blue',
      language: 'en',
      duration: 2,
      segments: [
        {
          key: '0',
          edited: true,
          original: ' rad blue',
          checked: false,
          id: 0,
          start: 0,
          end: 1,
          text: ' red blue',
          avg_logprob: -0.1,
          no_speech_prob: 0,
          compression_ratio: 1,
          temperature: 0,
          words: [{ word: ' red', start: 0, end: 0.5, probability: 0.9 }],
        },
      ],
      speakers: { SPEAKER_00: { name: 'Zoë' } },
      warnings: [],
      source: { filename: 'a.wav', sizeBytes: 12, sha256: 'b'.repeat(64), duration: 2 },
      ...MADE_BY,
      deleted: [],
      unapplied: [{ seq: 1, index: 0, reason: 'Gone.' }],
      ...EDIT_STATE,
    },
  },
  editTranscript: {
    params: { id: ID, revision: 2, operations: SAMPLE_EDIT.operations },
    result: { ...EDIT_STATE, edit: SAMPLE_EDIT },
  },
  undoEdit: { params: { id: ID, revision: 3 }, result: { ...EDIT_STATE, edit: SAMPLE_EDIT } },
  redoEdit: { params: { id: ID, revision: 4 }, result: { ...EDIT_STATE, edit: SAMPLE_EDIT } },
  listEdits: {
    params: { id: ID },
    result: { ...EDIT_STATE, done: [SAMPLE_EDIT], undone: [], carried: SAMPLE_CARRIED },
  },
  writeExports: {
    params: { id: ID, formats: ['srt'], outDir: '/recordings/ü' },
    result: { outputs: [{ format: 'srt', path: '/recordings/ü/a.srt' }] },
  },
  exportJob: {
    params: { id: ID, format: 'srt' },
    result: {
      filename: 'Zoë “1”.srt',
      mediaType: 'application/x-subrip',
      text: '1\n00:00:00,000 --> 00:00:01,000\nüé\n',
      base64: null,
    },
  },
  searchTranscripts: {
    params: { query: '"grüße" & co*', limit: 7, cursor: '-12' },
    result: {
      hits: [{ jobId: ID, name: 'Zoë.wav', segment: '1.2', start: 1.5, snippet: '… Grüße <b>', marks: [[2, 7]] }],
      nextCursor: null,
      pending: 3,
    },
  },
  liveText: { params: { id: ID }, result: { segments: [{ id: 0, start: 0, end: 1, text: ' red' }] } },
  importTranscript: { params: { path: '/texts/ü.srt', recording: '/recordings/a.wav' }, result: SAMPLE_JOB },
  probe: {
    params: { path: '/recordings/ü b.mp4' },
    result: {
      sizeBytes: 12,
      contentType: 'video/mp4',
      durationSec: 1.5,
      media: {
        container: 'MP4',
        tracks: [
          { number: 1, codec: 'aac', channels: 2, sampleRate: 48_000, language: 'deu', name: 'Ton', isDefault: true },
        ],
        track: 1,
        startSec: 0.5,
        distinctChannels: null,
        truncated: false,
      },
    },
  },
  openMedia: {
    params: { id: ID, evenIfChanged: true },
    result: {
      url: '/api/jobs/x/media?grant=play_1',
      mediaType: 'audio/wav',
      sizeBytes: 12,
      durationSec: 1.5,
      changed: true,
      idleSec: 60,
    },
  },
  getPeaks: { params: { id: ID }, result: { peaks: { perSecond: 20, data: 'AP8=' } } },
  putPeaks: { params: { id: ID, peaks: { perSecond: 20, data: 'AP8=' } }, result: {} },
  getSettings: { params: {}, result: { settings: DEFAULT_SETTINGS, fromEnvironment: ['workerMode'] } },
  putSettings: {
    params: { workerMode: 'required', jobDefaults: { model: 'tiny' } },
    result: { settings: DEFAULT_SETTINGS, fromEnvironment: [] },
  },
  listWorkers: { params: {}, result: { workers: [SAMPLE_WORKER] } },
  addWorker: { params: { name: 'pod', ...address }, result: SAMPLE_WORKER },
  editWorker: { params: { id: ID, name: 'pod ü', token: 'another' }, result: SAMPLE_WORKER },
  removeWorker: { params: { id: ID }, result: {} },
  checkWorker: { params: { id: ID }, result: SAMPLE_WORKER },
  drainWorker: { params: { id: ID }, result: SAMPLE_WORKER },
  undrainWorker: { params: { id: ID }, result: SAMPLE_WORKER },
  workerHistory: {
    params: { id: ID },
    result: { health: [{ at: 1, until: null, health: 'ok', error: null, latencyMs: 12.5 }], identities: [] },
  },
  testWorker: { params: address, result: { ok: false, checks: [{ name: 'reach', ok: false, message: 'No answer.' }] } },
  adoptIdentity: { params: { id: ID }, result: SAMPLE_WORKER },
  listPods: { params: {}, result: { pods: [SAMPLE_POD], summary: SAMPLE_SUMMARY } },
  checkPods: { params: {}, result: { pods: [], summary: SAMPLE_SUMMARY } },
  podPrices: {
    params: { cloud: 'COMMUNITY' },
    result: {
      offers: [
        {
          gpuId: 'NVIDIA A40',
          name: 'A40',
          memoryGB: 48,
          preset: true,
          cloud: 'COMMUNITY',
          pricePerHour: null,
          availability: 'NONE',
          speed: { speed: 12, basis: 'measured', recordings: 3, audioSec: 900 },
          usdPerAudioHour: null,
          estimate: SAMPLE_ESTIMATE,
          cheapest: false,
        },
      ],
      queue: SAMPLE_QUEUE,
      model: 'large-v3',
      fetchedAt: 4,
    },
  },
  startPod: { params: { gpuIds: ['NVIDIA A40'], cloud: 'SECURE' }, result: SAMPLE_POD },
  runPods: {
    params: { maxPods: 2, deadlineHours: 1.5, dryRun: true },
    result: {
      plan: {
        gpuId: 'NVIDIA A40',
        gpuName: 'A40',
        pricePerHour: 0.4,
        pods: 1,
        estimate: SAMPLE_ESTIMATE,
        meetsDeadline: true,
        reason: 'One is enough.',
        queue: SAMPLE_QUEUE,
      },
      pods: [],
    },
  },
  changePod: { params: { id: ID, action: 'terminate' }, result: SAMPLE_POD },
  podLog: {
    params: { id: ID },
    result: { lines: [{ at: '2026-06-01T12:02:03Z', source: 'container', line: 'ü <b>' }] },
  },
  podSpending: {
    params: { days: 7 },
    result: {
      costPerHour: 0.44,
      today: 0.1,
      days: [{ day: '2026-11-25', usd: 0.1, billed: false, audioSec: 12.5 }],
      batches: [{ batchId: null, name: 'Nothing to do', usd: 0.1, audioSec: 0, usdPerAudioHour: null }],
      total: 0.1,
      usdPerAudioHour: 28.8,
      caps: { perBatchUsd: null, perDayUsd: 20 },
    },
  },
  savePodSecrets: { params: { apiKey: 'a key', hfToken: null }, result: SAMPLE_SUMMARY },
  expectIdentity: { params: { id: ID, identity: { gitCommit: 'abc1234', imageDigest: null } }, result: SAMPLE_WORKER },
  expectIdentityOfAll: {
    params: { pasted: 'EXPECTED_WORKER_GIT_COMMIT=abc1234\n' },
    result: { expectedIdentity: { gitCommit: 'abc1234', imageDigest: null } },
  },
  doctor: {
    params: {},
    result: {
      at: 1,
      version: '0.1.0',
      ok: false,
      findings: [
        {
          check: 'worker_token',
          subject: { id: ID, name: 'pod' },
          verdict: 'failed',
          message: 'It refuses the token.',
          advice: ['Make both tokens the same.'],
        },
      ],
    },
  },
  doctorBundle: { params: {}, result: { filename: 'report.txt', text: 'Bulk Transcribe\n' } },
};

export interface StandInApi extends AppApi {
  readonly calls: { readonly name: ApiName; readonly params: unknown }[];
  readonly listeners: number;
  /** Sends an event to all listeners. */
  emit(event: AppEvent): void;
  /** What the next calls throw; null answers again. */
  failWith(thrown: unknown): void;
}

/** An engine that answers every call with its sample. */
export function standInApi(): StandInApi {
  const listeners = new Set<(event: AppEvent) => void>();
  let failure: unknown = null;
  const calls: StandInApi['calls'] = [];
  return {
    calls,
    get listeners() {
      return listeners.size;
    },
    emit(event) {
      for (const listener of [...listeners]) listener(event);
    },
    failWith(thrown) {
      failure = thrown;
    },
    async call(name, params) {
      calls.push({ name, params });
      if (failure !== null) throw failure;
      return SAMPLES[name].result as ApiResult<typeof name>;
    },
    subscribe(listener) {
      listeners.add(listener);
      listener({ type: 'ready' });
      return () => listeners.delete(listener);
    },
  };
}

/** A client on the far side of the boundary, with the engine that is behind it. */
export interface Joined {
  readonly engine: StandInApi;
  readonly client: AppApi;
  close(): Promise<void>;
}

/** The suite. `join` builds both ends anew for each case. */
export function appApiCases(join: () => Promise<Joined>): void {
  const joined = async (check: (both: Joined) => Promise<void>): Promise<void> => {
    const both = await join();
    try {
      await check(both);
    } finally {
      await both.close();
    }
  };

  describe('calls', () => {
    it.each(API_NAMES)('%s arrives whole and its result comes back whole', (name) =>
      joined(async ({ engine, client }) => {
        expect(await client.call(name, SAMPLES[name].params as never)).toEqual(SAMPLES[name].result);
        expect(engine.calls).toHaveLength(1);
        expect(engine.calls[0]).toMatchObject({ name, params: SAMPLES[name].params });
      }),
    );

    it('every error keeps its code and its message', () =>
      joined(async ({ engine, client }) => {
        for (const code of ERROR_CODES) {
          engine.failWith(new AppError(code, `About ${code} – ü`));
          const thrown: unknown = await client.call('getJob', { id: 'j' }).catch((error: unknown) => error);
          expect(thrown).toBeInstanceOf(AppError);
          expect(thrown).toMatchObject({ code, message: `About ${code} – ü` });
        }
      }));

    it('an error that is none of ours becomes INTERNAL', () =>
      joined(async ({ engine, client }) => {
        engine.failWith(new RangeError('odd'));
        await expect(client.call('getJob', { id: 'j' })).rejects.toMatchObject({ code: 'INTERNAL' });
      }));

    it('parameters that the table refuses do not reach the engine, and the field is named', () =>
      joined(async ({ engine, client }) => {
        await expect(
          client.call('addWorker', { name: 'pod', url: 'ftp://pod.example', token: 't' }),
        ).rejects.toMatchObject({
          code: 'BAD_REQUEST',
          message: expect.stringContaining('url'),
        });
        await expect(client.call('addJobs', { paths: [] })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
        expect(engine.calls).toEqual([]);
      }));
  });

  describe('events', () => {
    it('begin with ready, come in order, and end when nobody wants them', () =>
      joined(async ({ engine, client }) => {
        const seen: AppEvent[] = [];
        const undo = client.subscribe((event) => seen.push(event));
        await vi.waitFor(() => expect(seen).toEqual([{ type: 'ready' }]));
        const sent: AppEvent[] = Array.from({ length: 200 }, (_, index) => ({
          type: 'job-removed',
          id: `j${index} ü\n`,
        }));
        for (const event of sent) engine.emit(event);
        engine.emit({ type: 'job', job: SAMPLE_JOB });
        await vi.waitFor(() => expect(seen).toHaveLength(202));
        expect(seen).toEqual([{ type: 'ready' }, ...sent, { type: 'job', job: SAMPLE_JOB }]);
        undo();
        await vi.waitFor(() => expect(engine.listeners).toBe(0));
      }));
  });
}
