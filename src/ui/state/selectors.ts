// Owns what is derived from the facts: the rows of the queue, the counts of the filters, places in line, what is left.

import { isFinal, type JobState, type JobView } from '../../contract/job.ts';
import type { AppState } from './store.ts';
import type { UploadRow } from './uploads-slice.ts';
import { FILTERS, type Filter } from './view-slice.ts';

/** One line of the list. `key` names it for the keyboard and for the virtual list. */
export type Row =
  | { readonly kind: 'uploads'; readonly key: string }
  | { readonly kind: 'upload'; readonly key: string; readonly upload: UploadRow }
  | { readonly kind: 'batch'; readonly key: string; readonly id: string; readonly folded: boolean }
  | { readonly kind: 'job'; readonly key: string; readonly id: string };

const ACTIVE: readonly JobState[] = ['preparing', 'dispatching', 'running', 'receiving'];

/** Whether a job in this state belongs under the filter. A queued one waits for its turn. */
export function fits(state: JobState, filter: Filter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'active':
      return ACTIVE.includes(state);
    case 'waiting':
      return state === 'waiting' || state === 'queued';
    case 'failed':
      return state === 'failed';
    case 'done':
      return state === 'complete';
  }
}

/** Remembers the last answer for as long as the parts that it was made from are the same ones. */
function memo<Parts extends readonly unknown[], Answer>(
  parts: (state: AppState) => Parts,
  make: (state: AppState) => Answer,
): (state: AppState) => Answer {
  let last: { parts: Parts; answer: Answer } | null = null;
  return (state) => {
    const now = parts(state);
    if (last === null || now.some((part, index) => part !== last?.parts[index])) {
      last = { parts: now, answer: make(state) };
    }
    return last.answer;
  };
}

/** The selectors of one store. Each keeps its last answer, so a screen redraws only when its answer is another one. */
export interface Selectors {
  readonly rows: (state: AppState) => readonly Row[];
  readonly counts: (state: AppState) => Readonly<Record<Filter, number>>;
  /** Place in line of each queued job, from 0. */
  readonly ranks: (state: AppState) => ReadonlyMap<string, number>;
  /** Ids of each batch's jobs in order, the newest batch first. */
  readonly batches: (state: AppState) => ReadonlyMap<string, readonly string[]>;
  /** The job whose live text is open without being asked: the first that has any. */
  readonly firstLive: (state: AppState) => string | null;
  /** What is left of everything and of each batch, made in one pass. A sum that did not change stays the very object that it was. */
  readonly sums: (state: AppState) => Sums;
}

export interface Sums {
  readonly all: Remainder;
  readonly batches: ReadonlyMap<string, Remainder>;
}

/** Selectors with a memory of their own. */
export function createSelectors(): Selectors {
  const batches = memo((state) => [state.structure], groupByBatch);
  const inOrder = memo((state) => [state.structure], orderAll);
  // Of all states none is left out, so that another state lays nothing out anew: with ten thousand rows that is a frame.
  const rows = memo(
    ({ structure, states, filter, search, folded, uploads }) => [
      ...[structure, filter === 'all' ? null : states, filter, search, folded, uploads],
    ],
    (state) => layRows(state, batches(state)),
  );
  return {
    batches,
    rows,
    counts: memo((state) => [state.states], countAll),
    ranks: memo(
      (state) => [state.states],
      (state) => rankQueued(state, inOrder(state)),
    ),
    firstLive: memo(
      (state) => [state.live, state.structure],
      (state) => {
        for (const ids of batches(state).values()) {
          const found = ids.find((id) => state.live.has(id));
          if (found !== undefined) return found;
        }
        return null;
      },
    ),
    sums: sumUp(),
  };
}

function sumUp(): (state: AppState) => Sums {
  let last: Sums | null = null;
  return memo(
    (state) => [state.jobs],
    ({ jobs }) => {
      const all = new Sum();
      const each = new Map<string, Sum>();
      for (const job of jobs.values()) {
        all.add(job);
        const own = each.get(job.batchId) ?? new Sum();
        own.add(job);
        each.set(job.batchId, own);
      }
      const before = last;
      last = {
        all: kept(before?.all, all.remainder()),
        batches: new Map([...each].map(([id, sum]) => [id, kept(before?.batches.get(id), sum.remainder())])),
      };
      return last;
    },
  );
}

function kept(before: Remainder | undefined, now: Remainder): Remainder {
  if (before === undefined) return now;
  const keys = Object.keys(now) as (keyof Remainder)[];
  return keys.every((key) => before[key] === now[key]) ? before : now;
}

