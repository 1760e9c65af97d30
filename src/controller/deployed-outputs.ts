// Owns what becomes of a deployed worker's uploads (docs/protocol.md, part 1): kept in the inbox while its job runs, counted when it says
// that it is done, made into the canonical transcript, and let go with the attempt.

import { createHash } from 'node:crypto';
import type { DeployedOutputType } from '../contract/deployed-wire.ts';
import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import type { JobRecord } from '../jobs/record.ts';
import { fromDeployedWorker } from '../transcript/deployed-worker.ts';
import type { JobLedger } from './job-ledger.ts';
import { INPUT_ID } from './job-request.ts';
import type { Clock, Inbox, InboxRun } from './ports.ts';
import type { JobStore } from './queue-ports.ts';
import type { WorkerLink } from './worker-link.ts';

export class DeployedOutputs {
  readonly #inbox: Inbox;
  readonly #ledger: JobLedger;
  readonly #clock: Clock;

  constructor(inbox: Inbox, ledger: JobLedger, clock: Clock) {
    this.#inbox = inbox;
    this.#ledger = ledger;
    this.#clock = clock;
    // Delivered, failed, lost or canceled: nobody asks for the uploads of a closed attempt again.
    ledger.onChange((job, previous) => {
      if (previous.open !== null && job.open === null) inbox.clear(job.id);
    });
  }

  /** Lets go of what an engine that was killed between two steps has left. */
  sweep(store: Pick<JobStore, 'get'>): void {
    for (const jobId of this.#inbox.jobs()) if (!store.get(jobId)?.open) this.#inbox.clear(jobId);
  }

  /**
   * Keeps one upload of the open attempt of `job`. The same one again is one.
   * @returns false for a type that says nothing new and is not kept
   * @throws AppError CONFLICT when another run of the worker, or another content, was meant; BAD_REQUEST for another input
   */
  take(
    job: JobRecord,
    upload: {
      readonly workerJobId: string;
      readonly inputId: string;
      readonly outputType: DeployedOutputType;
      readonly file: Uint8Array;
    },
  ): boolean {
    if (upload.inputId !== INPUT_ID) throw new AppError('BAD_REQUEST', 'The job has no such input.');
    const known = job.open?.workerJobId ?? null;
    // A worker that was restarted runs the same attempt under another id; what its earlier process still sends is not mixed in.
    if (known !== null && known !== upload.workerJobId)
      throw new AppError('CONFLICT', 'This run of the job is no longer the one that counts.');
    if (upload.outputType !== 'json' && upload.outputType !== 'diarization-json') return false;
    const run = { jobId: job.id, attempt: job.attempt, workerJobId: upload.workerJobId };
    this.#inbox.put(run, upload.outputType, upload.file);
    return true;
  }

  /**
   * Believes the worker's "complete" as far as the uploads bear it out: makes the transcript and stores it, which closes the attempt.
   * @throws AppError DELIVERY_FAILED when something is missing, TRANSCRIPT_INVALID when it makes no sense
   */
  async settle(job: JobRecord, worker: WorkerLink): Promise<void> {
    const workerJobId = job.open?.workerJobId ?? null;
    const { source, options } = job;
    if (workerJobId === null || source === null) throw missing('never_arrived');
    const run: InboxRun = { jobId: job.id, attempt: job.attempt, workerJobId };
    const json = this.#inbox.get(run, 'json');
    const diarization = options.diarize ? this.#inbox.get(run, 'diarization-json') : null;
    if (json === null) throw missing('never_arrived');
    if (options.diarize && diarization === null) throw missing('speakers_never_arrived');
    const { ping } = worker;
    const transcript = fromDeployedWorker(json, diarization, {
      source: { filename: job.name, sizeBytes: source.sizeBytes, sha256: source.sha256 },
      durationSec: source.durationSec,
      model: options.model,
      language: options.language,
      options: { language: options.language, diarizationEnabled: options.diarize, vadEnabled: true },
      device: ping === null ? null : ping.gpu ? 'cuda' : 'cpu',
      worker: {
        gitCommit: ping?.identity?.gitCommit ?? null,
        buildTime: ping?.identity?.buildTime ?? null,
        imageDigest: ping?.identity?.declaredImageDigest ?? null,
        gpu: ping?.gpuName ?? null,
        cuda: ping?.cuda ?? null,
      },
      createdAt: new Date(this.#clock.now()).toISOString(),
    });
    const text = JSON.stringify(transcript);
    const sha256 = createHash('sha256').update(text).digest('hex');
    await this.#ledger.deliver(job.id, { type: 'delivered', attempt: job.attempt, sha256 }, text);
  }
}

function missing(what: 'never_arrived' | 'speakers_never_arrived'): AppError {
  return new AppError('DELIVERY_FAILED', say(what));
}
