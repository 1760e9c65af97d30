// Owns how the engine's facts come into the store: subscribe, wait for `ready`, take the snapshot, then events, one change a frame.

import type { ApiResult, AppEvent } from '../../contract/api.ts';
import type { BatchView } from '../../contract/batch.ts';
import { toAppError } from '../../contract/errors.ts';
import type { JobView } from '../../contract/job.ts';
import type { UiClient } from '../client/client.ts';
import { explain } from '../strings/texts.ts';
import { withLine } from './jobs-slice.ts';
import { type AppStore, applyEvents, applySnapshot, type Snapshot } from './store.ts';

const PAGE = 1000;

/** What the feed joins. `schedule` runs its argument once, soon: a frame in a visible window. */
export interface FeedParts {
  readonly client: UiClient;
  readonly store: AppStore;
  readonly schedule?: (run: () => void) => void;
}

/** Starts to keep the store in step with the engine. Returns its own undo. */
export function startFeed({ client, store, schedule = onNextFrame }: FeedParts): () => void {
  let held: AppEvent[] = [];
  let scheduled = false;
  let stopped = false;
  // Rises with every `ready`: a snapshot that was asked for before the latest one is of no use any more.
  let round = 0;
  let loading = true;

  const flush = (): void => {
    scheduled = false;
    if (stopped || loading || held.length === 0) return;
    const events = held;
    held = [];
    applyEvents(store, events);
  };
  const later = (): void => {
    if (scheduled || loading) return;
    scheduled = true;
    schedule(flush);
  };
  const load = async (mine: number): Promise<void> => {
    try {
      const snapshot = await takeSnapshot(client);
      if (stopped || mine !== round) return;
      applySnapshot(store, snapshot);
      loading = false;
      flush();
      await takeLiveText(client, store);
    } catch (thrown) {
      if (!stopped && mine === round) store.setState({ notice: explain(toAppError(thrown).report()) });
    }
  };

  const unwatch = client.watchConnection((connection) => store.setState({ connection }));
  const unsubscribe = client.subscribe((event) => {
    if (event.type === 'ready') {
      round += 1;
      loading = true;
      void load(round);
      return;
    }
    held.push(event);
    later();
  });
  return () => {
    stopped = true;
    unsubscribe();
    unwatch();
  };
}

async function takeSnapshot(client: UiClient): Promise<Snapshot> {
  const [{ jobs, batches }, queue, { workers }, settings, rented, profiles, folders] = await Promise.all([
    allJobs(client),
    client.call('getQueue', {}),
    client.call('listWorkers', {}),
    client.call('getSettings', {}),
    // The queue is worth showing without them.
    client.call('listPods', {}).then(
      (answer) => answer,
      () => ({ pods: [], summary: null }),
    ),
    client.call('listProfiles', {}).then(
      (answer) => answer.profiles,
      () => [],
    ),
    client.call('listWatchFolders', {}).then(
      (answer) => answer.folders,
      () => [],
    ),
  ]);
  const { pods, summary: podsSummary } = rented;
  return { jobs, batches, queue, workers, settings, pods, podsSummary, profiles, folders };
}

async function allJobs(client: UiClient): Promise<{ jobs: JobView[]; batches: BatchView[] }> {
  const jobs: JobView[] = [];
  const batches = new Map<string, BatchView>();
  let cursor: string | null = null;
  do {
    const page: ApiResult<'listJobs'> = await client.call('listJobs', {
      limit: PAGE,
      ...(cursor === null ? {} : { cursor }),
    });
    jobs.push(...page.jobs);
    for (const batch of page.batches) batches.set(batch.id, batch);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return { jobs, batches: [...batches.values()] };
}

/** Lines that were decoded before this page was opened. Without them a row would stay silent until its next line. */
async function takeLiveText(client: UiClient, store: AppStore): Promise<void> {
  for (const job of store.getState().jobs.values()) {
    if (job.state !== 'running') continue;
    const { segments } = await client.call('liveText', { id: job.id });
    store.setState((state) => {
      const old = state.live.get(job.id);
      const text = segments.slice(-4).reduce((live, line) => withLine(live, job.attempt, line), old);
      return text === undefined ? {} : { live: new Map(state.live).set(job.id, text) };
    });
  }
}

/** A hidden window draws no frames, yet its title and its counts must not fall behind. */
function onNextFrame(run: () => void): void {
  if (document.hidden) setTimeout(run, 250);
  else requestAnimationFrame(run);
}
