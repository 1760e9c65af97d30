// Owns what a person has paused: the queue as a whole, and batches. Kept on disk, and in memory for every pass of the dispatcher.

import type { BatchStore } from './queue-ports.ts';

export class Holds {
  readonly #store: BatchStore;
  #queueSince: number | null;
  readonly #batches: Set<string>;

  constructor(store: BatchStore) {
    this.#store = store;
    this.#queueSince = store.queuePausedSince();
    this.#batches = new Set(store.paused());
  }

  /** Since when the queue is paused; null while it is not. */
  get queueSince(): number | null {
    return this.#queueSince;
  }

  /** True when no job of the batch may be begun. */
  holds(batchId: string): boolean {
    return this.#queueSince !== null || this.#batches.has(batchId);
  }

  /** Null resumes it. */
  pauseQueue(since: number | null): void {
    this.#store.pauseQueue(since);
    this.#queueSince = this.#store.queuePausedSince();
  }

  /** Null resumes it. @returns false when there is no such batch. */
  pauseBatch(id: string, since: number | null): boolean {
    if (!this.#store.pause(id, since)) return false;
    if (since === null) this.#batches.delete(id);
    else this.#batches.add(id);
    return true;
  }

  /** The batch went with its last job. */
  forget(id: string): void {
    this.#batches.delete(id);
  }
}
