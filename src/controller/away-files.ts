// Owns looking for recordings that are away: a drive that is not connected, a file that was moved, one that is still written to. Looking costs a
// question to the disk each time and nothing else: a job is told only when there is something to begin with, so that a thousand of them may wait
// for a month without a word in the queue's history.

import { dirname } from 'node:path';
import type { Clock, Media } from './ports.ts';

/** Milliseconds between two rounds, and for each recording in one: a drive with thousands of them is not asked all the time. */
const LOOK_MS = 15_000;
const LOOK_EACH_MS = 50;
/** Milliseconds after which a folder that does not answer is left alone until it does: a network drive may hang, and with it a thread each time. */
const HANGS_MS = 5_000;

interface Away {
  readonly path: string;
  /** Which file was there at the last look; empty = none, null = not looked at yet. */
  seen: string | null;
}

export interface AwayFilesDeps {
  readonly media: Pick<Media, 'identify'>;
  readonly clock: Clock;
  /** Recordings of these jobs are there. Called once a round, if there are any. */
  readonly found: (jobIds: readonly string[]) => void;
}

export class AwayFiles {
  readonly #deps: AwayFilesDeps;
  readonly #away = new Map<string, Away>();
  /** Folders that were asked and have not answered. */
  readonly #hanging = new Set<string>();
  #cancel: (() => void) | null = null;
  #closed = false;

  constructor(deps: AwayFilesDeps) {
    this.#deps = deps;
  }

  /** The job waits for its recording. */
  add(jobId: string, path: string): void {
    const known = this.#away.get(jobId);
    if (known?.path !== path) this.#away.set(jobId, { path, seen: null });
    this.#plan();
  }

  /** The job waits for it no more. */
  delete(jobId: string): void {
    this.#away.delete(jobId);
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #plan(): void {
    if (this.#cancel !== null || this.#closed || this.#away.size === 0) return;
    const waitMs = Math.max(LOOK_MS, this.#away.size * LOOK_EACH_MS);
    this.#cancel = this.#deps.clock.after(waitMs, () => void this.#round());
  }

  async #round(): Promise<void> {
    const found: string[] = [];
    for (const [jobId, away] of [...this.#away]) {
      if (this.#closed) return;
      if (this.#away.get(jobId) === away && (await this.#isThere(away))) found.push(jobId);
    }
    this.#cancel = null;
    const waiting = found.filter((jobId) => this.#away.has(jobId));
    if (waiting.length > 0 && !this.#closed) this.#deps.found(waiting);
    this.#plan();
  }

  /** True where a file came since the last look, or is the same as it was then: what becomes another in between is still written to. */
  async #isThere(away: Away): Promise<boolean> {
    const folder = dirname(away.path);
    if (this.#hanging.has(folder)) return false;
    const asked = this.#deps.media.identify(away.path).then(
      ({ file }) => `${file.device}:${file.inode}:${file.sizeBytes}:${file.mtimeNs}`,
      () => '',
    );
    this.#hanging.add(folder);
    const answered = asked.finally(() => this.#hanging.delete(folder));
    let cancel = (): void => undefined;
    const late = new Promise<null>((resolve) => {
      cancel = this.#deps.clock.after(HANGS_MS, () => resolve(null));
    });
    const now = await Promise.race([answered, late]);
    cancel();
    if (now === null) return false;
    const before = away.seen;
    away.seen = now;
    return now !== '' && (before === '' || before === now);
  }
}
