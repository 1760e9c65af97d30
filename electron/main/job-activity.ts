// Owns what the desktop knows of the queue outside of the window: whether work is being done, and when a batch is through.

import type { AppEvent } from '../../src/contract/api.ts';
import { isFinal, type JobState, type JobView } from '../../src/contract/job.ts';
import type { CallEngine } from './engine-client.ts';

/** States in which this computer must stay awake: a recording is read, sent, transcribed or taken back. */
const AT_WORK: ReadonlySet<JobState> = new Set<JobState>(['preparing', 'dispatching', 'running', 'receiving']);

/** Jobs of a batch that is through. */
export interface BatchOutcome {
  readonly complete: number;
  readonly failed: number;
  readonly canceled: number;
}

export interface JobActivity {
  /** Takes one event; asks for the list anew after `ready`. */
  take(event: AppEvent, call: CallEngine): void;
}

type Known = Pick<JobView, 'batchId' | 'state'>;

export function jobActivity(on: {
  readonly activeChanged: (active: number) => void;
  readonly batchFinished: (outcome: BatchOutcome) => void;
}): JobActivity {
  let jobs = new Map<string, Known>();
  let active = 0;
  /** What came by events while a list was on its way, null = removed. It is newer than the list. */
  let meanwhile: Map<string, Known | null> | null = null;

  const count = (): void => {
    const now = [...jobs.values()].filter(({ state }) => AT_WORK.has(state)).length;
    if (now === active) return;
    active = now;
    on.activeChanged(now);
  };
  const put = (job: JobView): void => {
    const before = jobs.get(job.id);
    jobs.set(job.id, known(job));
    meanwhile?.set(job.id, known(job));
    count();
    // Only what this app saw unfinished is news; what is listed as finished was told before.
    if (before !== undefined && !isFinal(before.state) && isFinal(job.state)) finish(job.batchId);
  };
  const finish = (batchId: string): void => {
    const states = [...jobs.values()].filter((job) => job.batchId === batchId).map(({ state }) => state);
    if (!states.every(isFinal)) return;
    const of = (state: JobState): number => states.filter((each) => each === state).length;
    on.batchFinished({ complete: of('complete'), failed: of('failed'), canceled: of('canceled') });
  };
  const refresh = async (call: CallEngine): Promise<void> => {
    const since = new Map<string, Known | null>();
    meanwhile = since;
    const listed = await listAll(call);
    // Another `ready` came: its list is the newer one.
    if (meanwhile !== since) return;
    for (const [id, job] of since) {
      if (job === null) listed.delete(id);
      else listed.set(id, job);
    }
    jobs = listed;
    meanwhile = null;
    count();
  };

  return {
    take(event, call) {
      switch (event.type) {
        case 'ready':
          // An engine that goes away meanwhile sends `ready` again when it is back.
          refresh(call).catch(() => undefined);
          break;
        case 'job':
          put(event.job);
          break;
        case 'job-removed':
          jobs.delete(event.id);
          meanwhile?.set(event.id, null);
          count();
          break;
        default:
          break;
      }
    },
  };
}

function known({ batchId, state }: JobView): Known {
  return { batchId, state };
}

async function listAll(call: CallEngine): Promise<Map<string, Known>> {
  const all = new Map<string, Known>();
  let cursor: string | null = null;
  do {
    const page: { readonly jobs: readonly JobView[]; readonly nextCursor: string | null } = await call('listJobs', {
      limit: 1000,
      ...(cursor === null ? {} : { cursor }),
    });
    for (const job of page.jobs) all.set(job.id, known(job));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}
