// Owns the controller's facts about workers and settings, and what follows from them: who differs from what is expected.

import type { AppEvent } from '../../contract/api.ts';
import type { SettingsView } from '../../contract/settings.ts';
import type { WorkerView } from '../../contract/worker-view.ts';

/** Workers in the order in which the engine lists them; new ones come last. */
export interface WorkerFacts {
  readonly workers: readonly WorkerView[];
  readonly settings: SettingsView | null;
}

export const NO_WORKERS: WorkerFacts = { workers: [], settings: null };

/** The facts after `events`. */
export function workersAfter(before: WorkerFacts, events: readonly AppEvent[]): WorkerFacts {
  let { workers, settings } = before;
  for (const event of events) {
    if (event.type === 'worker') workers = withWorker(workers, event.worker);
    else if (event.type === 'worker-removed') workers = workers.filter((worker) => worker.id !== event.id);
    else if (event.type === 'settings') settings = event.view;
  }
  return workers === before.workers && settings === before.settings ? before : { workers, settings };
}

function withWorker(workers: readonly WorkerView[], worker: WorkerView): readonly WorkerView[] {
  return workers.some((each) => each.id === worker.id)
    ? workers.map((each) => (each.id === worker.id ? worker : each))
    : [...workers, worker];
}

/** One field in which a worker is not what is expected. */
export interface Difference {
  readonly field: 'gitCommit' | 'imageDigest';
  readonly expected: string;
  readonly got: string | null;
}

/** The fields that differ, read from the verdict's reason, which is the engine's own comparison and is not made again here. */
export function differences(worker: WorkerView): Difference[] {
  const { verdict, expectedIdentity, identity } = worker;
  if (verdict.matches !== false) return [];
  const named = (field: string): boolean => verdict.reason === null || verdict.reason.includes(`${field}: expected`);
  const found: Difference[] = [];
  if (expectedIdentity?.gitCommit != null && named('gitCommit')) {
    found.push({ field: 'gitCommit', expected: expectedIdentity.gitCommit, got: identity?.gitCommit ?? null });
  }
  if (expectedIdentity?.imageDigest != null && named('imageDigest')) {
    found.push({
      field: 'imageDigest',
      expected: expectedIdentity.imageDigest,
      got: identity?.declaredImageDigest ?? null,
    });
  }
  return found;
}

/** Workers that differ and whose difference was not put aside. A dismissal holds for one reason: another one is told again. */
export function openMismatches(
  workers: readonly WorkerView[],
  dismissed: Readonly<Record<string, string>>,
): WorkerView[] {
  return workers.filter(
    (worker) => worker.verdict.matches === false && dismissed[worker.id] !== (worker.verdict.reason ?? ''),
  );
}
