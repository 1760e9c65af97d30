// Owns an engine in memory for tests and for designing: it keeps jobs, workers and settings, and does only what it is told to.
// It has no timer and no clock of its own, so that nothing happens in a test that the test did not ask for.

import { API, type ApiName, type ApiParams, type ApiResult, type AppEvent } from '../../contract/api.ts';
import { type BatchView, EMPTY_TALLY } from '../../contract/batch.ts';
import type { Carried } from '../../contract/carried.ts';
import type { DoctorReport } from '../../contract/doctor.ts';
import { AppError } from '../../contract/errors.ts';
import { couldSeparate, isFinal, type JobView, type KeptFile, NO_PROGRESS } from '../../contract/job.ts';
import type { Probed } from '../../contract/media.ts';
import type { Peaks } from '../../contract/playback.ts';
import type { Profile } from '../../contract/profile.ts';
import { DEFAULT_SETTINGS, type SettingsView, settingsSchema } from '../../contract/settings.ts';
import type { Transcript } from '../../contract/transcript.ts';
import type { WatchFolder } from '../../contract/watch-folder.ts';
import type { WorkerHistory, WorkerView } from '../../contract/worker-view.ts';
import { type Connection, connectionSource, type Desktop, type UiClient } from './client.ts';
import { memoryEdits } from './memory-edits.ts';
import { type MemoryPods, memoryPods } from './memory-pods.ts';
import { memoryQueue } from './memory-queue.ts';
import { idleWorker } from './memory-samples.ts';
import { memoryWorkers } from './memory-workers.ts';

/** What a test or a scene may do behind the client's back, as the engine would by itself. */
export interface MemoryEngine {
  readonly jobs: Map<string, JobView>;
  readonly workers: Map<string, WorkerView>;
  readonly transcripts: Map<string, Transcript>;
  /** What became of the corrections of earlier transcripts, by job. */
  readonly carried: Map<string, Carried>;
  /** Recordings whose transcripts the search does not know yet. */
  readonly notSearchable: Set<string>;
  readonly batches: Map<string, BatchView>;
  readonly profiles: Map<string, Profile>;
  readonly folders: Map<string, WatchFolder>;
  readonly histories: Map<string, WorkerHistory>;
  /** What `doctor` answers. */
  report: DoctorReport;
  view: SettingsView;
  /** Rented machines. */
  readonly rented: MemoryPods;
  /** Answers of `testWorker`. */
  check: ApiResult<'testWorker'>;
  /** A name that is refused when it is added, with its reason. */
  refuse: Map<string, ApiResult<'addJobs'>['refused'][number]['error']>;
  /** Addresses of recordings by job: without one it counts as gone. */
  readonly recordings: Map<string, string>;
  /** Paths of files that are not the recording that is looked for. */
  readonly otherFiles: Set<string>;
  /** Paths of written files that somebody has changed since. */
  readonly changedFiles: Set<string>;
  /** Waveforms by job. */
  readonly peaks: Map<string, Peaks>;
  /** What looking at a file says, by its path; any other is not there. */
  readonly probed: Map<string, Probed>;
  /** Every call that was made, in order. */
  readonly calls: { name: ApiName; params: unknown }[];
  /** Changes a job and tells of it. */
  change(id: string, patch: Partial<JobView>): void;
  /** Adds or changes a worker and tells of it. */
  worker(id: string, patch: Partial<WorkerView>): void;
  tell(event: AppEvent): void;
  /** Loses and finds the connection; finding it begins with `ready`, as a stream does. */
  connect(connection: Connection): void;
  /** The next upload waits until this is called. */
  holdUploads(): { progress(sent: number): void; finish(): void };
}

/** How the memory differs from one test to the next. */
export interface MemoryOptions {
  readonly now: () => number;
  readonly desktop?: Desktop;
}

