// Owns the body of POST /v1/jobs: a job's frozen options and source, with fresh links for its open attempt.

import { createHash } from 'node:crypto';
import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import { TRANSCRIPT_LIMITS } from '../contract/transcript.ts';
import type { JobRequest } from '../contract/worker-wire.ts';
import type { JobRecord, PreparedSource } from '../jobs/record.ts';
import { sentFile } from '../jobs/sent-file.ts';
import type { LinkSigner } from './ports.ts';
import type { WorkerLink } from './worker-link.ts';

/** Seconds that a link lives; the attempt's follower posts new ones long before (attempt-runner.ts), and they die with their attempt. */
export const LINK_LIFE_SECONDS = 3600;

/**
 * Seconds that a deployed worker's links live: it takes no newer ones, and sends its outputs when all is done. Superseded attempts are
 * refused whatever their links say.
 */
const DEPLOYED_LINK_LIFE_SECONDS = 48 * 3600;

/** The one input of a job. */
export const INPUT_ID = 'in_1';

export function idempotencyKey(job: JobRecord): string {
  return `${job.id}:${job.attempt}`;
}

/**
 * The same body for both parts of the protocol: a deployed worker passes over what it does not know.
 * @throws AppError INTERNAL when the job was not prepared, or the worker cannot reach this computer; TOO_LARGE, UNSUPPORTED_OPTION for what
 * a deployed worker would not refuse by itself.
 */
export function jobRequest(
  job: JobRecord,
  worker: Pick<WorkerLink, 'isDeployed' | 'linkBase' | 'ping' | 'name'>,
  links: LinkSigner,
  installId: string,
  nowMs: number,
): JobRequest {
  const { options } = job;
  if (job.source === null) throw new AppError('INTERNAL', `Job ${job.id} was offered before it was prepared.`);
  const { source } = sentFile(job.sourcePath, job.source);
  const { isDeployed, linkBase: base } = worker;
  if (base === null) throw new AppError('INTERNAL', `Job ${job.id} was offered to a worker that cannot reach it.`);
  if (isDeployed) assertPossible(job, source.sizeBytes, worker);
  if (options.channels === 'separate') assertSeparates(worker);
  const expiresSec = Math.floor(nowMs / 1000) + (isDeployed ? DEPLOYED_LINK_LIFE_SECONDS : LINK_LIFE_SECONDS);
  const link = { base, jobId: job.id, attempt: job.attempt, expiresSec };
  const exact = options.speakers !== null && options.speakers.min === options.speakers.max;
  return {
    controllerJobId: job.id,
    controllerSessionHash: createHash('sha256').update(installId).digest('hex').slice(0, 12),
    attempt: job.attempt,
    inputs: [
      {
        inputId: INPUT_ID,
        filename: isDeployed ? plainName(job.name) : job.name,
        contentType: source.contentType,
        sizeBytes: source.sizeBytes,
        sha256: source.sha256,
        ...soundOf(source),
        downloadUrl: links.inputLink({
          ...link,
          inputId: INPUT_ID,
          sizeBytes: source.sizeBytes,
          sha256: source.sha256,
        }),
      },
    ],
    options: {
      model: options.model,
      language: options.language,
      diarizationEnabled: options.diarize,
      diarizationOptional: options.diarizeOptional ?? false,
      diarizationEffective: {
        minSpeakers: exact ? null : (options.speakers?.min ?? null),
        maxSpeakers: exact ? null : (options.speakers?.max ?? null),
        numSpeakers: exact ? (options.speakers?.min ?? null) : null,
      },
      vadEnabled: true,
      wordTimestamps: true,
      initialPrompt: options.initialPrompt,
      hotwords: options.hotwords,
      channels: options.channels ?? 'mix',
    },
    callbackUrl: links.completeLink(link),
    outputsUploadUrl: links.outputLink({ ...link, inputId: INPUT_ID, maxBytes: TRANSCRIPT_LIMITS.bytes }),
  };
}

/** Where in the file the sound lies, and when in the recording it begins. */
function soundOf({ media, copy }: PreparedSource): { readonly audioTrack: number | null; readonly startSec: number } {
  // A copy holds the one track and nothing that says how late it begins; the recording itself says that.
  return copy === undefined
    ? { audioTrack: media?.track ?? null, startSec: 0 }
    : { audioTrack: 1, startSec: media?.startSec ?? 0 };
}

/** @throws AppError UNSUPPORTED_OPTION when the worker would mix the channels without a word. */
function assertSeparates({ ping, name }: Pick<WorkerLink, 'ping' | 'name'>): void {
  if (ping?.features.includes('channels') !== true)
    throw new AppError('UNSUPPORTED_OPTION', say('lacks_channels', { worker: name }));
}

/** A deployed worker makes paths of names: what could be a path is taken out, its ending stays. */
function plainName(name: string): string {
  return name.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}/\\:*?"<>|]/gu, '_').replace(/^\.+/, '_') || 'recording';
}

/**
 * A deployed worker advertises its limits and keeps to none of them: it would fail late, or leave out what was asked for.
 * @throws AppError TOO_LARGE, UNSUPPORTED_OPTION
 */
function assertPossible(job: JobRecord, sizeBytes: number, { ping, name }: Pick<WorkerLink, 'ping' | 'name'>): void {
  if (ping?.maxFileMB != null && sizeBytes > ping.maxFileMB * 1024 * 1024)
    throw new AppError('TOO_LARGE', say('lacks_size', { worker: name, megabytes: ping.maxFileMB }));
  if (job.options.diarize && ping?.diarization === false && job.options.diarizeOptional !== true)
    throw new AppError('UNSUPPORTED_OPTION', say('lacks_speakers', { worker: name }));
}
