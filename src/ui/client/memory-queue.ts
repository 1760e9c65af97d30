// Owns the queue's calls of the engine in memory: batches, many jobs at once, order, pausing, profiles, watched folders.

import type { ApiName, ApiParams, ApiResult, AppEvent } from '../../contract/api.ts';
import type { BatchView, QueueView, Tally } from '../../contract/batch.ts';
import { AppError, toAppError } from '../../contract/errors.ts';
import { isFinal, type JobState, type JobView } from '../../contract/job.ts';
import type { Profile } from '../../contract/profile.ts';
import type { Selection, SelectionResult } from '../../contract/selection.ts';
import type { WatchFolder } from '../../contract/watch-folder.ts';
import { tallyOf } from '../../jobs/tally.ts';

type QueueCall = Extract<
  ApiName,
  | `${'cancel' | 'retry' | 'remove' | 'pause' | 'resume' | 'move'}Jobs`
  | `${'pause' | 'resume' | 'get' | 'rename'}Batch`
  | `${'pause' | 'resume' | 'get'}Queue`
  | `${'list' | 'save' | 'remove'}Profile${'' | 's'}`
  | `${'list' | 'add' | 'change' | 'remove'}WatchFolder${'' | 's'}`
  | 'chooseModel'
  | 'listBatches'
  | 'jobHistory'
>;

export interface MemoryQueueParts {
  readonly jobs: Map<string, JobView>;
  readonly batches: Map<string, BatchView>;
  readonly profiles: Map<string, Profile>;
  readonly folders: Map<string, WatchFolder>;
  readonly now: () => number;
  readonly newId: (kind: string) => string;
  readonly tell: (event: AppEvent) => void;
  /** Changes a job and tells of it. */
  readonly change: (id: string, patch: Partial<JobView>) => void;
  readonly cancel: (id: string) => void;
  readonly retry: (id: string) => void;
  readonly remove: (id: string) => void;
}

/** The sums over some jobs, as the engine would give them. */
export function tallyJobs(jobs: Iterable<JobView>): Tally {
  let processedSec = 0;
  let speed = 0;
  const sums = [];
  for (const { state, durationSec, progress } of jobs) {
    sums.push({ state, jobs: 1, unmeasured: durationSec === null ? 1 : 0, seconds: durationSec ?? 0 });
    if (isFinal(state)) continue;
    processedSec += progress.processedSec ?? 0;
    speed += progress.speed ?? 0;
  }
  return tallyOf(sums, { processedSec, speed: speed === 0 ? null : speed });
}

