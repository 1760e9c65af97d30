// Owns how far a job is: speed, time left and percent from what the worker and the tunnel report. Time is an argument.

import type { JobProgress, JobStage } from '../contract/job.ts';
import { NO_PROGRESS } from '../contract/job.ts';
import type { Instant } from './record.ts';

/** Seconds of wall time that must have passed, and seconds of recording gained, before a speed is believed. */
const MEASURE_SECONDS = 1;
const MEASURE_GAIN = 0.1;

/** What is measured about the attempt that runs; begins empty. */
export interface ProgressMeter {
  readonly stage: JobStage | null;
  readonly transcribingSince: Instant | null;
  readonly processedAtStart: number;
  readonly progress: JobProgress;
}

export const EMPTY_METER: ProgressMeter = {
  stage: null,
  transcribingSince: null,
  processedAtStart: 0,
  progress: NO_PROGRESS,
};

/** One observation: any field that is undefined keeps what was known. Seconds of the recording; bytes of the source. */
export interface Observation {
  readonly stage?: JobStage | undefined;
  readonly processedSec?: number | null | undefined;
  readonly totalSec?: number | null | undefined;
  readonly sentBytes?: number | undefined;
  readonly totalBytes?: number | undefined;
  /** Null: no model is being fetched (any more). */
  readonly modelBytes?: number | null | undefined;
  readonly modelTotalBytes?: number | null | undefined;
}

/** The meter after `seen`. `processedSec` never runs backwards within an attempt, and percent is known only while something is counted. */
export function observe(meter: ProgressMeter, seen: Observation, now: Instant): ProgressMeter {
  const before = meter.progress;
  const stage = seen.stage ?? meter.stage;
  const totalSec = seen.totalSec ?? before.totalSec;
  const heard = seen.processedSec ?? before.processedSec;
  // Clamped last: the length may become known after the first seconds were counted.
  const most = totalSec ?? Number.POSITIVE_INFINITY;
  const processedSec = heard === null ? null : Math.min(Math.max(before.processedSec ?? 0, heard), most);
  const begins = stage === 'transcribing' && meter.transcribingSince === null;
  const transcribingSince = begins ? now : meter.transcribingSince;
  const processedAtStart = begins ? (processedSec ?? 0) : meter.processedAtStart;
  const sentBytes = seen.sentBytes === undefined ? before.sentBytes : Math.max(before.sentBytes ?? 0, seen.sentBytes);
  const totalBytes = seen.totalBytes ?? before.totalBytes;
  const modelBytes = seen.modelBytes === undefined ? before.modelBytes : seen.modelBytes;
  const modelTotalBytes = seen.modelTotalBytes === undefined ? before.modelTotalBytes : seen.modelTotalBytes;

  const wall = transcribingSince === null ? 0 : (now - transcribingSince) / 1000;
  const gained = (processedSec ?? 0) - processedAtStart;
  const measured = wall >= MEASURE_SECONDS && gained >= MEASURE_GAIN;
  const speed = measured ? gained / wall : before.speed;
  const etaSec =
    speed !== null && speed > 0 && totalSec !== null && processedSec !== null
      ? (totalSec - processedSec) / speed
      : null;
  const percent = percentOf(stage, { processedSec, totalSec, sentBytes, totalBytes, modelBytes, modelTotalBytes });
  return {
    stage,
    transcribingSince,
    processedAtStart,
    progress: { percent, processedSec, totalSec, speed, sentBytes, totalBytes, modelBytes, modelTotalBytes, etaSec },
  };
}

function percentOf(stage: JobStage | null, known: Omit<JobProgress, 'percent' | 'speed' | 'etaSec'>): number | null {
  if (stage === 'downloading' && known.sentBytes !== null && known.totalBytes)
    return share(known.sentBytes, known.totalBytes);
  if (stage === 'loading_model')
    return known.modelBytes !== null && known.modelTotalBytes ? share(known.modelBytes, known.modelTotalBytes) : null;
  if (known.processedSec !== null && known.totalSec) return share(known.processedSec, known.totalSec);
  return null;
}

function share(part: number, whole: number): number {
  return Math.min(100, Math.round((1000 * part) / whole) / 10);
}
