// Owns what a row says about where its job is: one sentence, its tone, and how far, from the job alone.

import type { JobView } from '../../contract/job.ts';
import { clock, moment, sizeOf, span } from '../format.ts';
import { engineText, explain, t } from '../strings/texts.ts';

/** `lead` is the word that carries the tone; colour never stands alone. */
export interface StageLine {
  readonly tone: 'live' | 'quiet' | 'good' | 'warn' | 'bad';
  readonly lead: string | null;
  readonly text: string;
  /** 0..100; null: under way, share unknown; undefined: nothing is under way. */
  readonly percent: number | null | undefined;
  /** What is left to say where there is room for it. */
  readonly more: string | null;
}

const under = (text: string, percent: number | null): StageLine => ({
  tone: 'live',
  lead: null,
  text,
  percent,
  more: null,
});
const still = (
  tone: StageLine['tone'],
  text: string,
  lead: string | null = null,
  more: string | null = null,
): StageLine => ({
  tone,
  lead,
  text,
  percent: undefined,
  more,
});

/** The line of a job. `rank`: its place among the queued ones. */
export function stageLine(job: JobView, rank: number | undefined, now: number): StageLine {
  switch (job.state) {
    case 'queued':
      return still('quiet', rank === undefined ? t.stage.queuedPlain : t.stage.queued(rank));
    case 'preparing':
      return under(t.stage.preparing, null);
    case 'dispatching':
      return under(t.stage.dispatching, null);
    case 'running':
      return runningLine(job);
    case 'receiving':
      return under(t.stage.receiving, null);
    case 'waiting': {
      const text = job.waiting === null ? t.stage.queuedPlain : t.stage.waiting[job.waiting.reason];
      const until = job.waiting?.until ?? null;
      const again = until === null || until <= now ? null : t.stage.again(moment(until, now));
      const said = job.waiting === null || job.waiting.message === '' ? null : engineText(job.waiting.message);
      return still('warn', text, t.stage.waitingLead, [said, again].filter((part) => part !== null).join(' ') || null);
    }
    case 'failed': {
      if (job.error === null) return still('bad', '', t.stage.failedLead);
      const { what, lost, todo } = explain(job.error);
      return still('bad', what, t.stage.failedLead, `${lost} ${todo}`);
    }
    case 'canceled':
      return still('quiet', t.stage.canceled);
    case 'complete': {
      if (job.copiedFrom !== null) return still('good', t.stage.copied);
      const took = job.startedAt === null || job.finishedAt === null ? null : (job.finishedAt - job.startedAt) / 1000;
      return still('good', t.stage.done(took === null ? null : span(took)));
    }
  }
}

function runningLine(job: JobView): StageLine {
  const { progress } = job;
  switch (job.stage) {
    case 'downloading':
      return progress.sentBytes !== null && progress.totalBytes !== null
        ? under(t.stage.sending(sizeOf(progress.sentBytes, progress.totalBytes)), progress.percent)
        : under(t.stage.stages.downloading, null);
    case 'loading_model':
      return progress.modelBytes !== null && progress.modelTotalBytes !== null
        ? under(t.stage.fetchingModel(sizeOf(progress.modelBytes, progress.modelTotalBytes)), progress.percent)
        : under(t.stage.stages.loading_model, null);
    case 'transcribing':
      return progress.processedSec !== null && progress.totalSec !== null
        ? under(`${clock(progress.processedSec)} / ${clock(progress.totalSec)}`, progress.percent)
        : under(t.stage.stages.transcribing, null);
    case 'diarizing':
      return under(t.stage.stages.diarizing, null);
    default:
      return under(t.stage.stages[job.stage ?? 'queued'], null);
  }
}

/** How many times real time: while it runs as measured, afterwards over all. Null where it is not known. */
export function speedOf(job: JobView): number | null {
  if (job.state === 'running') return job.stage === 'transcribing' ? job.progress.speed : null;
  // Of one that was not transcribed there is nothing to measure.
  if (
    job.state !== 'complete' ||
    job.copiedFrom !== null ||
    job.startedAt === null ||
    job.finishedAt === null ||
    job.durationSec === null
  )
    return null;
  const wall = (job.finishedAt - job.startedAt) / 1000;
  return wall > 0 ? job.durationSec / wall : null;
}
