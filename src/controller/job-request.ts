// Owns the body of POST /v1/jobs: a job's frozen options and source, with fresh links for its open attempt.

import { createHash } from 'node:crypto';
import { AppError } from '../contract/errors.ts';
import { TRANSCRIPT_LIMITS } from '../contract/transcript.ts';
import { TUNNEL_BASE_URL } from '../contract/tunnel-wire.ts';
import type { JobRequest } from '../contract/worker-wire.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { LinkSigner } from './ports.ts';

/** Seconds that a link lives; the attempt's follower posts new ones long before (attempt-runner.ts), and they die with their attempt. */
export const LINK_LIFE_SECONDS = 3600;

/** The one input of a part-2 job. */
const INPUT_ID = 'in_1';

export function idempotencyKey(job: JobRecord): string {
  return `${job.id}:${job.attempt}`;
}

/** @throws AppError INTERNAL when the job was not prepared. */
export function jobRequest(job: JobRecord, links: LinkSigner, installId: string, nowMs: number): JobRequest {
  const { source, options } = job;
  if (source === null) throw new AppError('INTERNAL', `Job ${job.id} was offered before it was prepared.`);
  const base = TUNNEL_BASE_URL;
  const expiresSec = Math.floor(nowMs / 1000) + LINK_LIFE_SECONDS;
  const link = { base, jobId: job.id, attempt: job.attempt, expiresSec };
  const exact = options.speakers !== null && options.speakers.min === options.speakers.max;
  return {
    controllerJobId: job.id,
    controllerSessionHash: createHash('sha256').update(installId).digest('hex').slice(0, 12),
    attempt: job.attempt,
    inputs: [
      {
        inputId: INPUT_ID,
        filename: job.name,
        contentType: source.contentType,
        sizeBytes: source.sizeBytes,
        sha256: source.sha256,
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
      diarizationEffective: {
        minSpeakers: exact ? null : (options.speakers?.min ?? null),
        maxSpeakers: exact ? null : (options.speakers?.max ?? null),
        numSpeakers: exact ? (options.speakers?.min ?? null) : null,
      },
      vadEnabled: true,
      wordTimestamps: true,
      initialPrompt: options.initialPrompt,
      hotwords: options.hotwords,
    },
    callbackUrl: links.completeLink(link),
    outputsUploadUrl: links.outputLink({ ...link, inputId: INPUT_ID, maxBytes: TRANSCRIPT_LIMITS.bytes }),
  };
}
