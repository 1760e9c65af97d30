// Owns that each stored transcript lies as a file beside the database too: before its job is complete, gone with its job, and made up for where an
// older version or a crash left none.

import type { Clock, Log } from './ports.ts';
import type { JobStore } from './queue-ports.ts';
import type { KeptTranscripts } from './transcript-ports.ts';

/** Milliseconds between two files that are made up for: nobody waits for them. */
const PAUSE_MS = 50;

export class TranscriptKeeper {
  readonly #files: KeptTranscripts;
  readonly #store: Pick<JobStore, 'get' | 'idsIn' | 'transcriptText'>;
  readonly #clock: Clock;
  readonly #log: Log;
  #cancel: () => void = () => undefined;
  #closed = false;

  constructor(
    files: KeptTranscripts,
    store: Pick<JobStore, 'get' | 'idsIn' | 'transcriptText'>,
    clock: Clock,
    log: Log,
  ) {
    this.#files = files;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** Resolves when the file is on disk. Does nothing for a job without a transcript. @throws AppError DISK_FULL, INTERNAL */
  async keep(jobId: string): Promise<void> {
    const json = this.#store.transcriptText(jobId);
    if (json !== null) await this.#files.put(jobId, json);
  }

  /** With its job. What cannot be removed now is removed at the next start. */
  drop(jobId: string): void {
    try {
      this.#files.drop(jobId);
    } catch (error) {
      this.#log.warn('transcript_file_not_removed', { jobId, error: String(error) });
    }
  }

  /** Takes away files of jobs that are gone, and makes up for those that are missing, one after the other. */
  start(): void {
    const there = new Set(this.#files.jobs());
    const complete = new Set(this.#store.idsIn(['complete'], null));
    // Few are left to be looked at one by one: what is complete has a transcript.
    for (const id of there)
      if (!complete.has(id) && (this.#store.get(id)?.transcriptSha256 ?? null) === null) this.drop(id);
    this.#makeUp(
      [...complete].filter((id) => !there.has(id)),
      0,
    );
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #makeUp(missing: readonly string[], from: number): void {
    const id = missing[from];
    if (id === undefined || this.#closed) return;
    this.#cancel = this.#clock.after(PAUSE_MS, () => {
      this.keep(id).then(
        () => {
          // Removed while its file was written.
          if (this.#store.get(id) === null) this.drop(id);
          this.#makeUp(missing, from + 1);
        },
        // The next start tries again: a full disk has no room for the others either.
        (error: unknown) => this.#log.warn('transcript_file_not_made', { jobId: id, error: String(error) }),
      );
    });
  }
}
