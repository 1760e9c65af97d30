// Owns the command `transcribe`: queue recordings, show how far they are, wait for their end, and say what became of each.

import { resolve } from 'node:path';
import type { AppApi } from '../../contract/api.ts';
import type { ErrorReport } from '../../contract/errors.ts';
import { explain, toAppError } from '../../contract/errors.ts';
import type { JobView } from '../../contract/job.ts';
import { couldSeparate, isFinal } from '../../contract/job.ts';
import type { ExportFormat, JobOptions, JobOptionsPatch } from '../../contract/options.ts';
import { isUnanswered } from '../engine-client.ts';
import { SYSTEM_CLOCK } from '../system.ts';
import { AwayWatch } from './away-watch.ts';
import type { EngineAccess, GlobalOptions } from './engine-access.ts';
import { accessEngine } from './engine-access.ts';
import type { StyleOptions } from './export-style.ts';
import { styleOf } from './export-style.ts';
import { namedPaths, refuseUnwritable } from './named-paths.ts';
import { CHANNELS, JsonLines, ProgressLines } from './progress-lines.ts';
import { printable } from './terminal-text.ts';

export interface TranscribeOptions extends GlobalOptions, StyleOptions {
  readonly out?: string;
  readonly formats?: ExportFormat[];
  readonly model?: string;
  readonly language?: string;
  readonly diarize?: boolean;
  readonly diarizeOptional?: boolean;
  readonly speakers?: { readonly min: number; readonly max: number };
  readonly prompt?: string;
  readonly existing?: JobOptions['conflict'];
  readonly whenDone?: JobOptions['whenDone'];
  readonly profile?: string;
  readonly nameTemplate?: string;
  readonly track?: number;
  readonly channels?: JobOptions['channels'];
  readonly send?: JobOptions['send'];
}

/** Exit codes: every file written; something was not; no worker can do it now; the app went away; stopped by the person. */
const EXIT = { written: 0, notAll: 1, cannot: 3, gone: 4, interrupted: 130 } as const;

/** @returns the exit code: 0 only when every file that was asked for was written. */
export async function transcribe(given: readonly string[], options: TranscribeOptions): Promise<number> {
  const paths = await namedPaths(given);
  if (options.out !== undefined) await refuseUnwritable(options.out);
  const access = await accessEngine(options, 'work');
  try {
    return await run(access, paths, options);
  } finally {
    await access.close();
  }
}

