// Owns what the desktop knows of the queue outside of the window: how much is at work and left, how far it is, and when a batch is through.
// Kept by counting what changes, so that ten thousand recordings cost no more than one.

import type { AppEvent } from '../../src/contract/api.ts';
import { isFinal, type JobState, type JobView } from '../../src/contract/job.ts';
import { LOCAL_WORKER_ID } from '../../src/contract/worker-view.ts';
import type { CallEngine } from './engine-client.ts';

/** States in which this computer must stay awake: a recording is read, sent, transcribed or taken back. */
const AT_WORK: ReadonlySet<JobState> = new Set<JobState>(['preparing', 'dispatching', 'running', 'receiving']);

/** Jobs of a batch that is through. */
export interface BatchOutcome {
  readonly complete: number;
  readonly failed: number;
  readonly canceled: number;
}

/** The queue in a few numbers. */
export interface Activity {
  readonly atWork: number;
  /** Of those, the ones at the worker on this computer: they stop with the app. */
  readonly atLocal: number;
  /** Unfinished jobs, those at work included. */
  readonly left: number;
  /** How far everything is that was added since the queue was last empty, 0..1; null while there is nothing to do. */
  readonly share: number | null;
}

export const NO_ACTIVITY: Activity = { atWork: 0, atLocal: 0, left: 0, share: null };

export interface JobActivity {
  readonly current: Activity;
  /** Takes one event; asks for the list anew after `ready`. */
  take(event: AppEvent, call: CallEngine): void;
}

type Known = Pick<JobView, 'batchId' | 'state' | 'workerId'>;

export function jobActivity(on: {
  readonly changed: (activity: Activity) => void;
  readonly batchFinished: (outcome: BatchOutcome) => void;
}): JobActivity {
  let tally = newTally();
  let current = NO_ACTIVITY;
  /** What came by events while a list was on its way, null = removed. It is newer than the list. */
  let meanwhile: Map<string, Known | null> | null = null;

  const tell = (): void => {
    const next = tally.activity();
    if (sameActivity(next, current)) return;
    current = next;
    on.changed(next);
  };
  const keep = (id: string, job: Known): void => {
    tally.put(id, job);
    meanwhile?.set(id, job);
  };
  const put = (job: JobView): void => {
    const before = tally.get(job.id);
    keep(job.id, known(job));
    tell();
    // Only what this app saw unfinished is news; what is listed as finished was told before.
    if (before === undefined || isFinal(before.state) || !isFinal(job.state)) return;
    const outcome = tally.outcome(job.batchId);
    if (outcome !== null) on.batchFinished(outcome);
  };
  const refresh = async (call: CallEngine): Promise<void> => {
    const since = new Map<string, Known | null>();
    meanwhile = since;
    const listed = await listAll(call);
    // Another `ready` came: its list is the newer one.
    if (meanwhile !== since) return;
    tally = listed;
    for (const [id, job] of since) tally.put(id, job);
    meanwhile = null;
    tell();
  };

  return {
    get current() {
      return current;
    },
    take(event, call) {
      switch (event.type) {
        case 'ready':
          // An engine that goes away meanwhile sends `ready` again when it is back.
          refresh(call).catch(() => undefined);
          break;
        case 'job':
          put(event.job);
          break;
        case 'added':
          for (const { id } of event.jobs) keep(id, known(event.common));
          tell();
          break;
        case 'job-removed':
          tally.put(event.id, null);
          meanwhile?.set(event.id, null);
          tell();
          break;
        case 'progress':
          tally.progress(event.id, event.progress.percent);
          tell();
          break;
        default:
          break;
      }
    },
  };
}

interface Tally {
  get(id: string): Known | undefined;
  /** Null takes it away. */
  put(id: string, job: Known | null): void;
  progress(id: string, percent: number | null): void;
  /** Null while something of the batch is unfinished. */
  outcome(batchId: string): BatchOutcome | null;
  activity(): Activity;
}

function newTally(): Tally {
  const jobs = new Map<string, Known>();
  const batches = new Map<string, { left: number; complete: number; failed: number; canceled: number }>();
  /** Percent of what is at work. */
  const percents = new Map<string, number>();
  let left = 0;
  let local = 0;
  /** Jobs that ended since the queue was last empty. */
  let ended = 0;

  const batch = (id: string) => {
    const found = batches.get(id) ?? { left: 0, complete: 0, failed: 0, canceled: 0 };
    batches.set(id, found);
    return found;
  };
  const count = (job: Known, by: 1 | -1): void => {
    const of = batch(job.batchId);
    if (job.state === 'complete' || job.state === 'failed' || job.state === 'canceled') of[job.state] += by;
    else {
      of.left += by;
      left += by;
    }
    if (AT_WORK.has(job.state) && job.workerId === LOCAL_WORKER_ID) local += by;
  };
  return {
    get: (id) => jobs.get(id),
    put(id, job) {
      const before = jobs.get(id);
      if (before !== undefined) count(before, -1);
      if (job === null) jobs.delete(id);
      else {
        jobs.set(id, job);
        count(job, 1);
      }
      if (job !== null && AT_WORK.has(job.state)) percents.set(id, percents.get(id) ?? 0);
      else percents.delete(id);
      if (before !== undefined && !isFinal(before.state) && job !== null && isFinal(job.state)) ended += 1;
      if (left === 0) ended = 0;
    },
    progress(id, percent) {
      if (percents.has(id)) percents.set(id, percent ?? 0);
    },
    outcome(batchId) {
      const { left: unfinished, ...outcome } = batch(batchId);
      return unfinished === 0 ? outcome : null;
    },
    activity() {
      if (left === 0) return NO_ACTIVITY;
      const under = [...percents.values()].reduce((sum, percent) => sum + percent / 100, 0);
      // In steps of a hundredth: nothing finer is seen, and each change is told.
      const share = Math.floor((100 * (ended + under)) / (ended + left)) / 100;
      return { atWork: percents.size, atLocal: local, left, share };
    },
  };
}

function sameActivity(a: Activity, b: Activity): boolean {
  return a.atWork === b.atWork && a.atLocal === b.atLocal && a.left === b.left && a.share === b.share;
}

function known({ batchId, state, workerId }: Known): Known {
  return { batchId, state, workerId };
}

async function listAll(call: CallEngine): Promise<Tally> {
  const all = newTally();
  let cursor: string | null = null;
  do {
    const page: { readonly jobs: readonly JobView[]; readonly nextCursor: string | null } = await call('listJobs', {
      limit: 1000,
      ...(cursor === null ? {} : { cursor }),
    });
    for (const job of page.jobs) all.put(job.id, known(job));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}
