// Owns what is remembered of workers, in memory, for this room's tests.

import type { ExpectedIdentity } from '../contract/identity.ts';
import type { WorkerHistory } from '../contract/worker-view.ts';
import type { WorkerChoices, WorkerRecords } from './worker-ports.ts';

export class MemoryWorkerRecords implements WorkerRecords {
  readonly #choices = new Map<string, WorkerChoices>();

  choices(workerId: string): WorkerChoices {
    return this.#choices.get(workerId) ?? { drainedSince: null, expected: null };
  }

  drain(workerId: string, drainedSince: number | null): void {
    this.#choices.set(workerId, { ...this.choices(workerId), drainedSince });
  }

  expect(workerId: string, expected: ExpectedIdentity | null): void {
    this.#choices.set(workerId, { ...this.choices(workerId), expected });
  }

  healthChanged(): void {
    // No test of this room asks for it.
  }

  latency(): void {
    // As above.
  }

  identitySeen(): void {
    // As above.
  }

  history(): WorkerHistory {
    return { health: [], identities: [] };
  }

  forget(workerId: string): void {
    this.#choices.delete(workerId);
  }
}
