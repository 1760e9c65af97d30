// Owns the one store: the controller's facts and the person's view, each in its slice, changed by the few verbs below.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppEvent } from '../../contract/api.ts';
import type { BatchView, QueueView } from '../../contract/batch.ts';
import type { JobView } from '../../contract/job.ts';
import type { PodsSummary, PodView } from '../../contract/pods.ts';
import type { Profile } from '../../contract/profile.ts';
import type { SettingsView } from '../../contract/settings.ts';
import type { WatchFolder } from '../../contract/watch-folder.ts';
import type { WorkerView } from '../../contract/worker-view.ts';
import { speak, t } from '../strings/texts.ts';
import { type EditorFacts, firstEditor } from './editor-slice.ts';
import { type JobFacts, jobsAfter, jobsFromSnapshot, NO_JOBS } from './jobs-slice.ts';
import { firstPlayer, type PlayerFacts } from './player-slice.ts';
import { NO_POD_FACTS, type PodFacts, podsAfter } from './pods-slice.ts';
import { keepPreferences, languageOf, type Preferences } from './preferences.ts';
import { NO_PROFILES, type ProfileFacts, profilesAfter } from './profiles-slice.ts';
import { NO_SEARCH, type SearchFacts } from './search-slice.ts';
import { NO_TRANSCRIPT, type TranscriptFacts } from './transcript-slice.ts';
import { NO_UPLOADS, type UploadFacts } from './uploads-slice.ts';
import { firstView, type ViewFacts } from './view-slice.ts';
import { NO_WORKERS, type WorkerFacts, workersAfter } from './workers-slice.ts';

type TranscriptScreen = TranscriptFacts & EditorFacts & PlayerFacts;

/** Everything that a screen draws from. */
export type AppState = JobFacts &
  WorkerFacts &
  PodFacts &
  ProfileFacts &
  UploadFacts &
  SearchFacts &
  ViewFacts &
  TranscriptScreen;

/** The store, without React. */
export type AppStore = StoreApi<AppState>;

/** The answers that together are the present state of the engine. */
export interface Snapshot {
  readonly jobs: readonly JobView[];
  readonly batches: readonly BatchView[];
  readonly queue: QueueView;
  readonly workers: readonly WorkerView[];
  readonly settings: SettingsView;
  readonly pods: readonly PodView[];
  readonly podsSummary: PodsSummary | null;
  readonly profiles: readonly Profile[];
  readonly folders: readonly WatchFolder[];
}

/** A store for a page that was just opened. */
export function createAppStore(): AppStore {
  const view = firstView();
  speak(languageOf(view.language, navigator.languages));
  return createStore<AppState>(() => ({
    ...{ ...NO_JOBS, ...NO_WORKERS, ...NO_POD_FACTS, ...NO_PROFILES, ...NO_UPLOADS, ...NO_SEARCH, ...view },
    ...{ ...NO_TRANSCRIPT, ...firstEditor(), ...firstPlayer() },
  }));
}

/** Takes a fresh snapshot in place of what was known. */
export function applySnapshot(store: AppStore, snapshot: Snapshot): void {
  store.setState((state) => ({
    ...jobsFromSnapshot(state, snapshot.jobs, snapshot.batches, snapshot.queue),
    workers: snapshot.workers,
    settings: snapshot.settings,
    pods: snapshot.pods,
    podsSummary: snapshot.podsSummary,
    profiles: snapshot.profiles,
    folders: snapshot.folders,
  }));
}

/** Lays events over what is known, all in one change, and says aloud which jobs came to an end. */
export function applyEvents(store: AppStore, events: readonly AppEvent[]): void {
  const before = store.getState();
  const announcement = endings(before, events);
  const jobs = jobsAfter(before, events);
  const workers = workersAfter(before, events);
  const profiles = profilesAfter(before, events);
  const pods = podsAfter(before, events);
  // A slice that did not change is the whole state that was given to it, and must not be laid over the other's change.
  store.setState({
    ...(jobs === before ? {} : jobs),
    ...(workers === before ? {} : workers),
    ...(profiles === before ? {} : profiles),
    ...(pods === before ? {} : pods),
    ...(announcement === null ? {} : { announcement }),
  });
}

function endings(before: JobFacts, events: readonly AppEvent[]): string | null {
  const done: string[] = [];
  let failed: string | null = null;
  for (const event of events) {
    if (event.type !== 'job') continue;
    const old = before.jobs.get(event.job.id);
    if (old === undefined || old.state === event.job.state) continue;
    if (event.job.state === 'complete') done.push(event.job.name);
    if (event.job.state === 'failed') failed = event.job.name;
  }
  const [first] = done;
  if (failed !== null) return t.queue.failedMessage(failed);
  if (first === undefined) return null;
  return done.length === 1 ? t.queue.doneMessage(first) : t.queue.doneMany(done.length);
}

/** Puts a worker's present mismatch aside; another reason brings the banner back. */
export function dismissMismatch(store: AppStore, worker: WorkerView): void {
  const dismissed = { ...store.getState().dismissed, [worker.id]: worker.verdict.reason ?? '' };
  choose(store, { dismissed });
}

/** Changes what the person chose about the window, and remembers it. */
export function choose(store: AppStore, chosen: Partial<Preferences>): void {
  const preferences = { ...store.getState(), ...chosen };
  keepPreferences(preferences);
  speak(languageOf(preferences.language, navigator.languages));
  store.setState(chosen);
}

/** Opens a transcript; `atSec` where it shall play from. */
export function openTranscript(store: AppStore, jobId: string, from?: 'search', atSec?: number): void {
  store.setState({
    screen: { name: 'text', jobId, ...(from === undefined ? {} : { from }) },
    openAt: atSec === undefined ? null : { jobId, atSec },
  });
}

/** Folds or unfolds a batch. */
export function toggleFold(store: AppStore, batchId: string): void {
  const folded = new Set(store.getState().folded);
  if (!folded.delete(batchId)) folded.add(batchId);
  store.setState({ folded });
}

/** Opens or closes the part of a row that lies under its line. */
export function setOpened(store: AppStore, jobId: string, open: boolean): void {
  store.setState((state) => ({ opened: new Map(state.opened).set(jobId, open) }));
}
