// Owns the commands about many jobs at once and the queue's order: cancel, retry, remove, pause, resume, move, batches.

import type { ApiParams, AppApi } from '../../contract/api.ts';
import type { BatchView, QueueView, Tally } from '../../contract/batch.ts';
import { AppError, explain } from '../../contract/errors.ts';
import type { JobState } from '../../contract/job.ts';
import type { Place, Selection, SelectionResult } from '../../contract/selection.ts';
import type { GlobalOptions } from './engine-access.ts';
import { withEngine } from './engine-access.ts';
import { printable } from './terminal-text.ts';

/** What is named on the command line: ids, or a batch, or all. */
export interface Named extends GlobalOptions {
  readonly batch?: string;
  readonly all?: boolean;
  readonly state?: JobState[];
}

export type ManyCall = 'cancelJobs' | 'retryJobs' | 'removeJobs' | 'pauseJobs' | 'resumeJobs';

/** Exit codes of changes: all that was named was changed; something was refused. */
const EXIT = { done: 0, refused: 1 } as const;

const DONE: Record<ManyCall, string> = {
  cancelJobs: 'canceled',
  retryJobs: 'queued again',
  removeJobs: 'removed',
  pauseJobs: 'paused',
  resumeJobs: 'resumed',
};

/** Changes the jobs that are named. */
export function changeMany(name: ManyCall): (ids: readonly string[], options: Named) => Promise<number> {
  return (ids, options) =>
    withEngine(options, async (api) => report(await api.call(name, selectionOf(ids, options)), options, DONE[name]));
}

/** Pauses or resumes jobs, a batch, or (nothing named) the whole queue. */
export function pauseOrResume(what: 'pause' | 'resume'): (ids: readonly string[], options: Named) => Promise<number> {
  return (ids, options) =>
    withEngine(options, async (api) => {
      if (ids.length > 0 || options.all === true) {
        const name = what === 'pause' ? 'pauseJobs' : 'resumeJobs';
        return report(await api.call(name, selectionOf(ids, options)), options, DONE[name]);
      }
      if (options.batch !== undefined) {
        const batch = await api.call(what === 'pause' ? 'pauseBatch' : 'resumeBatch', { id: options.batch });
        print(options.json ? JSON.stringify(batch) : batchLine(batch));
        return EXIT.done;
      }
      const queue = await api.call(what === 'pause' ? 'pauseQueue' : 'resumeQueue', {});
      print(options.json ? JSON.stringify(queue) : queueLine(queue));
      return EXIT.done;
    });
}

export interface MoveOptions extends GlobalOptions {
  readonly top?: boolean;
  readonly bottom?: boolean;
  readonly before?: string;
  readonly after?: string;
  /** The ids are those of batches. */
  readonly batches?: boolean;
}

/** Puts jobs or batches elsewhere in the queue. */
export async function moveJobs(ids: string[], options: MoveOptions): Promise<number> {
  const places: Place[] = [
    ...(options.top === true ? [{ to: 'top' as const }] : []),
    ...(options.bottom === true ? [{ to: 'bottom' as const }] : []),
    ...(options.before === undefined ? [] : [{ before: options.before }]),
    ...(options.after === undefined ? [] : [{ after: options.after }]),
  ];
  const [place] = places;
  if (place === undefined || places.length > 1)
    throw new AppError('BAD_REQUEST', 'Say where to: one of --top, --bottom, --before ID, --after ID.');
  const what: ApiParams<'moveJobs'> = options.batches === true ? { batchIds: ids, place } : { ids, place };
  const { moved } = await withEngine(options, (api) => api.call('moveJobs', what));
  print(options.json ? JSON.stringify({ moved }) : `${moved} moved.`);
  if (moved === 0 && options.json !== true)
    process.stderr.write(
      `${options.batches === true ? 'No batch' : 'No job'} that is named here can be moved: it is over, or not there.\n`,
    );
  return moved > 0 ? EXIT.done : EXIT.refused;
}

/** Prints the batches, newest first, and how far the queue is. */
export async function listBatches(options: GlobalOptions): Promise<number> {
  await withEngine(options, async (api) => {
    for await (const batch of everyBatch(api)) print(options.json ? JSON.stringify(batch) : batchLine(batch));
    if (options.json !== true) print(queueLine(await api.call('getQueue', {})));
  });
  return EXIT.done;
}

async function* everyBatch(api: AppApi): AsyncGenerator<BatchView> {
  let cursor: string | undefined;
  do {
    const page = await api.call('listBatches', { limit: 500, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.batches;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

function selectionOf(ids: readonly string[], { batch, all, state }: Named): Selection {
  const only = state === undefined ? {} : { states: state };
  const named = [ids.length > 0, batch !== undefined, all === true].filter((is) => is).length;
  if (named !== 1) throw new AppError('BAD_REQUEST', 'Name either ids, or a batch with --batch ID, or all with --all.');
  if (batch !== undefined) return { batchId: batch, ...only };
  return all === true ? { all, ...only } : { ids: [...ids], ...only };
}

function report({ changed, refused }: SelectionResult, options: GlobalOptions, done: string): number {
  if (options.json) print(JSON.stringify({ changed, refused }));
  else print(`${changed.length} ${done}.`);
  if (options.json !== true)
    for (const { id, error } of refused) process.stderr.write(`${printable(id)}: ${explain(error).what}\n`);
  return refused.length === 0 ? EXIT.done : EXIT.refused;
}

function batchLine(batch: BatchView): string {
  return `${batch.id}  ${printable(batch.name)}  ${tallyText(batch)}${batch.pausedSince === null ? '' : '  (paused)'}`;
}

function queueLine(queue: QueueView): string {
  return `Queue: ${tallyText(queue)}${queue.pausedSince === null ? '' : '  (paused)'}`;
}

function tallyText({ counts, jobs, unmeasured, totalSec, processedSec, etaSec }: Tally): string {
  const states = Object.entries(counts).map(([state, count]) => `${count} ${state}`);
  // How long a recording is, is known when it was looked at.
  const all = unmeasured === 0 ? clock(totalSec) : `the ${clock(totalSec)} known so far`;
  const sound = totalSec > 0 ? `, ${clock(processedSec)} of ${all}` : '';
  const left = etaSec === null || etaSec === 0 ? '' : `, about ${clock(etaSec)} left`;
  return `${jobs} recordings (${states.join(', ') || 'none'})${sound}${left}`;
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${Math.floor(whole / 3600)}:${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
