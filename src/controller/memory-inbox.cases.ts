// Owns the inbox in memory for this room's tests.

import type { KeptOutputType } from '../contract/deployed-wire.ts';
import { AppError } from '../contract/errors.ts';
import type { Inbox, InboxRun } from './ports.ts';

export class MemoryInbox implements Inbox {
  readonly #jobs = new Map<string, Map<string, string>>();

  put(run: InboxRun, type: KeptOutputType, bytes: Uint8Array): void {
    const files = this.#jobs.get(run.jobId) ?? new Map<string, string>();
    const text = new TextDecoder().decode(bytes);
    const known = files.get(nameOf(run, type));
    if (known !== undefined && known !== text) throw new AppError('CONFLICT');
    this.#jobs.set(run.jobId, files.set(nameOf(run, type), text));
  }

  get(run: InboxRun, type: KeptOutputType): string | null {
    return this.#jobs.get(run.jobId)?.get(nameOf(run, type)) ?? null;
  }

  clear(jobId: string): void {
    this.#jobs.delete(jobId);
  }

  jobs(): readonly string[] {
    return [...this.#jobs.keys()];
  }
}

function nameOf({ attempt, workerJobId }: InboxRun, type: KeptOutputType): string {
  return `${attempt} ${workerJobId} ${type}`;
}