/** A client and the engine behind it. */
export function createMemoryClient({ now, desktop }: MemoryOptions): { client: UiClient; engine: MemoryEngine } {
  const listeners = new Set<(event: AppEvent) => void>();
  const connection = connectionSource();
  const uploads = new Map<string, { name: string; size: number }>();
  let held: { progress?: (sent: number) => void; done: Promise<void> } | null = null;
  let lastId = 0;
  const newId = (kind: string): string => `${kind}-${++lastId}`;

  const tell = (event: AppEvent): void => {
    for (const listener of [...listeners]) listener(event);
  };
  const rented = memoryPods(now, newId, tell);
  const engine: MemoryEngine = {
    rented: rented.pods,
    jobs: new Map(),
    workers: new Map(),
    transcripts: new Map(),
    carried: new Map(),
    notSearchable: new Set(),
    batches: new Map(),
    profiles: new Map(),
    folders: new Map(),
    histories: new Map(),
    report: { at: now(), version: '0.1.0', ok: true, findings: [] },
    view: { settings: DEFAULT_SETTINGS, fromEnvironment: [] },
    check: { ok: true, checks: [] },
    refuse: new Map(),
    recordings: new Map(),
    otherFiles: new Set(),
    changedFiles: new Set(),
    peaks: new Map(),
    probed: new Map(),
    calls: [],
    change(id, patch) {
      const job = { ...found(engine.jobs, id), updatedAt: now(), ...patch };
      engine.jobs.set(id, job);
      tell({ type: 'job', job });
    },
    worker(id, patch) {
      const worker = { ...(engine.workers.get(id) ?? idleWorker(id, now())), ...patch };
      engine.workers.set(id, worker);
      tell({ type: 'worker', worker });
    },
    tell,
    connect(state) {
      connection.set(state);
      if (state === 'open') tell({ type: 'ready' });
    },
    holdUploads() {
      const gate = Promise.withResolvers<void>();
      const hold: { progress?: (sent: number) => void; done: Promise<void> } = { done: gate.promise };
      held = hold;
      return {
        progress: (sent) => hold.progress?.(sent),
        finish: () => {
          held = null;
          gate.resolve();
        },
      };
    },
  };

  const addOne = (name: string, sourcePath: string, sizeBytes: number | null, batch: BatchView): JobView => {
    const id = newId('job');
    const at = now();
    const job: JobView = {
      ...{ id, batchId: batch.id, position: engine.jobs.size + 1, name, sourcePath, sizeBytes },
      ...{ durationSec: null, sha256: null, state: 'queued', stage: null, waiting: null, error: null, attempt: 0 },
      ...{ options: engine.view.settings.jobDefaults, progress: NO_PROGRESS, workerId: null, workerName: null },
      ...{
        outputs: [],
        hasTranscript: false,
        copiedFrom: null,
        costUsd: null,
        createdAt: at,
        startedAt: null,
        finishedAt: null,
        updatedAt: at,
      },
    };
    engine.jobs.set(id, job);
    tell({ type: 'job', job });
    return job;
  };

  const cancel = (id: string): void => {
    if (isFinal(found(engine.jobs, id).state)) throw new AppError('CONFLICT');
    engine.change(id, { state: 'canceled', stage: null, waiting: null, finishedAt: now() });
  };
  const retry = (id: string): void =>
    engine.change(id, { state: 'queued', error: null, finishedAt: null, progress: NO_PROGRESS });
  const remove = (id: string): void => {
    found(engine.jobs, id);
    engine.jobs.delete(id);
    tell({ type: 'job-removed', id });
  };
  const saveSettings = (patch: ApiParams<'putSettings'>): SettingsView => {
    const { settings } = engine.view;
    const merged = {
      ...{ ...settings, ...patch, jobDefaults: { ...settings.jobDefaults, ...patch.jobDefaults } },
      pods: { ...settings.pods, ...patch.pods },
    };
    engine.view = { ...engine.view, settings: settingsSchema.parse(merged) };
    tell({ type: 'settings', view: engine.view });
    return engine.view;
  };
  const queue = memoryQueue({
    ...{ jobs: engine.jobs, batches: engine.batches, profiles: engine.profiles, folders: engine.folders },
    ...{ now, newId, tell, change: engine.change, cancel, retry, remove },
  });
  const workers = memoryWorkers({
    ...{ workers: engine.workers, histories: engine.histories, now, newId, tell, change: engine.worker },
    expectOfAll: (expectedIdentity) => saveSettings({ expectedIdentity }),
    check: () => engine.check,
    report: () => engine.report,
  });

  const answers: { [Name in ApiName]: (params: ApiParams<Name>) => ApiResult<Name> } = {
    runtime: () => {
      throw new AppError('NOT_FOUND');
    },
    addJobs({ paths = [], uploads: ids = [], batchName }) {
      const sources = [
        ...paths.map((path) => ({ name: path.split('/').at(-1) ?? path, path, size: null })),
        ...ids.map((id) => {
          const { name, size } = found(uploads, id);
          return { name, path: `/uploads/${id}/${name}`, size };
        }),
      ];
      const refused = sources.flatMap(({ name, path }) => {
        const error = engine.refuse.get(name);
        return error === undefined ? [] : [{ path, error }];
      });
      const taken = sources.filter(({ name }) => !engine.refuse.has(name));
      if (taken.length === 0) return { batch: null, jobs: [], refused };
      const made: BatchView = {
        ...EMPTY_TALLY,
        ...{ pausedSince: null, costUsd: null, options: engine.view.settings.jobDefaults },
        id: newId('batch'),
        name: batchName ?? (taken.length === 1 ? (taken[0]?.name ?? '') : `${taken.length} recordings`),
        createdAt: now(),
      };
      engine.batches.set(made.id, made);
      tell({ type: 'batch', batch: made });
      const jobs = taken.map(({ name, path, size }) => addOne(name, path, size, made));
      return { batch: queue.batch(made.id), jobs, refused };
    },
    listJobs({ state, states = [], batchId, search = '', order, cursor, limit }) {
      const wanted = [states].flatMap((some) => (typeof some === 'string' ? some.split(',') : [...some]));
      const all = [...engine.jobs.values()].filter(
        (job) =>
          (state === undefined || job.state === state) &&
          (wanted.length === 0 || wanted.includes(job.state)) &&
          (batchId === undefined || job.batchId === batchId) &&
          `${job.name}\n${job.sourcePath}`.toLowerCase().includes(search.toLowerCase()),
      );
      if (order === 'position') all.sort((a, b) => a.position - b.position);
      const from = Number(cursor ?? 0);
      const upTo = from + Number(limit ?? 200);
      const jobs = all.slice(from, upTo);
      const batches = [...new Set(jobs.map((job) => job.batchId))].flatMap((id) =>
        engine.batches.has(id) ? [queue.batch(id)] : [],
      );
      return { jobs, batches, nextCursor: upTo < all.length ? String(upTo) : null };
    },
    getJob: ({ id }) => found(engine.jobs, id),
    cancelJob({ id }) {
      cancel(id);
      return found(engine.jobs, id);
    },
    separateChannels({ id }) {
      const job = found(engine.jobs, id);
      if (!couldSeparate({ ...job, media: job.media ?? engine.probed.get(job.sourcePath)?.media }))
        throw new AppError('CONFLICT');
      engine.change(id, { options: { ...job.options, channels: 'separate', diarize: false } });
      return found(engine.jobs, id);
    },
    retryJob({ id }) {
      retry(id);
      return found(engine.jobs, id);
    },
    locateJob({ id, path }) {
      if (found(engine.jobs, id).sha256 !== null && engine.otherFiles.has(path))
        throw new AppError('NOT_THE_RECORDING');
      const { waiting } = found(engine.jobs, id);
      engine.change(id, { sourcePath: path, ...(waiting === null ? {} : { state: 'queued', waiting: null }) });
      return found(engine.jobs, id);
    },
    removeJob({ id }) {
      remove(id);
      return {};
    },
    ...memoryEdits({
      machine: (id) => found(engine.transcripts, id),
      carried: (id) => engine.carried.get(id) ?? null,
      pending: engine.notSearchable,
      transcribed: () => [...engine.transcripts.keys()].map((id) => ({ id, name: engine.jobs.get(id)?.name ?? id })),
      write({ id, formats, outDir }) {
        const { name, options, outputs } = found(engine.jobs, id);
        const folder = outDir ?? options.outDir ?? '/recordings';
        const kept: KeptFile[] = [];
        const written = (formats ?? options.formats).flatMap((format) => {
          const path = `${folder}/${name}.${format}`;
          if (!engine.changedFiles.has(path) || options.conflict === 'replace') return [{ format, path }];
          const newPath = options.conflict === 'skip' ? null : `${folder}/${name} (2).${format}`;
          kept.push({ path, reason: 'changed', newPath });
          return newPath === null ? [] : [{ format, path: newPath }];
        });
        const paths = new Set([...written, ...kept.filter(({ newPath }) => newPath !== null)].map(({ path }) => path));
        engine.change(id, { outputs: [...outputs.filter(({ path }) => !paths.has(path)), ...written] });
        return { outputs: written, ...(kept.length === 0 ? {} : { kept }) };
      },
      now,
    }),
    exportJob({ id, format }) {
      const { name } = found(engine.jobs, id);
      return {
        filename: `${name}.${format}`,
        mediaType: 'text/plain',
        text: found(engine.transcripts, id).text,
        base64: null,
      };
    },
    liveText: ({ id }) => {
      found(engine.jobs, id);
      return { segments: [] };
    },
    importTranscript: () => {
      throw new AppError('NOT_FOUND');
    },
    probe({ path }) {
      const probed = engine.probed.get(path);
      if (probed === undefined) throw new AppError('NOT_FOUND');
      return probed;
    },
    openMedia({ id }) {
      const { sizeBytes, durationSec } = found(engine.jobs, id);
      // A page in memory has no recording: whoever shows one gives its own address.
      const url = engine.recordings.get(id);
      if (url === undefined) throw new AppError('SOURCE_MISSING');
      return { url, mediaType: 'audio/wav', sizeBytes: sizeBytes ?? 0, durationSec, changed: false, idleSec: 3600 };
    },
    getPeaks({ id }) {
      found(engine.jobs, id);
      return { peaks: engine.peaks.get(id) ?? null };
    },
    putPeaks({ id, peaks }) {
      found(engine.jobs, id);
      engine.peaks.set(id, peaks);
      return {};
    },
    getSettings: () => engine.view,
    ...rented.answers,
    putSettings: saveSettings,
    ...queue.calls,
    ...workers,
  };

  const client: UiClient = {
    desktop: desktop ?? null,
    platform: desktop === undefined ? 'browser' : 'linux',
    async call(name, params) {
      engine.calls.push({ name, params });
      const given = API[name].params.safeParse(params);
      if (!given.success) throw new AppError('BAD_REQUEST', undefined, { cause: given.error });
      // What was given is what the schema takes in; parsing it here only refuses what an engine would refuse.
      return structuredClone(answers[name](params));
    },
    subscribe(listener) {
      listeners.add(listener);
      queueMicrotask(() => {
        if (!listeners.has(listener)) return;
        connection.set('open');
        listener({ type: 'ready' });
      });
      return () => listeners.delete(listener);
    },
    async upload(file, watch = {}) {
      if (held !== null) {
        held.progress = (sent) => watch.onProgress?.(sent, file.size);
        const stopped = new Promise<never>((_resolve, reject) => {
          watch.signal?.addEventListener('abort', () => reject(new AppError('USER_CANCELED')));
        });
        await Promise.race([held.done, stopped]);
      }
      if (watch.signal?.aborted === true) throw new AppError('USER_CANCELED');
      watch.onProgress?.(file.size, file.size);
      const id = newId('upload');
      uploads.set(id, { name: file.name, size: file.size });
      return { id, name: file.name, sizeBytes: file.size };
    },
    watchConnection: connection.watch,
  };
  return { client, engine };
}

function found<Value>(map: ReadonlyMap<string, Value>, id: string): Value {
  const value = map.get(id);
  if (value === undefined) throw new AppError('NOT_FOUND');
  return value;
}
