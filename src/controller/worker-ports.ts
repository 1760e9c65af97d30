// Owns what the engine needs of storage for workers: those that a person added, and what is remembered of each.

import type { ErrorReport } from '../contract/errors.ts';
import type { ExpectedIdentity, WorkerIdentity } from '../contract/identity.ts';
import type { WorkerHealth, WorkerHistory } from '../contract/worker-view.ts';

/** A worker that a person added. Tokens are kept apart (SecretStore). */
export interface SavedWorker {
  readonly id: string;
  readonly name: string;
  readonly url: string;
}

export interface WorkerStore {
  workers(): readonly SavedWorker[];
  addWorker(worker: SavedWorker, now: number): void;
  /** Gives the worker with this id another name and address. */
  changeWorker(worker: SavedWorker): void;
  removeWorker(id: string): void;
}

/** What a person decided about one worker. */
export interface WorkerChoices {
  /** Since when it is given no new jobs; null while it is given some. */
  readonly drainedSince: number | null;
  /** What is expected of it alone; null = what is expected of all. */
  readonly expected: ExpectedIdentity | null;
}

/** What is remembered of workers of every kind. */
export interface WorkerRecords {
  choices(workerId: string): WorkerChoices;
  /** Null gives it jobs again. One that is drained already keeps its time. */
  drain(workerId: string, since: number | null): void;
  expect(workerId: string, expected: ExpectedIdentity | null): void;
  healthChanged(workerId: string, health: WorkerHealth, error: ErrorReport | null, now: number): void;
  /** The mean of all answers since its health last changed, milliseconds. */
  latency(workerId: string, meanMs: number): void;
  /** Remembered where it is another one than the last. */
  identitySeen(workerId: string, identity: WorkerIdentity, now: number): void;
  history(workerId: string): WorkerHistory;
  forget(workerId: string): void;
}
