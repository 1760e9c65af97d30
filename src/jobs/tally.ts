// Owns the sums over jobs: how many are in which state, how much sound there is, how much of it is done, how long the rest takes.

import type { Tally } from '../contract/batch.ts';
import type { JobState } from '../contract/job.ts';

/** Jobs of one state, summed up. Seconds of recordings; `unmeasured` jobs have no length yet. */
export interface StateSum {
  readonly state: JobState;
  readonly jobs: number;
  readonly unmeasured: number;
  readonly seconds: number;
}

/** What is known of jobs under way besides their rows. */
export interface UnderWay {
  /** Seconds of recordings that are transcribed of jobs that are not over. */
  readonly processedSec: number;
  /** Seconds of recordings a second that all workers together do; null where nothing was measured. */
  readonly speed: number | null;
}

/** States in which nothing of a recording is left to be transcribed. */
const HEARD: ReadonlySet<JobState> = new Set(['receiving', 'complete']);
/** States in which nothing will be. */
const GIVEN_UP: ReadonlySet<JobState> = new Set(['failed', 'canceled']);

export function tallyOf(sums: readonly StateSum[], { processedSec, speed }: UnderWay): Tally {
  const counts: Tally['counts'] = {};
  let jobs = 0;
  let unmeasured = 0;
  let totalSec = 0;
  let heard = 0;
  let left = 0;
  let leftUnmeasured = 0;
  for (const sum of sums) {
    if (sum.jobs === 0) continue;
    counts[sum.state] = (counts[sum.state] ?? 0) + sum.jobs;
    jobs += sum.jobs;
    unmeasured += sum.unmeasured;
    totalSec += sum.seconds;
    if (HEARD.has(sum.state)) heard += sum.seconds;
    else if (!GIVEN_UP.has(sum.state)) {
      left += sum.seconds;
      leftUnmeasured += sum.unmeasured;
    }
  }
  const measured = jobs - unmeasured;
  const usual = measured === 0 ? null : totalSec / measured;
  const soundLeft = leftUnmeasured === 0 ? left : usual === null ? null : left + leftUnmeasured * usual;
  const rest = soundLeft === null ? null : Math.max(0, soundLeft - processedSec);
  const etaSec = rest === 0 ? 0 : rest === null || speed === null || speed <= 0 ? null : rest / speed;
  return {
    counts,
    jobs,
    unmeasured,
    totalSec,
    processedSec: Math.min(totalSec, heard + processedSec),
    etaSec: jobs === 0 ? null : etaSec,
  };
}
