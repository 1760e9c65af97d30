// Owns the watching of one accepted job: the event stream for live text and progress, polling for the truth. The stream may break at any
// time and is taken up where it was; only what polling says is decided upon.

import type { JobStage } from '../contract/job.ts';
import type { JobStatus, WorkerEvent } from '../contract/worker-wire.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { JobBoard } from './job-board.ts';
import { Bell, pause } from './pause.ts';
import type { Clock, Log, SettingsSource, WorkerClient } from './ports.ts';
import type { Movement, Stillness } from './stillness.ts';

interface FollowDeps {
  readonly board: JobBoard;
  readonly settings: SettingsSource;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether a worker computes another recording of this app, behind which one that it has may be waiting. */
  readonly computesAnother: (workerId: string, jobId: string) => boolean;
}

/** Stages in which a recording waits for the engine, however long it takes for those before it. */
const IN_LINE: ReadonlySet<JobStage> = new Set(['queued', 'initializing']);

/** Milliseconds between polls while the event stream is alive: it rings when there is something to ask about. */
const POLL_WITH_STREAM_MS = 10_000;
/** Milliseconds before a stream is opened again that broke, so many times in a row without a word; the last one repeats. */
const STREAM_RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000] as const;

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
  readonly #stillness: Stillness;
  #stalled = false;

  /**
   * @param until milliseconds since 1970 at which the caller wants to begin anew (its links grow old).
   * @param streams false for a worker that has no events: it is only polled.
   * @param stillness of the attempt: it goes on over the conversations.
   */
  constructor(
    deps: FollowDeps,
    job: JobRecord,
    workerJobId: string,
    client: WorkerClient,
    until: number,
    streams: boolean,
    stillness: Stillness,
  ) {
    this.#deps = deps;
    this.#job = job;
    this.#workerJobId = workerJobId;
    this.#client = client;
    this.#until = until;
    this.#streams = streams;
    this.#stillness = stillness;
    stillness.begin(deps.clock.now());
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
        if (this.#isInLine(status.stage)) this.#stillness.begin(clock.now());
        else this.#stillness.watched(clock.now());
        if (this.#stillness.ms > settings.current().workerTimeoutSeconds * 1000) {
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
    let silent = 0;
    while (!signal.aborted) {
      try {
        for await (const { id, event } of this.#client.events(this.#workerJobId, this.#lastEventId, signal)) {
          silent = 0;
          this.#streaming = true;
          this.#lastEventId = id;
          this.#take(event);
        }
      } catch (error) {
        // A proxy that lets no stream through fills no log.
        if (!signal.aborted && silent === 0)
          this.#deps.log.info('event_stream_broken', { jobId: this.#job.id, error: String(error) });
      }
      this.#streaming = false;
      if (silent === 0) this.#bell.ring();
      const retryMs = STREAM_RETRY_MS[Math.min(silent, STREAM_RETRY_MS.length - 1)] ?? 0;
      silent += 1;
      await pause(this.#deps.clock, retryMs, signal);
    }
  }

  #take(event: WorkerEvent): void {
    const { board } = this.#deps;
    switch (event.event) {
      case 'progress':
        this.#moved(event.data);
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
    this.#moved({ status: status.status, stage: status.stage, ...progress });
    this.#deps.board.observe(this.#job.id, this.#job.attempt, {
      stage: status.stage,
      ...heardSeconds(status, this.#job.source?.durationSec ?? null),
      modelBytes: progress?.modelBytes ?? null,
      modelTotalBytes: progress?.modelTotalBytes ?? null,
    });
  }

  /** True while it stands still for no fault of its own. */
  #isInLine(stage: JobStage): boolean {
    const workerId = this.#job.open?.workerId;
    return workerId !== undefined && IN_LINE.has(stage) && this.#deps.computesAnother(workerId, this.#job.id);
  }

  #moved({ status, stage, processedSec, percent, chunkIndex, modelBytes }: Omit<Movement, 'sentBytes'>): void {
    const sentBytes = this.#deps.board.progress(this.#job.id).sentBytes ?? null;
    const seen = { status, stage, processedSec, percent, chunkIndex, modelBytes, sentBytes };
    this.#stillness.see(seen, this.#deps.clock.now());
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
