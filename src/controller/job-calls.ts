// Owns the calls about jobs: adding, listing, canceling, retrying, removing, and the lines heard so far.

import { basename, isAbsolute } from 'node:path';
import { addedEvents } from '../contract/added-jobs.ts';
import type { ApiInput, ApiResult } from '../contract/api.ts';
import type { ErrorReport } from '../contract/errors.ts';
import { AppError, toAppError } from '../contract/errors.ts';
import { couldSeparate, isFinal, type JobView } from '../contract/job.ts';
import type { JobHistory } from '../contract/job-history.ts';
import type { JobOptionsPatch } from '../contract/options.ts';
import { say } from '../contract/sentences.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { BatchBoard } from './batch-board.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { EventBus } from './event-bus.ts';
import type { Holds } from './holds.ts';
import type { JobBoard } from './job-board.ts';
import type { JobLedger } from './job-ledger.ts';
import { viewJob } from './job-view.ts';
import type { Chance, Clock, Log, Media, SettingsSource, Uploaded } from './ports.ts';
import type { BatchStore, JobStore, NewBatch, NewJob } from './queue-ports.ts';
import { withdraw } from './withdrawal.ts';
import type { WorkerRoster } from './worker-roster.ts';

export interface JobCallDeps {
  readonly store: JobStore;
  readonly batches: BatchStore;
  readonly batchBoard: BatchBoard;
  readonly holds: Holds;
  /** Options of a profile by id or name. NOT_FOUND. */
  readonly profile: (idOrName: string) => JobOptionsPatch;
  /** Lets go of what is kept in memory of a job that was removed. */
  readonly forget: (jobId: string) => void;
  /** What rented machines have cost for a job, US dollars; null where they did nothing for it. */
  readonly costOf: (jobId: string) => number | null;
  readonly ledger: JobLedger;
  readonly board: JobBoard;
  readonly bus: EventBus;
  readonly roster: WorkerRoster;
  readonly dispatcher: Dispatcher;
  readonly settings: SettingsSource;
  readonly media: Media;
  readonly uploaded: Uploaded;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
}

export class JobCalls {
  readonly #deps: JobCallDeps;

  constructor(deps: JobCallDeps) {
    this.#deps = deps;
    deps.ledger.onChange((job, previous, event) => {
      deps.bus.publish({ type: 'job', job: this.view(job) });
      if (event.type === 'cancel') void this.#cancelAtWorker(previous);
    });
  }

