// Owns recordings on this computer's disks, behind the engine's port, and the copies that are made of them to be sent: `<folder>/<job id>`,
// private, gone with their job.

import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../contract/errors.ts';
import type { Probed } from '../contract/media.ts';
import type { FileIdentity, Media, ToPrepare } from '../controller/ports.ts';
import type { PreparedSource } from '../jobs/record.ts';
import { findRecordings } from './find.ts';
import { identify } from './identity.ts';
import { MediaThreads, ReaderStopped } from './media-threads.ts';

/** Ids of jobs are ours; nothing else becomes a part of a path. */
const JOB_ID = /^[A-Za-z0-9_-]{1,100}$/;

export class FileMedia implements Media {
  readonly #folder: string;
  readonly #threads: MediaThreads;

  /** @param folder where copies lie; made when the first one is */
  constructor({ folder, threads = new MediaThreads() }: { readonly folder: string; readonly threads?: MediaThreads }) {
    this.#folder = folder;
    this.#threads = threads;
  }

  async prepare({ jobId, ...recording }: ToPrepare, signal: AbortSignal): Promise<PreparedSource> {
    const target = this.#copy(jobId);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    // Of an earlier look at the same job, which may have become another file.
    await rm(target, { force: true });
    try {
      const { sizeBytes, blind } = await this.#look(recording.path, signal);
      const task = { type: 'prepare', recording, target, sizeBytes, blind } as const;
      return await this.#threads.run(task, signal).catch((thrown: unknown) => {
        const { send } = recording.options;
        if (!(thrown instanceof ReaderStopped) || (send !== 'opus' && send !== 'flac')) throw thrown;
        // What could be copied may still be what its decoder stumbles over.
        const options = { ...recording.options, send: 'audio' as const };
        return this.#threads.run({ ...task, recording: { ...recording, options } }, signal);
      });
    } catch (thrown) {
      // A thread that was ended in the middle leaves what it had written.
      await rm(target, { force: true });
      throw thrown;
    }
  }

  /** A short look first, with a limit to its time: what stops it is left to the worker's decoder, which knows more and is guarded as well. */
  async #look(path: string, signal: AbortSignal): Promise<{ readonly sizeBytes: number; readonly blind: boolean }> {
    try {
      const { sizeBytes } = await this.#threads.run({ type: 'probe', path }, signal);
      return { sizeBytes, blind: false };
    } catch (thrown) {
      if (!(thrown instanceof ReaderStopped)) throw thrown;
      return { sizeBytes: (await stat(path)).size, blind: true };
    }
  }

  async release(jobId: string): Promise<void> {
    await rm(this.#copy(jobId), { force: true });
  }

  async copies(): Promise<readonly string[]> {
    const names = await readdir(this.#folder).catch((): string[] => []);
    return names.filter((name) => JOB_ID.test(name));
  }

  probe(path: string): Promise<Probed> {
    return this.#threads.run({ type: 'probe', path });
  }

  find(path: string): Promise<readonly string[]> {
    return findRecordings(path);
  }

  identify(path: string): Promise<{ readonly file: FileIdentity; readonly contentType: string }> {
    return identify(path);
  }

  /** Ends what is under way. */
  close(): Promise<void> {
    return this.#threads.close();
  }

  #copy(jobId: string): string {
    if (!JOB_ID.test(jobId)) throw new AppError('INTERNAL', 'This is no id of a job.');
    return join(this.#folder, jobId);
  }
}
