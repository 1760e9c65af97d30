// Owns whether a worker is who it is expected to be, and since when it is not.

import type { ExpectedIdentity, IdentityVerdict } from '../contract/identity.ts';
import { compareIdentity } from '../contract/identity.ts';
import type { Ping } from '../contract/worker-wire.ts';
import type { Clock, Log } from './ports.ts';

const UNKNOWN: IdentityVerdict = { matches: null, reason: null };

export class WorkerVerdict {
  readonly #workerId: string;
  readonly #clock: Clock;
  readonly #log: Log;
  #verdict = UNKNOWN;
  #mismatchSince: number | null = null;

  constructor(workerId: string, clock: Clock, log: Log) {
    this.#workerId = workerId;
    this.#clock = clock;
    this.#log = log;
  }

  get verdict(): IdentityVerdict {
    return this.#verdict;
  }

  /** Milliseconds since 1970; null while it is who it should be, or nobody knows. */
  get mismatchSince(): number | null {
    return this.#mismatchSince;
  }

  /** Holds what the worker said last against what is expected now. @returns whether the verdict is another one */
  judge(expected: ExpectedIdentity | null, ping: Ping | null): boolean {
    const { matches, reason } = ping === null ? UNKNOWN : compareIdentity(expected, ping.identity);
    if (reason === this.#verdict.reason && matches === this.#verdict.matches) return false;
    this.#verdict = { matches, reason };
    this.#mismatchSince = matches === false ? this.#clock.now() : null;
    if (matches === false) this.#log.warn('worker_identity_mismatch', { workerId: this.#workerId, reason });
    return true;
  }
}