async function run(access: EngineAccess, paths: readonly string[], options: TranscribeOptions): Promise<number> {
  const { api, elsewhere } = access;
  const lines = options.json ? new JsonLines(process.stdout) : new ProgressLines(process.stdout, SYSTEM_CLOCK);
  const away = new AwayWatch(SYSTEM_CLOCK, (news) => lines.engine(news));
  const unwatch = access.onPresence(away.see);
  const mine = new Map<string, JobView>();
  let over: (() => void) | null = null;
  const ended = new Promise<void>((done) => {
    over = done;
  });
  /** Those that are waited for. */
  const open = new Set<string>();
  let batchId: string | null = null;
  const take = (job: JobView | null): void => {
    if (job === null || !mine.has(job.id)) return;
    mine.set(job.id, job);
    lines.job(job);
    // What no worker can do may wait for days: it stays in the queue, and nobody is kept waiting here.
    if (isFinal(job.state) || job.waiting?.reason === 'worker_lacks') open.delete(job.id);
    else open.add(job.id);
    if (open.size === 0) over?.();
  };
  const drop = (id: string): void => {
    if (!mine.delete(id)) return;
    open.delete(id);
    if (open.size === 0) over?.();
  };
  /** Asks how all of them are now: a page of a thousand at a time. */
  const refresh = async (): Promise<void> => {
    if (batchId === null) return;
    const missed = new Set(mine.keys());
    for (let cursor: string | undefined, more = true; more; ) {
      const page = await api.call('listJobs', { batchId, limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
      for (const job of page.jobs) {
        missed.delete(job.id);
        take(job);
      }
      cursor = page.nextCursor ?? undefined;
      more = cursor !== undefined;
    }
    // Removed, or moved from one page to another meanwhile.
    for (const id of missed)
      take(
        await api.call('getJob', { id }).catch((thrown: unknown) => {
          if (toAppError(thrown).code !== 'NOT_FOUND') throw thrown;
          drop(id);
          return null;
        }),
      );
  };
  // At every `ready`: the stream of an engine elsewhere may have been cut. One that is gone again will be heard of by another `ready`.
  const unsubscribe = api.subscribe((event) => {
    if (event.type === 'ready') refresh().catch(() => undefined);
    else if (event.type === 'job') take(event.job);
    else if (event.type === 'progress') {
      const job = mine.get(event.id);
      if (job !== undefined) take({ ...job, progress: event.progress });
    } else if (event.type === 'worker') lines.worker(event.worker);
    else if (event.type === 'batch') lines.batch(event.batch);
    else if (event.type === 'job-removed') drop(event.id);
  });
  try {
    const { batch, jobs, refused } = await api.call('addJobs', {
      paths: [...paths],
      options: patch(options),
      ...(options.profile === undefined ? {} : { profile: options.profile }),
    });
    batchId = batch?.id ?? null;
    for (const job of jobs) {
      mine.set(job.id, job);
      open.add(job.id);
      lines.job(job);
    }
    // A job may have ended before its id was known here. Of an app that went away since, the next `ready` tells.
    await refresh().catch((thrown: unknown) => {
      if (!elsewhere || !isUnanswered(thrown)) throw thrown;
    });
    const end =
      mine.size === 0
        ? 'ended'
        : await Promise.race([ended.then(() => 'ended'), interruption(), away.gone.then(() => 'gone')]);
    lines.close();
    if (end === 'gone') return EXIT.gone;
    if (end === 'interrupted') {
      process.stderr.write(
        elsewhere
          ? 'Stopped watching. The app goes on.\n'
          : 'Stopped. The queue is kept; "bulk-transcribe serve" goes on with it.\n',
      );
      return EXIT.interrupted;
    }
    return await report(api, lines, [...mine.values()], refused);
  } finally {
    unwatch();
    away.close();
    unsubscribe();
    lines.close();
  }
}

function patch(options: TranscribeOptions): JobOptionsPatch {
  return {
    model: options.model,
    language: options.language,
    // Who says how many speakers there are wants them.
    diarize: options.diarize ?? (options.speakers !== undefined || options.diarizeOptional ? true : undefined),
    diarizeOptional: options.diarizeOptional,
    speakers: options.speakers,
    initialPrompt: options.prompt,
    formats: options.formats,
    conflict: options.existing,
    whenDone: options.whenDone,
    outDir: options.out === undefined ? undefined : resolve(options.out),
    nameTemplate: options.nameTemplate,
    exports: styleOf(options),
    track: options.track,
    channels: options.channels,
    send: options.send,
  };
}

async function report(
  api: AppApi,
  lines: ProgressLines | JsonLines,
  jobs: readonly JobView[],
  refused: readonly { readonly path: string; readonly error: ErrorReport }[],
): Promise<number> {
  for (const { path, error } of refused) lines.refused(path, error);
  const failed = jobs.filter((job) => job.state !== 'complete');
  const undoable = new Set(failed.filter(({ waiting }) => waiting?.reason === 'worker_lacks'));
  lines.summary(jobs, refused.length);
  for (const job of failed) {
    if (undoable.has(job)) {
      process.stderr.write(`${printable(job.name)}: ${job.waiting?.message ?? ''}\n  It stays in the queue.\n`);
      if (await holdsVoicesApart(api, job)) process.stderr.write(`  It may need no such worker: ${CHANNELS}\n`);
      continue;
    }
    const { what, lost, todo } = explain(job.error ?? { code: 'INTERNAL', message: '' });
    process.stderr.write(`${printable(job.name)}: ${what}\n  ${lost} ${todo}\n`);
  }
  if (undoable.size > 0 && undoable.size === failed.length && refused.length === 0) return EXIT.cannot;
  return failed.length === 0 && refused.length === 0 ? EXIT.written : EXIT.notAll;
}

/** Looks into a recording that nobody looked into yet, since no worker can take it as it is. */
async function holdsVoicesApart(api: AppApi, job: JobView): Promise<boolean> {
  if (!job.options.diarize || job.media !== undefined) return couldSeparate(job);
  const probed = await api.call('probe', { path: job.sourcePath }).catch(() => null);
  return probed !== null && couldSeparate({ ...job, media: probed.media });
}

function interruption(): Promise<'interrupted'> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done('interrupted'));
  });
}
