// Owns the watching of one accepted job: the event stream for live text and progress, polling for the truth. The stream may break at any
// time and is taken up where it was; only what polling says is decided upon.

import type { JobStage } from '../contract/job.ts';
import type { JobStatus, WorkerEvent } from '../contract/worker-wire.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { JobBoard } from './job-board.ts';
import { Bell, pause } from './pause.ts';
import type { Clock, Log, SettingsSource, WorkerClient } from './ports.ts';

interface FollowDeps {
  readonly board: JobBoard;
  readonly settings: SettingsSource;
  readonly clock: Clock;
  readonly log: Log;
}

/** Milliseconds between polls while the event stream is alive: it rings when there is something to ask about. */
const POLL_WITH_STREAM_MS = 10_000;
/** Milliseconds that may lie between two answers of a worker that is asked all the time: the longest poll, and a call's own limit. */
const LONGEST_LOOK_MS = 120_000;
/** Milliseconds before a broken stream is opened again. */
const STREAM_RETRY_MS = 1_000;

export class AttemptFollower {
  readonly #deps: FollowDeps;
  readonly #job: JobRecord;
  readonly #workerJobId: string;
  readonly #client: WorkerClient;
  readonly #until: number;
  readonly #streams: boolean;
  readonly #bell = new Bell();
  #streaming = false;
  #lastEventId = 0;
  #stage: JobStage | null = null;
  #signature = '';
  /** Milliseconds that were watched without anything moving. What the computer slept through was not watched. */
  #stillMs = 0;
  #lookedAt: number;
  #stalled = false;

  /**
   * @param until milliseconds since 1970 at which the caller wants to begin anew (its links grow old).
   * @param streams false for a worker that has no events: it is only polled.
   */
  constructor(
    deps: FollowDeps,
    job: JobRecord,
    workerJobId: string,
    client: WorkerClient,
    until: number,
    streams: boolean,
  ) {
    this.#deps = deps;
    this.#job = job;
    this.#workerJobId = workerJobId;
    this.#client = client;
    this.#until = until;
    this.#streams = streams;
    this.#lookedAt = deps.clock.now();
  }

  /** True when {@link statuses} ended because nothing moved for the whole time allowed. */
  get stalled(): boolean {
    return this.#stalled;
  }

  /** Polls at once instead of at the next time. */
  ask(): void {
    this.#bell.ring();
  }

  /** One status per poll, until the caller leaves, the signal aborts, `until` is reached or the job stalls. Throws what a poll throws. */
  async *statuses(signal: AbortSignal): AsyncGenerator<JobStatus> {
    const { clock, settings } = this.#deps;
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    const stream = this.#streams ? this.#follow(both) : Promise.resolve();
    try {
      while (!signal.aborted && clock.now() < this.#until) {
        const status = await this.#client.status(this.#workerJobId, signal);
        this.#see(status);
        yield status;
        this.#watched();
        if (this.#stillMs > settings.current().workerTimeoutSeconds * 1000) {
          this.#stalled = true;
          return;
        }
        await this.#bell.wait(
          clock,
          this.#streaming ? POLL_WITH_STREAM_MS : settings.current().workerPollSeconds * 1000,
          signal,
        );
      }
    } finally {
      stop.abort();
      await stream;
    }
  }

  /** Keeps the event stream open until the signal aborts. Its failures only mean more polling. */
  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const { id, event } of this.#client.events(this.#workerJobId, this.#lastEventId, signal)) {
          this.#streaming = true;
          this.#lastEventId = id;
          this.#take(event);
        }
      } catch (error) {
        if (!signal.aborted) this.#deps.log.info('event_stream_broken', { jobId: this.#job.id, error: String(error) });
      }
      this.#streaming = false;
      this.#bell.ring();
      await pause(this.#deps.clock, STREAM_RETRY_MS, signal);
    }
  }

  #take(event: WorkerEvent): void {
    const { board } = this.#deps;
    switch (event.event) {
      case 'progress':
        this.#moved(
          `${event.data.status}|${event.data.stage}|${event.data.processedSec ?? ''}|${event.data.percent ?? ''}|${event.data.modelBytes ?? ''}`,
        );
        board.observe(this.#job.id, this.#job.attempt, {
          stage: event.data.stage,
          processedSec: event.data.processedSec,
          totalSec: event.data.totalSec,
          modelBytes: event.data.modelBytes ?? null,
          modelTotalBytes: event.data.modelTotalBytes ?? null,
        });
        // A new stage is asked for at once, so that the job's own state follows; progress within one is not.
        if (event.data.stage !== this.#stage) this.#bell.ring();
        this.#stage = event.data.stage;
        return;
      case 'segment': {
        const { id, start, end, text } = event.data;
        board.segment(this.#job.id, this.#job.attempt, { id, start, end, text });
        return;
      }
      case 'done':
        this.#bell.ring();
        return;
      case 'log':
      case 'speakers':
        return;
      default:
        event satisfies never;
    }
  }

  #see(status: JobStatus): void {
    const { progress } = status;
    this.#moved(
      `${status.status}|${status.stage}|${progress?.processedSec ?? ''}|${progress?.percent ?? ''}|${progress?.chunkIndex ?? ''}|${progress?.modelBytes ?? ''}`,
    );
    this.#deps.board.observe(this.#job.id, this.#job.attempt, {
      stage: status.stage,
      ...heardSeconds(status, this.#job.source?.durationSec ?? null),
      modelBytes: progress?.modelBytes ?? null,
      modelTotalBytes: progress?.modelTotalBytes ?? null,
    });
  }

  /** Remembers when anything last changed; a transfer that moves counts through the board's sent bytes. */
  #moved(signature: string): void {
    const full = `${signature}|${this.#deps.board.progress(this.#job.id).sentBytes ?? ''}`;
    if (full === this.#signature) return;
    this.#signature = full;
    this.#stillMs = 0;
    this.#lookedAt = this.#deps.clock.now();
  }

  /** Counts the time since the last look, but no more than a look may take: a longer one means that the computer slept, or its clock was set. */
  #watched(): void {
    const now = this.#deps.clock.now();
    this.#stillMs += Math.min(Math.max(0, now - this.#lookedAt), LONGEST_LOOK_MS);
    this.#lookedAt = now;
  }
}

/** How much of the recording is heard. A deployed worker tells chunks or percent: the length that is known here makes seconds of them. */
function heardSeconds(
  { stage, progress }: JobStatus,
  durationSec: number | null,
): { readonly processedSec?: number | null; readonly totalSec?: number | null } {
  if (progress == null) return {};
  const { processedSec, totalSec, percent, chunkIndex, totalChunks } = progress;
  if (processedSec != null || totalSec != null || durationSec === null || stage !== 'transcribing')
    return { processedSec: processedSec ?? null, totalSec: totalSec ?? null };
  const share = totalChunks ? (chunkIndex ?? 0) / totalChunks : (percent ?? 0) / 100;
  return { processedSec: Math.min(1, Math.max(0, share)) * durationSec, totalSec: durationSec };
}