function groupByBatch(state: AppState): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, JobView[]>();
  for (const job of state.jobs.values()) {
    const group = groups.get(job.batchId);
    if (group === undefined) groups.set(job.batchId, [job]);
    else group.push(job);
  }
  for (const group of groups.values()) group.sort((a, b) => a.position - b.position);
  const born = (id: string, group: readonly JobView[]): number =>
    state.batches.get(id)?.createdAt ?? group[0]?.createdAt ?? 0;
  return new Map(
    [...groups]
      .sort(
        ([a, one], [b, other]) => born(b, other) - born(a, one) || (one[0]?.position ?? 0) - (other[0]?.position ?? 0),
      )
      .map(([id, group]) => [id, group.map((job) => job.id)]),
  );
}

function layRows(state: AppState, batches: ReadonlyMap<string, readonly string[]>): readonly Row[] {
  const rows: Row[] = [];
  const wanted = state.search.trim().toLowerCase();
  if (state.uploads.length > 0) {
    rows.push({ kind: 'uploads', key: 'uploads' });
    for (const upload of state.uploads) rows.push({ kind: 'upload', key: `upload:${upload.id}`, upload });
  }
  for (const [id, jobIds] of batches) {
    const shown = jobIds.filter((jobId) => {
      const job = state.jobs.get(jobId);
      return (
        job !== undefined && fits(job.state, state.filter) && (wanted === '' || job.name.toLowerCase().includes(wanted))
      );
    });
    if (shown.length === 0) continue;
    const folded = state.folded.has(id);
    rows.push({ kind: 'batch', key: `batch:${id}`, id, folded });
    if (!folded) for (const jobId of shown) rows.push({ kind: 'job', key: jobId, id: jobId });
  }
  return rows;
}

function countAll(state: AppState): Record<Filter, number> {
  const counts: Record<Filter, number> = { all: 0, active: 0, waiting: 0, failed: 0, done: 0 };
  for (const job of state.jobs.values()) {
    for (const filter of FILTERS) if (fits(job.state, filter)) counts[filter] += 1;
  }
  return counts;
}

function orderAll(state: AppState): readonly string[] {
  return [...state.jobs.values()].sort((a, b) => a.position - b.position).map(({ id }) => id);
}

function rankQueued({ jobs }: AppState, inOrder: readonly string[]): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  for (const id of inOrder) if (jobs.get(id)?.state === 'queued') ranks.set(id, ranks.size);
  return ranks;
}

/** What is left of some jobs. Seconds; null where nothing is known. */
export interface Remainder {
  readonly all: number;
  readonly done: number;
  readonly failed: number;
  readonly left: number;
  /** Whether any is being prepared or transcribed. */
  readonly underWay: boolean;
  readonly soundLeft: number | null;
  /** Wall time at the present speed of everything together. Null while anything that it needs is unknown. */
  readonly wallLeft: number | null;
  /** Share of the sound that is done, 0..1. */
  readonly share: number;
  readonly lastFinishedAt: number | null;
  /** US dollars of rented machines; null where none worked at any. */
  readonly costUsd: number | null;
}

/** Of no job at all. */
export const NOTHING_LEFT: Remainder = {
  ...{ all: 0, done: 0, failed: 0, left: 0, underWay: false },
  ...{ soundLeft: null, wallLeft: null, share: 1, lastFinishedAt: null, costUsd: null },
};

class Sum {
  #all = 0;
  #done = 0;
  #failed = 0;
  #left = 0;
  #underWay = false;
  #soundLeft = 0;
  #sound = 0;
  #unknown = 0;
  #speed = 0;
  #lastFinishedAt: number | null = null;
  #costUsd: number | null = null;

  add(job: JobView): void {
    this.#all += 1;
    this.#sound += job.durationSec ?? 0;
    if (job.costUsd !== null) this.#costUsd = (this.#costUsd ?? 0) + job.costUsd;
    if (job.state === 'complete') this.#done += 1;
    if (job.state === 'failed') this.#failed += 1;
    if (isFinal(job.state)) {
      if (job.finishedAt !== null) this.#lastFinishedAt = Math.max(this.#lastFinishedAt ?? 0, job.finishedAt);
      return;
    }
    this.#left += 1;
    if (job.durationSec === null) this.#unknown += 1;
    else this.#soundLeft += Math.max(0, job.durationSec - (job.progress.processedSec ?? 0));
    if (job.state === 'running') this.#speed += job.progress.speed ?? 0;
    if (job.state === 'running' || job.state === 'preparing') this.#underWay = true;
  }

  remainder(): Remainder {
    const [all, left, soundLeft, sound, unknown] = [this.#all, this.#left, this.#soundLeft, this.#sound, this.#unknown];
    const known = left > 0 && soundLeft > 0;
    return {
      ...{ all, left, done: this.#done, failed: this.#failed, underWay: this.#underWay },
      soundLeft: known ? soundLeft : null,
      wallLeft: known && unknown === 0 && this.#speed > 0 ? soundLeft / this.#speed : null,
      share: left === 0 ? 1 : sound > 0 && unknown === 0 ? Math.max(0, 1 - soundLeft / sound) : (all - left) / all,
      lastFinishedAt: this.#lastFinishedAt,
      costUsd: this.#costUsd,
    };
  }
}
