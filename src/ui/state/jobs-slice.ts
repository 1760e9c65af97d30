// Owns the controller's facts about jobs, batches and live text, as pure steps: the snapshot, then every event laid over it.

import { addedJobs } from '../../contract/added-jobs.ts';
import type { AppEvent } from '../../contract/api.ts';
import type { BatchView, QueueView } from '../../contract/batch.ts';
import { isFinal, type JobView, type LiveSegment } from '../../contract/job.ts';

/** The last lines of a job that is under way. */
export interface LiveText {
  readonly attempt: number;
  readonly lines: readonly LiveSegment[];
}

/** Lines kept of each job: what a row shows, and a few in reserve for lines that come twice. */
const LINES_KEPT = 4;

/**
 * What the engine told about jobs. `structure` rises when jobs come, go or change places; `states` when that or the state of any of them
 * changes; neither with mere progress.
 */
export interface JobFacts {
  readonly jobs: ReadonlyMap<string, JobView>;
  readonly batches: ReadonlyMap<string, BatchView>;
  readonly live: ReadonlyMap<string, LiveText>;
  /** The queue as a whole; null until the first snapshot. */
  readonly queue: QueueView | null;
  readonly structure: number;
  readonly states: number;
  /** False until the first snapshot: an empty list is then not yet an empty queue. */
  readonly loaded: boolean;
}

export const NO_JOBS: JobFacts = {
  jobs: new Map(),
  batches: new Map(),
  live: new Map(),
  queue: null,
  structure: 0,
  states: 0,
  loaded: false,
};

/** The facts as a fresh snapshot tells them. */
export function jobsFromSnapshot(
  before: JobFacts,
  jobs: readonly JobView[],
  batches: readonly BatchView[],
  queue: QueueView | null,
): JobFacts {
  const next = new Map(jobs.map((job) => [job.id, job]));
  const live = new Map([...before.live].filter(([id]) => !isFinal(next.get(id)?.state ?? 'complete')));
  const named = new Map(batches.map((batch) => [batch.id, batch]));
  const { structure, states } = before;
  return { jobs: next, batches: named, live, queue, structure: structure + 1, states: states + 1, loaded: true };
}

/** The facts after `events`. Nothing is copied that did not change, and the maps once at most. */
export function jobsAfter(before: JobFacts, events: readonly AppEvent[]): JobFacts {
  let jobs: Map<string, JobView> | null = null;
  let batches: Map<string, BatchView> | null = null;
  let live: Map<string, LiveText> | null = null;
  let queue = before.queue;
  let laidOut = true;
  let sameStates = true;
  const known = (id: string): JobView | undefined => (jobs ?? before.jobs).get(id);
  const writeJobs = (): Map<string, JobView> => (jobs ??= new Map(before.jobs));
  const writeLive = (): Map<string, LiveText> => (live ??= new Map(before.live));
  const forget = (id: string): void => {
    if ((live ?? before.live).has(id)) writeLive().delete(id);
  };

  const put = (job: JobView): void => {
    const old = known(job.id);
    // An event may have left the engine before the snapshot did: the newer one holds.
    if (old !== undefined && old.updatedAt > job.updatedAt) return;
    writeJobs().set(job.id, job);
    if (old === undefined || movesInList(old, job)) laidOut = false;
    if (old?.state !== job.state) sameStates = false;
    if (isFinal(job.state) || (old !== undefined && old.attempt !== job.attempt)) forget(job.id);
  };

  for (const event of events) {
    switch (event.type) {
      case 'job':
        put(event.job);
        break;
      case 'added':
        for (const job of addedJobs(event)) put(job);
        break;
      case 'job-removed':
        if (known(event.id) === undefined) break;
        writeJobs().delete(event.id);
        forget(event.id);
        laidOut = false;
        break;
      case 'progress': {
        const job = known(event.id);
        if (job !== undefined && !isFinal(job.state)) writeJobs().set(event.id, { ...job, progress: event.progress });
        break;
      }
      case 'segment': {
        const job = known(event.id);
        if (job === undefined || isFinal(job.state)) break;
        const old = (live ?? before.live).get(event.id);
        writeLive().set(event.id, withLine(old, event.attempt, event.segment));
        break;
      }
      case 'batch':
        // How far a batch is lays nothing out anew.
        if (!(batches ?? before.batches).has(event.batch.id)) laidOut = false;
        batches ??= new Map(before.batches);
        batches.set(event.batch.id, event.batch);
        break;
      case 'batch-removed':
        if (!(batches ?? before.batches).has(event.id)) break;
        batches ??= new Map(before.batches);
        batches.delete(event.id);
        laidOut = false;
        break;
      case 'moved':
        for (const { id, position } of event.positions) {
          const job = known(id);
          if (job === undefined) continue;
          writeJobs().set(id, { ...job, position });
          laidOut = false;
        }
        break;
      case 'queue':
        queue = event.queue;
        break;
      case 'ready':
      case 'worker':
      case 'worker-removed':
      case 'settings':
      case 'profile':
      case 'profile-removed':
      case 'watch-folder':
      case 'watch-folder-removed':
        break;
    }
  }

  if (jobs === null && batches === null && live === null && queue === before.queue) return before;
  return {
    jobs: jobs ?? before.jobs,
    batches: batches ?? before.batches,
    live: live ?? before.live,
    queue,
    structure: laidOut ? before.structure : before.structure + 1,
    states: laidOut && sameStates ? before.states : before.states + 1,
    loaded: before.loaded,
  };
}

function movesInList(old: JobView, job: JobView): boolean {
  return old.position !== job.position || old.batchId !== job.batchId || old.name !== job.name;
}

/** Live text with one more line. A line that is told twice takes its own place; another attempt begins anew. */
export function withLine(old: LiveText | undefined, attempt: number, line: LiveSegment): LiveText {
  if (old === undefined || old.attempt < attempt) return { attempt, lines: [line] };
  if (old.attempt > attempt) return old;
  const others = old.lines.filter((each) => each.id !== line.id);
  return { attempt, lines: [...others, line].sort((a, b) => a.start - b.start || a.id - b.id).slice(-LINES_KEPT) };
}
