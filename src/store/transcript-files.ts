// Owns the machine's transcripts as files beside the database, so that they are not lost with it: <data directory>/transcripts/<jobId>.json, exactly
// the bytes that were acknowledged. Each is whole or not there; anything else in the folder is the rest of a crash and goes at the next start.

import { readdirSync, rmSync } from 'node:fs';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../contract/errors.ts';
import type { KeptTranscripts } from '../controller/transcript-ports.ts';
import { errno, writeFailure } from './file-errors.ts';
import { renameOver } from './rename-over.ts';
import { syncFolder } from './sync-folder.ts';

const FILE = /^([A-Za-z0-9_-]{1,100})\.json$/;

/** {@link KeptTranscripts} as files, for this user alone. */
export class TranscriptFileStore implements KeptTranscripts {
  readonly #directory: string;

  /** @param directory made at the first transcript */
  constructor(directory: string) {
    this.#directory = directory;
  }

  async put(jobId: string, json: string): Promise<void> {
    const file = this.#file(jobId);
    const bytes = Buffer.from(json, 'utf8');
    const aside = `${file}.new`;
    try {
      // A job has one transcript for good, and its file is whole where it is.
      if ((await sizeOf(file)) === bytes.length) return;
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      const handle = await open(aside, 'w', 0o600);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await renameOver(aside, file);
      await syncFolder(this.#directory);
    } catch (thrown) {
      if (thrown instanceof AppError) throw thrown;
      await rm(aside, { force: true }).catch(() => undefined);
      const code = writeFailure(thrown);
      throw new AppError(code, 'The transcript could not be kept as a file.', { cause: thrown });
    }
  }

  drop(jobId: string): void {
    rmSync(this.#file(jobId), { force: true });
  }

  jobs(): readonly string[] {
    const names = listed(this.#directory);
    for (const name of names) if (!FILE.test(name)) rmSync(join(this.#directory, name), { force: true });
    return names.flatMap((name) => FILE.exec(name)?.[1] ?? []);
  }

  #file(jobId: string): string {
    if (!FILE.test(`${jobId}.json`)) throw new AppError('INTERNAL', 'This is no id of a job.');
    return join(this.#directory, `${jobId}.json`);
  }
}

function listed(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (thrown) {
    if (errno(thrown) === 'ENOENT') return [];
    throw new AppError('INTERNAL', 'The transcripts that are kept as files could not be listed.', { cause: thrown });
  }
}

async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size;
  } catch (thrown) {
    if (errno(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}
