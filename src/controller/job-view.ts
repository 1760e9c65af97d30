// Owns how a job record becomes the view that leaves the engine.

import type { JobProgress, JobView, OutputFile } from '../contract/job.ts';
import type { JobRecord } from '../jobs/record.ts';
import { sentView } from '../jobs/sent-file.ts';

/** What the view needs beside the record. */
export interface ViewFacts {
  readonly progress: JobProgress;
  readonly outputs: readonly OutputFile[];
  readonly workerName: string | null;
  /** US dollars. */
  readonly costUsd: number | null;
}

export function viewJob(job: JobRecord, facts: ViewFacts): JobView {
  return {
    id: job.id,
    batchId: job.batchId,
    position: job.position,
    name: job.name,
    sourcePath: job.sourcePath,
    sizeBytes: job.source?.sizeBytes ?? null,
    durationSec: job.source?.durationSec ?? facts.progress.totalSec,
    sha256: job.source?.sha256 ?? null,
    state: job.state,
    stage: job.stage,
    waiting: job.waiting,
    error: job.error,
    attempt: job.attempt,
    options: job.options,
    progress: facts.progress,
    workerId: job.open?.workerId ?? job.lastWorkerId,
    workerName: facts.workerName,
    outputs: [...facts.outputs],
    hasTranscript: job.transcriptSha256 !== null,
    copiedFrom: job.copiedFrom,
    costUsd: facts.costUsd,
    media: job.source?.media,
    sent: job.source === null ? undefined : sentView(job.source),
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    updatedAt: job.updatedAt,
  };
}
