// Owns how recordings come into the queue: by path at once, or read into the app first, two at a time, then added as one batch.

import { type ErrorReport, toAppError } from '../../contract/errors.ts';
import type { UiClient } from '../client/client.ts';
import { explain, t } from '../strings/texts.ts';
import type { DropGroup } from './drop.ts';
import { firstLook } from './first-look.ts';
import { type AppStore, applyEvents } from './store.ts';
import { patchUpload } from './uploads-slice.ts';

/** More at once would only share the same disk. */
const AT_ONCE = 2;

/** A file that is not in the queue, and why. */
interface Refused {
  readonly path: string;
  readonly error: ErrorReport;
}

/** Adds groups to the queue, and keeps the uploads that are under way. */
export interface Intake {
  add(groups: readonly DropGroup[]): Promise<void>;
  stopUpload(id: string): void;
}

/** An intake for one client and one store. */
export function createIntake(client: UiClient, store: AppStore): Intake {
  const stops = new Map<string, AbortController>();
  let lastId = 0;

  /** `names`: what a person calls the uploads, which the engine knows by their ids. */
  const enqueue = async (
    source: { paths?: string[]; uploads?: string[] },
    name: string | null,
    names: ReadonlyMap<string, string> = new Map(),
    unsent: readonly Refused[] = [],
  ): Promise<void> => {
    const { batch, jobs, refused } = await client.call('addJobs', {
      ...source,
      ...(name === null ? {} : { batchName: name }),
    });
    // The answer may come before its events do; laying it down twice changes nothing.
    applyEvents(store, [
      ...(batch === null ? [] : [{ type: 'batch' as const, batch }]),
      ...jobs.map((job) => ({ type: 'job' as const, job })),
    ]);
    const named = refused.map(({ path, error }) => ({ path: names.get(path) ?? path, error }));
    tellRefused([...unsent, ...named], jobs.length > 0);
  };

  const tellRefused = (refused: readonly Refused[], restQueued: boolean): void => {
    if (refused.length > 0) store.setState({ dialog: { kind: 'refused', refused: [...refused], restQueued } });
  };

  const uploadOne = async (id: string, file: File): Promise<string | null> => {
    const stop = new AbortController();
    stops.set(id, stop);
    const patch = (change: Parameters<typeof patchUpload>[2]): void =>
      store.setState((state) => ({ uploads: patchUpload(state.uploads, id, change) }));
    patch({ state: 'sending' });
    try {
      const result = await client.upload(file, {
        signal: stop.signal,
        onProgress: (sentBytes) => patch({ sentBytes }),
      });
      patch({ state: 'joining', sentBytes: file.size });
      return result.id;
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code === 'USER_CANCELED') drop(id);
      else patch({ state: 'failed', problem: explain(error.report()).what });
      return null;
    } finally {
      stops.delete(id);
    }
  };

  const drop = (id: string): void =>
    store.setState((state) => ({ uploads: state.uploads.filter((row) => row.id !== id) }));

  const addFiles = async (files: readonly File[], name: string | null): Promise<void> => {
    const waiting = files.map((file) => ({ id: `${++lastId}`, file }));
    store.setState((state) => ({
      uploads: [
        ...state.uploads,
        ...waiting.map(({ id, file }) => ({
          id,
          name: file.name,
          sizeBytes: file.size,
          sentBytes: 0,
          state: 'waiting' as const,
          problem: null,
        })),
      ],
    }));
    const results = new Map<string, string>();
    const unsent: Refused[] = [];
    const queue = [...waiting];
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const { id, file } = next;
        if (!store.getState().uploads.some((row) => row.id === id)) continue;
        // What cannot be looked into here is sent: the engine decides.
        const error = await firstLook(file).catch(() => null);
        if (error !== null) {
          unsent.push({ path: file.name, error });
          drop(id);
          continue;
        }
        const uploaded = await uploadOne(id, file);
        if (uploaded !== null) results.set(id, uploaded);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    // In the order of the drop, whichever was read first.
    const uploads = waiting.flatMap(({ id }) => results.get(id) ?? []);
    const names = new Map(waiting.map(({ id, file }) => [results.get(id) ?? '', file.name]));
    const dropAll = (): void => {
      for (const id of results.keys()) drop(id);
    };
    const unwatch = onNewJob(store, new Set(names.values()), dropAll);
    try {
      if (uploads.length > 0) await enqueue({ uploads }, name, names, unsent);
      else tellRefused(unsent, false);
    } finally {
      unwatch();
      dropAll();
    }
  };

  return {
    async add(groups) {
      if (groups.length === 0) {
        store.setState({ notice: { what: t.drop.nothingFound, lost: '', todo: '' } });
        return;
      }
      store.setState({ screen: { name: 'queue' }, notice: null });
      for (const { name, paths, files } of groups) {
        try {
          if (paths.length > 0) await enqueue({ paths: [...paths] }, name);
          if (files.length > 0) await addFiles(files, name);
        } catch (thrown) {
          store.setState({ notice: explain(toAppError(thrown).report()) });
        }
      }
    },
    stopUpload(id) {
      stops.get(id)?.abort();
      drop(id);
    },
  };
}

/** Jobs are told of by events before the call that made them is answered; a recording must not stand in the list twice meanwhile. */
function onNewJob(store: AppStore, names: ReadonlySet<string>, act: () => void): () => void {
  const { jobs: before } = store.getState();
  const unsubscribe = store.subscribe(({ jobs }, previous) => {
    if (jobs === previous.jobs) return;
    for (const job of jobs.values()) {
      if (before.has(job.id) || !names.has(job.name)) continue;
      unsubscribe();
      act();
      return;
    }
  });
  return unsubscribe;
}
