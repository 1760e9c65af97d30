// Owns what a worker may ask of the engine through the tunnel: the recording of its open attempt, and a place for its transcript.

import { AppError } from '../contract/errors.ts';
import { deliveredTranscriptSchema } from '../contract/segment-check.ts';
import { say } from '../contract/sentences.ts';
import type { JobRecord, PreparedSource } from '../jobs/record.ts';
import { sentFile } from '../jobs/sent-file.ts';
import type { DeployedOutputs } from './deployed-outputs.ts';
import type { JobBoard } from './job-board.ts';
import type { JobLedger } from './job-ledger.ts';
import type { DeployedOutput, WorkerFacing } from './ports.ts';
import type { WorkerRoster } from './worker-roster.ts';

export class Deliveries implements WorkerFacing {
  readonly #ledger: JobLedger;
  readonly #board: JobBoard;
  readonly #roster: WorkerRoster;
  readonly #deployed: DeployedOutputs;

  constructor(ledger: JobLedger, board: JobBoard, roster: WorkerRoster, deployed: DeployedOutputs) {
    this.#ledger = ledger;
    this.#board = board;
    this.#roster = roster;
    this.#deployed = deployed;
  }

  /** The job's present or last worker: one that missed an answer may ask again, and a late one is told that it was superseded. */
  authorized(jobId: string, token: string): boolean {
    const worker = this.#ledger.get(jobId)?.lastWorkerId ?? null;
    return worker !== null && this.#roster.tokenMatches(worker, token);
  }

  source(jobId: string, attempt: number): { readonly path: string; readonly source: PreparedSource } {
    const job = this.#open(jobId, attempt);
    if (job.source === null) throw superseded();
    const file = sentFile(job.sourcePath, job.source);
    this.#board.observe(jobId, attempt, { totalBytes: file.source.sizeBytes });
    return file;
  }

  sent(jobId: string, attempt: number, upTo: number, bytes: number): boolean {
    this.#board.observe(jobId, attempt, { sentBytes: upTo });
    const job = this.#ledger.get(jobId);
    if (job?.lastWorkerId != null) this.#roster.get(job.lastWorkerId)?.sent(bytes);
    return job !== null && job.open !== null && job.attempt === attempt;
  }

  async deliver(
    jobId: string,
    attempt: number,
    body: { readonly json: string; readonly sha256: string },
  ): Promise<void> {
    const job = this.#ledger.get(jobId);
    if (job === null || job.attempt !== attempt) throw superseded();
    // The worker did not hear the first answer: the same bytes are acknowledged again, other bytes never replace them.
    if (job.transcriptSha256 === body.sha256) return;
    if (job.transcriptSha256 !== null || job.open === null) throw superseded();
    assertTranscriptOf(job, body.json);
    const event = { type: 'delivered', attempt, sha256: body.sha256 } as const;
    if ((await this.#ledger.deliver(jobId, event, body.json)) !== null) return;
    // Another call of the same turn may have brought the same.
    const now = this.#ledger.get(jobId);
    if (now?.attempt !== attempt || now.transcriptSha256 !== body.sha256) throw superseded();
  }

  receive(jobId: string, attempt: number, upload: DeployedOutput): boolean {
    return this.#deployed.take(this.#open(jobId, attempt), upload);
  }

  openAtDeployed(jobId: string): number | null {
    const job = this.#ledger.get(jobId);
    if (job === null || job.open === null || job.open.workerJobId === null) return null;
    return this.#roster.get(job.open.workerId)?.isDeployed ? job.attempt : null;
  }

  nudge(jobId: string, attempt: number): void {
    const job = this.#ledger.get(jobId);
    if (job?.open && job.attempt === attempt) this.#roster.get(job.open.workerId)?.poke();
  }

  #open(jobId: string, attempt: number): JobRecord {
    const job = this.#ledger.get(jobId);
    if (job === null || job.open === null || job.attempt !== attempt) throw superseded();
    return job;
  }
}

function superseded(): AppError {
  return new AppError('CONFLICT', 'This attempt is no longer the open one.');
}

/** @throws AppError TRANSCRIPT_INVALID when the text is not a canonical transcript of this very recording. */
function assertTranscriptOf(job: JobRecord, json: string): void {
  let body: unknown;
  try {
    body = JSON.parse(json);
  } catch (cause) {
    throw new AppError('TRANSCRIPT_INVALID', say('transcript_not_json'), { cause });
  }
  const parsed = deliveredTranscriptSchema.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new AppError(
      'TRANSCRIPT_INVALID',
      say('transcript_wrong', { place: issue?.path.join('.') ?? 'its root', reason: issue?.message ?? '' }),
      { cause: parsed.error },
    );
  }
  if (job.source === null || parsed.data.source.sha256 !== sentFile(job.sourcePath, job.source).source.sha256)
    throw new AppError('TRANSCRIPT_INVALID', say('transcript_other'));
}
