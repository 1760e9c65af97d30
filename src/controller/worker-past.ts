// Owns what is written down of one worker while it is watched: changes of its health with the latency in between, and each identity once.

import type { ErrorReport } from '../contract/errors.ts';
import type { WorkerIdentity } from '../contract/identity.ts';
import type { WorkerHealth } from '../contract/worker-view.ts';
import type { Log } from './ports.ts';
import type { WorkerRecords } from './worker-ports.ts';

/** Answers between two writes of their mean: some minutes. */
const LATENCY_EVERY = 60;

export class WorkerPast {
  readonly #workerId: string;
  readonly #records: WorkerRecords;
  readonly #log: Log;
  /** Answers since the health last changed, and the sum of their milliseconds. */
  #count = 0;
  #sumMs = 0;
  #identity = '';

  constructor(workerId: string, records: WorkerRecords, log: Log) {
    this.#workerId = workerId;
    this.#records = records;
    this.#log = log;
  }

  /** The health became another one. */
  changed(health: WorkerHealth, error: ErrorReport | null, now: number): void {
    this.#count = 0;
    this.#sumMs = 0;
    this.#quietly(() => this.#records.healthChanged(this.#workerId, health, error, now));
    const why = error === null ? {} : { code: error.code, message: error.message };
    this.#log.info('worker_health', { workerId: this.#workerId, health, ...why });
  }

  /** It answered a ping. */
  answered(latencyMs: number): void {
    this.#count += 1;
    this.#sumMs += latencyMs;
    if (this.#count % LATENCY_EVERY === 1)
      this.#quietly(() => this.#records.latency(this.#workerId, this.#sumMs / this.#count));
  }

  /** It said who it is: logged and kept once for each change. */
  reported(identity: WorkerIdentity, now: number): void {
    const text = JSON.stringify(identity);
    if (text === this.#identity) return;
    this.#identity = text;
    this.#quietly(() => this.#records.identitySeen(this.#workerId, identity, now));
    this.#log.info('worker_identity', { workerId: this.#workerId, ...identity });
  }

  /** A disk that is full costs a line of the history, never the watch over the worker. */
  #quietly(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#log.warn('worker_past_unwritten', { workerId: this.#workerId, error: String(error) });
    }
  }
}