export function memoryQueue(parts: MemoryQueueParts): {
  readonly calls: { [Name in QueueCall]: (params: ApiParams<Name>) => ApiResult<Name> };
  /** A batch with its sums as they are now. */
  batch(id: string): BatchView;
} {
  const { jobs, batches, profiles, folders, now, tell } = parts;
  let queuePausedSince: number | null = null;

  const ofBatch = (id: string): JobView[] => [...jobs.values()].filter((job) => job.batchId === id);
  const batch = (id: string): BatchView => ({ ...found(batches, id), ...tallyJobs(ofBatch(id)) });
  const changeBatch = (id: string, patch: Partial<BatchView>): BatchView => {
    batches.set(id, { ...batch(id), ...patch });
    tell({ type: 'batch', batch: batch(id) });
    return batch(id);
  };
  const queue = (): QueueView => ({ pausedSince: queuePausedSince, ...tallyJobs(jobs.values()) });
  const setQueue = (pausedSince: number | null): QueueView => {
    queuePausedSince = pausedSince;
    tell({ type: 'queue', queue: queue() });
    return queue();
  };

  const change = (
    { ids, batchId, states }: Selection,
    fits: (state: JobState) => boolean,
    run: (id: string) => void,
  ): SelectionResult => {
    const all = batchId === undefined ? [...jobs.values()] : ofBatch(batchId);
    const named =
      ids ??
      all.filter(({ state }) => (states === undefined ? fits(state) : states.includes(state))).map(({ id }) => id);
    const result: SelectionResult = { changed: [], refused: [] };
    for (const id of named) {
      try {
        run(id);
        result.changed.push(id);
      } catch (thrown) {
        result.refused.push({ id, error: toAppError(thrown).report() });
      }
    }
    return result;
  };
  const pause = (id: string): void => {
    const { state } = found(jobs, id);
    if (state !== 'queued' && state !== 'waiting') throw new AppError('CONFLICT');
    parts.change(id, { state: 'waiting', waiting: { reason: 'paused', since: now(), until: null, message: '' } });
  };
  const resume = (id: string): void => {
    if (found(jobs, id).waiting?.reason !== 'paused') throw new AppError('CONFLICT');
    parts.change(id, { state: 'queued', waiting: null });
  };

  const calls: { [Name in QueueCall]: (params: ApiParams<Name>) => ApiResult<Name> } = {
    cancelJobs: (selection) => change(selection, (state) => !isFinal(state), parts.cancel),
    retryJobs: (selection) => change(selection, (state) => state === 'failed', parts.retry),
    removeJobs: (selection) => change(selection, isFinal, parts.remove),
    pauseJobs: (selection) => change(selection, (state) => state === 'queued', pause),
    resumeJobs: (selection) => change(selection, (state) => state === 'waiting', resume),
    chooseModel: ({ model, ...selection }) =>
      change(
        selection,
        (state) => state === 'queued' || state === 'waiting',
        (id) => parts.change(id, { options: { ...found(jobs, id).options, model } }),
      ),
    moveJobs({ ids, batchIds, place }) {
      const order = [...jobs.values()].sort((a, b) => a.position - b.position);
      const moved =
        ids?.map((id) => found(jobs, id)) ?? order.filter(({ batchId }) => batchIds?.includes(batchId) === true);
      const rest = order.filter((job) => !moved.includes(job));
      const beside = 'before' in place ? place.before : 'after' in place ? place.after : null;
      const near = ({ id, batchId }: JobView): boolean => id === beside || batchId === beside;
      const at =
        'to' in place
          ? place.to === 'top'
            ? 0
            : rest.length
          : 'before' in place
            ? rest.findIndex(near)
            : rest.findLastIndex(near) + 1;
      const positions = [...rest.slice(0, Math.max(0, at)), ...moved, ...rest.slice(Math.max(0, at))].map(
        ({ id }, index) => ({ id, position: index + 1 }),
      );
      for (const { id, position } of positions) jobs.set(id, { ...found(jobs, id), position });
      tell({ type: 'moved', positions });
      return { moved: moved.length };
    },
    listBatches: () => ({ batches: [...batches.keys()].reverse().map(batch), nextCursor: null }),
    getBatch: ({ id }) => batch(id),
    renameBatch: ({ id, name }) => changeBatch(id, { name }),
    pauseBatch: ({ id }) => changeBatch(id, { pausedSince: now() }),
    resumeBatch: ({ id }) => changeBatch(id, { pausedSince: null }),
    getQueue: queue,
    pauseQueue: () => setQueue(now()),
    resumeQueue: () => setQueue(null),
    jobHistory({ id }) {
      const { createdAt } = found(jobs, id);
      return { attempts: [], events: [{ seq: 0, at: createdAt, type: 'added' }] };
    },
    listProfiles: () => ({ profiles: [...profiles.values()] }),
    saveProfile({ id = parts.newId('profile'), name, options }) {
      const profile = { id, name, options };
      profiles.set(id, profile);
      tell({ type: 'profile', profile });
      return profile;
    },
    removeProfile({ id }) {
      found(profiles, id);
      profiles.delete(id);
      tell({ type: 'profile-removed', id });
      return {};
    },
    listWatchFolders: () => ({ folders: [...folders.values()] }),
    addWatchFolder({ path, profileId = null, recursive = true }) {
      const folder: WatchFolder = {
        ...{ id: parts.newId('folder'), path, profileId, recursive, enabled: true, state: 'watching', since: now() },
        ...{ detail: null, taken: 0, lastTakenAt: null, createdAt: now() },
      };
      folders.set(folder.id, folder);
      tell({ type: 'watch-folder', folder });
      return folder;
    },
    changeWatchFolder({ id, profileId, recursive, enabled }) {
      const old = found(folders, id);
      const on = enabled ?? old.enabled;
      const folder: WatchFolder = {
        ...old,
        profileId: profileId === undefined ? old.profileId : profileId,
        recursive: recursive ?? old.recursive,
        enabled: on,
        state: on ? 'watching' : 'off',
      };
      folders.set(id, folder);
      tell({ type: 'watch-folder', folder });
      return folder;
    },
    removeWatchFolder({ id }) {
      found(folders, id);
      folders.delete(id);
      tell({ type: 'watch-folder-removed', id });
      return {};
    },
  };
  return { calls, batch };
}

function found<Value>(map: ReadonlyMap<string, Value>, id: string): Value {
  const value = map.get(id);
  if (value === undefined) throw new AppError('NOT_FOUND');
  return value;
}