  view(job: JobRecord): JobView {
    const workerId = job.open?.workerId ?? job.lastWorkerId;
    return viewJob(job, {
      progress: this.#deps.board.progress(job.id),
      outputs: job.state === 'complete' ? this.#deps.store.outputs(job.id) : [],
      workerName: workerId === null ? null : (this.#deps.roster.get(workerId)?.name ?? null),
      // What was at no worker cost nothing: a queue of a hundred thousand is shown without as many questions.
      costUsd: job.attempt === 0 ? null : this.#deps.costOf(job.id),
    });
  }

  /** Tells of jobs whose cost rose, and of their batches. */
  tellCost(ids: readonly string[]): void {
    for (const id of ids) {
      const job = this.#deps.store.get(id);
      if (job === null) continue;
      this.#deps.bus.publish({ type: 'job', job: this.view(job) });
      this.#deps.batchBoard.touch(job.batchId);
    }
  }

  async addJobs(input: ApiInput<'addJobs'>): Promise<ApiResult<'addJobs'>> {
    const { store, bus, clock, chance, settings, dispatcher, uploaded } = this.#deps;
    const profile = input.profile === undefined ? {} : this.#deps.profile(input.profile);
    const options = {
      ...settings.current().jobDefaults,
      ...withoutUndefined(profile),
      ...withoutUndefined(input.options),
    };
    const refused: { path: string; error: ErrorReport }[] = [];
    const found: NewJob[] = [];
    // A file and the folder that it lies in may both be named: it is one recording all the same.
    const files = new Set<string>();
    for (const path of input.paths) for (const file of await this.#find(path, refused)) files.add(file);
    for (const file of files) found.push({ id: chance.id('job'), name: basename(file), sourcePath: file, options });
    // Beside an upload there is no place that a person would look at.
    const uploadOptions = { ...options, outDir: options.outDir ?? uploaded.outputDir };
    for (const id of input.uploads) {
      try {
        const file = uploaded.path(id);
        found.push({ id: chance.id('job'), name: basename(file), sourcePath: file, options: uploadOptions });
      } catch (thrown) {
        refused.push({ path: id, error: toAppError(thrown, 'NOT_FOUND').report() });
      }
    }
    if (found.length === 0) return { batch: null, jobs: [], refused };
    const now = clock.now();
    const batch: NewBatch = {
      id: chance.id('batch'),
      name: input.batchName ?? batchName(input.paths, found),
      createdAt: now,
      options,
    };
    const jobs = store.addBatch(batch, found, now);
    const shown = this.#deps.batchBoard.view({ ...batch, pausedSince: null, options });
    bus.publish({ type: 'batch', batch: shown });
    const views = jobs.map((job) => this.view(job));
    for (const event of addedEvents(views)) bus.publish(event);
    dispatcher.nudge();
    return { batch: shown, jobs: views, refused };
  }

  listJobs(query: ApiInput<'listJobs'>): ApiResult<'listJobs'> {
    const { state, states, ...rest } = query;
    const wanted = state === undefined ? states : [...(states ?? []), state];
    const { jobs, nextCursor } = this.#deps.store.list({ ...rest, states: wanted });
    const named = [...new Set(jobs.map(({ batchId }) => batchId))];
    const batches = this.#deps.batches.batches(named).map((batch) => this.#deps.batchBoard.view(batch));
    return { jobs: jobs.map((job) => this.view(job)), batches, nextCursor };
  }

  getJob(id: string): JobView {
    return this.view(this.#job(id));
  }

  cancelJob(id: string): JobView {
    return this.#applied(id, { type: 'cancel' }, say('job_over'));
  }

  retryJob(id: string): JobView {
    const view = this.#applied(id, { type: 'retry' }, say('retry_not_now'));
    this.#deps.dispatcher.nudge();
    return view;
  }

  async separateChannels(id: string): Promise<JobView> {
    const { ledger } = this.#deps;
    const view = this.getJob(id);
    // Nobody looked yet into one that no worker can take as it is.
    const media = view.media ?? (await this.#deps.media.probe(view.sourcePath)).media;
    if (!couldSeparate({ ...view, media }) || view.hasTranscript) throw new AppError('CONFLICT', say('separate_not'));
    const otherwise = say('separate_late');
    // What is at a worker is mixed there: it is taken back, and begun anew.
    const { open, state } = this.#job(id);
    if (open !== null) this.#applied(id, { type: 'cancel' }, otherwise);
    if (open !== null || isFinal(state)) this.retryJob(id);
    const job = ledger.apply(id, { type: 'channels_separated' });
    if (job === null) throw new AppError('CONFLICT', otherwise);
    this.#deps.dispatcher.nudge();
    return this.view(job);
  }

  /** The file is read whole: nothing but its content says that it is the recording. */
  async locateJob({ id, path }: ApiInput<'locateJob'>): Promise<JobView> {
    const { media, ledger, forget } = this.#deps;
    if (!isAbsolute(path)) throw new AppError('BAD_REQUEST', 'path: it must begin at the root of the disk.');
    const before = this.#job(id);
    const away = before.waiting?.reason === 'source_missing' && before.open === null;
    if (!away && before.state !== 'complete') throw new AppError('CONFLICT', say('nobody_looks'));
    const limit = new AbortController();
    const found = await media.prepare({ jobId: id, path, options: { send: 'original' } }, limit.signal);
    if (before.source !== null && before.source.sha256 !== found.sha256) throw new AppError('NOT_THE_RECORDING');
    const job = ledger.apply(id, { type: 'located', path, mtimeMs: found.mtimeMs });
    if (job === null) throw new AppError('CONFLICT', say('changed_meanwhile'));
    forget(id);
    return this.view(job);
  }

  async removeJob(id: string): Promise<Record<string, never>> {
    this.#job(id);
    const removed = await this.remove([id]);
    if (removed.length === 0) throw new AppError('CONFLICT', say('cancel_first'));
    return {};
  }

  /** Removes those that are over, in one transaction. @returns their ids */
  async remove(ids: readonly string[]): Promise<readonly string[]> {
    const { store, bus, uploaded, batchBoard, holds, forget } = this.#deps;
    const { jobs, batches } = store.remove(ids);
    for (const { id, batchId } of jobs) {
      forget(id);
      bus.publish({ type: 'job-removed', id });
      if (!batches.includes(batchId)) batchBoard.touch(batchId);
    }
    for (const id of batches) {
      holds.forget(id);
      bus.publish({ type: 'batch-removed', id });
    }
    for (const { sourcePath } of jobs) await uploaded.forget(sourcePath);
    return jobs.map(({ id }) => id);
  }

  history(id: string): JobHistory {
    this.#job(id);
    return this.#deps.store.history(id);
  }

  liveText(id: string): ApiResult<'liveText'> {
    this.#job(id);
    return { segments: [...this.#deps.board.live(id)] };
  }

  #job(id: string): JobRecord {
    const job = this.#deps.store.get(id);
    if (job === null) throw new AppError('NOT_FOUND', say('job_unknown'));
    return job;
  }

  #applied(id: string, event: { type: 'cancel' } | { type: 'retry' }, otherwise: string): JobView {
    this.#job(id);
    const job = this.#deps.ledger.apply(id, event);
    if (job === null) throw new AppError('CONFLICT', otherwise);
    return this.view(job);
  }

  async #find(path: string, refused: { path: string; error: ErrorReport }[]): Promise<readonly string[]> {
    try {
      if (/^[a-z][a-z\d+.-]+:\/\//i.test(path)) throw new AppError('BAD_REQUEST', say('path_address'));
      if (!isAbsolute(path)) throw new AppError('BAD_REQUEST', say('path_relative'));
      const files = await this.#deps.media.find(path);
      if (files.length === 0) throw new AppError('NOT_FOUND', say('folder_empty'));
      return files;
    } catch (thrown) {
      const found = toAppError(thrown, 'SOURCE_UNREADABLE');
      // Nothing of it was in the queue, so nothing moved.
      const error = found.code === 'SOURCE_MISSING' ? new AppError('NOT_FOUND', say('path_nothing')) : found;
      refused.push({ path, error: error.report() });
      return [];
    }
  }

  async #cancelAtWorker(job: JobRecord): Promise<void> {
    const client = job.open === null ? null : this.#deps.roster.get(job.open.workerId)?.client;
    // One without a name for it yet is told by whoever offers it the job.
    if (client && job.open?.workerJobId != null) await withdraw(client, job.open.workerJobId, this.#deps);
  }
}

function batchName(paths: readonly string[], found: readonly NewJob[]): string {
  const [only] = paths;
  if (paths.length === 1 && only !== undefined) return basename(only);
  return found.length === 1 ? (found[0]?.name ?? '') : `${found.length} recordings`;
}

/** Options that were left out must not lay `undefined` over the defaults. */
function withoutUndefined<T extends object>(patch: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
