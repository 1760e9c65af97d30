// Owns what a person may ask about the queue as a whole, its batches and many jobs at once, its profiles and its watched folders.

import type { ApiParams } from '../../contract/api.ts';
import type { JobOptionsPatch } from '../../contract/options.ts';
import type { Place, Selection } from '../../contract/selection.ts';
import type { UiClient } from '../client/client.ts';
import { t } from '../strings/texts.ts';
import { type AppStore, applyEvents } from './store.ts';

/** What may be asked for many jobs at once. */
export type ManyCall = 'cancelJobs' | 'retryJobs' | 'removeJobs' | 'pauseJobs' | 'resumeJobs';

/** The commands. Those that give a promise of `boolean` say whether the engine took it. */
export interface QueueCommands {
  /** What is refused of several is told in one sentence; what could be done is done. */
  many(call: ManyCall, selection: Selection): Promise<boolean>;
  /** The model of new recordings, and of those that wait and were at no worker yet. */
  chooseModel(model: string): Promise<boolean>;
  /** Begins no job, or goes on. `batchId` null: the whole queue. */
  pause(batchId: string | null, paused: boolean): Promise<boolean>;
  moveJobs(ids: readonly string[], place: Place): Promise<boolean>;
  moveBatch(id: string, place: Place): Promise<boolean>;
  renameBatch(id: string, name: string): Promise<boolean>;
  /** Makes a profile, or changes the one of that name. */
  saveProfile(name: string, options: JobOptionsPatch): Promise<boolean>;
  removeProfile(id: string): Promise<boolean>;
  addFolder(folder: ApiParams<'addWatchFolder'>): Promise<boolean>;
  changeFolder(folder: ApiParams<'changeWatchFolder'>): Promise<boolean>;
  removeFolder(id: string): Promise<boolean>;
}

/** The commands of one client and one store. `attempt` tells in words what was refused. */
export function createQueueCommands(
  client: UiClient,
  store: AppStore,
  attempt: (ask: () => Promise<void>) => Promise<boolean>,
): QueueCommands {
  return {
    async many(name, selection) {
      let refused = 0;
      const taken = await attempt(async () => {
        const result = await client.call(name, selection);
        refused = result.refused.length;
        if (name === 'removeJobs') {
          applyEvents(
            store,
            result.changed.map((id) => ({ type: 'job-removed' as const, id })),
          );
        }
      });
      if (refused > 0) store.setState({ notice: { what: t.queue.someRefused(refused), lost: '', todo: '' } });
      return taken && refused === 0;
    },
    chooseModel: (model) =>
      attempt(async () => {
        const view = await client.call('putSettings', { jobDefaults: { model } });
        applyEvents(store, [{ type: 'settings', view }]);
        // What was at a worker keeps its own: that is no failure.
        await client.call('chooseModel', { all: true, model });
      }),
    pause: (batchId, paused) =>
      attempt(async () => {
        if (batchId === null) {
          const queue = await client.call(paused ? 'pauseQueue' : 'resumeQueue', {});
          applyEvents(store, [{ type: 'queue', queue }]);
        } else {
          const batch = await client.call(paused ? 'pauseBatch' : 'resumeBatch', { id: batchId });
          applyEvents(store, [{ type: 'batch', batch }]);
        }
      }),
    moveJobs: (ids, place) => attempt(async () => void (await client.call('moveJobs', { ids: [...ids], place }))),
    moveBatch: (id, place) => attempt(async () => void (await client.call('moveJobs', { batchIds: [id], place }))),
    renameBatch: (id, name) =>
      attempt(async () =>
        applyEvents(store, [{ type: 'batch', batch: await client.call('renameBatch', { id, name }) }]),
      ),
    saveProfile: (name, options) =>
      attempt(async () => {
        const same = store.getState().profiles.find((profile) => profile.name === name.trim());
        const profile = await client.call('saveProfile', {
          name,
          options,
          ...(same === undefined ? {} : { id: same.id }),
        });
        applyEvents(store, [{ type: 'profile', profile }]);
      }),
    removeProfile: (id) =>
      attempt(async () => {
        await client.call('removeProfile', { id });
        applyEvents(store, [{ type: 'profile-removed', id }]);
      }),
    addFolder: (given) =>
      attempt(async () =>
        applyEvents(store, [{ type: 'watch-folder', folder: await client.call('addWatchFolder', given) }]),
      ),
    changeFolder: (given) =>
      attempt(async () =>
        applyEvents(store, [{ type: 'watch-folder', folder: await client.call('changeWatchFolder', given) }]),
      ),
    removeFolder: (id) =>
      attempt(async () => {
        await client.call('removeWatchFolder', { id });
        applyEvents(store, [{ type: 'watch-folder-removed', id }]);
      }),
  };
}
