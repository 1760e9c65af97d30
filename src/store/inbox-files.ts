// Owns what deployed workers have uploaded until it is made into a transcript: files in <data directory>/inbox, one folder a job.
//
// inbox/<jobId>/<attempt>-<run>.<type>.json   whole, fsynced before the worker hears of it. Anything else in there is the rest of a crash.

import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeptOutputType } from '../contract/deployed-wire.ts';
import { AppError } from '../contract/errors.ts';
import type { Inbox, InboxRun } from '../controller/ports.ts';
import { errno, writeFailure } from './file-errors.ts';
import { renameOverNow } from './rename-over.ts';
import { syncFolderNow } from './sync-folder.ts';

/** Job ids are this app's own; one that could be a path never becomes one. */
const JOB_ID = /^[A-Za-z0-9_-]{1,100}$/;

/** {@link Inbox} as files. */
export class FileInbox implements Inbox {
  readonly #directory: string;

  /** @param directory made at the first upload */
  constructor(directory: string) {
    this.#directory = directory;
  }

  put(run: InboxRun, type: KeptOutputType, bytes: Uint8Array): void {
    const file = this.#file(run, type);
    const aside = `${file}.new`;
    try {
      const known = readIfThere(file);
      if (known !== null) {
        if (known.equals(bytes)) return;
        throw new AppError('CONFLICT', 'This output came before, with another content.');
      }
      const folder = this.#folder(run.jobId);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const descriptor = openSync(aside, 'w', 0o600);
      try {
        writeFileSync(descriptor, bytes);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameOverNow(aside, file);
      syncFolderNow(folder);
    } catch (thrown) {
      if (thrown instanceof AppError) throw thrown;
      rmSync(aside, { force: true });
      const code = writeFailure(thrown);
      throw new AppError(code, 'What the worker sent could not be kept.', { cause: thrown });
    }
  }

  get(run: InboxRun, type: KeptOutputType): string | null {
    try {
      return readIfThere(this.#file(run, type))?.toString('utf8') ?? null;
    } catch (thrown) {
      throw new AppError('INTERNAL', 'What the worker had sent could not be read.', { cause: thrown });
    }
  }

  clear(jobId: string): void {
    rmSync(this.#folder(jobId), { recursive: true, force: true });
  }

  jobs(): readonly string[] {
    try {
      return readdirSync(this.#directory).filter((name) => JOB_ID.test(name));
    } catch (thrown) {
      if (errno(thrown) === 'ENOENT') return [];
      throw new AppError('INTERNAL', 'What workers had sent could not be listed.', { cause: thrown });
    }
  }

  #folder(jobId: string): string {
    if (!JOB_ID.test(jobId)) throw new AppError('INTERNAL', 'This is no id of a job.');
    return join(this.#directory, jobId);
  }

  /** The worker's own id of the job goes into the name by its digest: it may hold anything. */
  #file({ jobId, attempt, workerJobId }: InboxRun, type: KeptOutputType): string {
    const run = createHash('sha256').update(workerJobId).digest('hex').slice(0, 16);
    return join(this.#folder(jobId), `${attempt}-${run}.${type === 'json' ? 'whisper' : 'speakers'}.json`);
  }
}

function readIfThere(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch (thrown) {
    if (errno(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}
