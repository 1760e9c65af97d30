// Owns recordings that came through the browser: `<dataDir>/uploads/<id>/<name>`, whole or not there at all.

import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { UploadResult } from '../contract/api.ts';
import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import { renameOver } from '../store/rename-over.ts';
import { syncFolder } from '../store/sync-folder.ts';
import { safeFileName } from './file-names.ts';

const ID = /^up_[0-9a-f]{32}$/;
/** What is still arriving lies under this name, so that a crash leaves nothing that looks finished. */
const PARTIAL = 'partial-';
/** Milliseconds after which an upload of which no job was made is one of nobody. */
const FORGOTTEN_MS = 24 * 3_600_000;

/** Opens a new file for writing, 0600, refusing one that is there. Tests bring their own to fill the disk. */
export type OpenNewFile = (path: string) => Promise<Pick<FileHandle, 'writeFile' | 'sync' | 'close'>>;

const openNewFile: OpenNewFile = (path) => open(path, 'wx', 0o600);

export class Uploads {
  readonly #dir: string;
  readonly #open: OpenNewFile;

  constructor({ dataDir, openFile = openNewFile }: { readonly dataDir: string; readonly openFile?: OpenNewFile }) {
    this.#dir = join(dataDir, 'uploads');
    this.#open = openFile;
  }

  /** Takes away what an earlier run was still receiving when it ended. Call before the first upload. */
  async removePartial(): Promise<void> {
    for (const name of await this.#names()) {
      if (name.startsWith(PARTIAL)) await rm(join(this.#dir, name), { recursive: true, force: true });
    }
  }

  /**
   * Stores a recording under a new id. The bytes are on disk for good when this resolves; when it throws, or the sender goes away,
   * nothing is left.
   * @param given the name as the browser says it; only its last part is used, made safe
   * @throws AppError DISK_FULL, INTERNAL (the folder cannot be written), BAD_REQUEST (cut off)
   */
  async receive(given: string, chunks: AsyncIterable<Uint8Array>): Promise<UploadResult> {
    const id = `up_${randomBytes(16).toString('hex')}`;
    const name = safeFileName(given);
    const partial = join(this.#dir, PARTIAL + id);
    try {
      await onDisk(() => this.#prepare(partial));
      const sizeBytes = await this.#write(join(partial, name), chunks);
      await onDisk(async () => {
        await syncFolder(partial);
        await renameOver(partial, join(this.#dir, id));
        await syncFolder(this.#dir);
      });
      return { id, name, sizeBytes };
    } catch (cause) {
      await rm(partial, { recursive: true, force: true });
      throw cause instanceof AppError ? cause : new AppError('BAD_REQUEST', say('upload_cut'), { cause });
    }
  }

  /**
   * Where the recording of an upload lies.
   * @throws AppError NOT_FOUND when there is no such upload.
   */
  path(id: string): string {
    const dir = this.#folder(id);
    try {
      const [name] = readdirSync(dir);
      if (name !== undefined) return join(dir, name);
    } catch (cause) {
      throw new AppError('NOT_FOUND', say('upload_unknown'), { cause });
    }
    throw new AppError('NOT_FOUND', say('upload_unknown'));
  }

  /** Ids of all finished uploads. */
  async list(): Promise<readonly string[]> {
    return (await this.#names()).filter((name) => ID.test(name));
  }

  /**
   * Takes away uploads that never became a job and were left for a day: their page was closed before it could say what they are for.
   * @param sources paths of the recordings of all jobs; asked only where there is an upload that old
   */
  async removeForgotten(sources: () => ReadonlyMap<string, unknown>, nowMs: number): Promise<void> {
    const old: string[] = [];
    for (const id of await this.list()) {
      const since = await stat(join(this.#dir, id)).catch(() => null);
      if (since !== null && nowMs - since.mtimeMs > FORGOTTEN_MS) old.push(id);
    }
    if (old.length === 0) return;
    // Wherever the data directory was when the job was made.
    const used = new Set([...sources().keys()].map((path) => /up_[0-9a-f]{32}/.exec(path)?.[0]));
    for (const id of old) if (!used.has(id)) await this.remove(id);
  }

  /** The id of the upload that `path` lies in, or null when it is a file of somebody else. */
  idOf(path: string): string | null {
    const prefix = join(this.#dir, '/');
    const id = path.startsWith(prefix) ? (path.slice(prefix.length).split(/[/\\]/, 1)[0] ?? '') : '';
    return ID.test(id) ? id : null;
  }

  /** Removes an upload's bytes. One that is not there is no error. */
  async remove(id: string): Promise<void> {
    await rm(this.#folder(id), { recursive: true, force: true });
  }

  #folder(id: string): string {
    // An id is a path's part only after it was seen to be one of ours.
    if (!ID.test(id)) throw new AppError('NOT_FOUND', say('upload_unknown'));
    return join(this.#dir, id);
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#dir);
    } catch (cause) {
      if (systemCode(cause) === 'ENOENT') return [];
      throw writeError(cause);
    }
  }

  async #prepare(partial: string): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    await chmod(this.#dir, 0o700);
    await mkdir(partial, { mode: 0o700 });
  }

  /** @returns the bytes written */
  async #write(path: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
    const file = await onDisk(() => this.#open(path));
    let size = 0;
    try {
      for await (const chunk of chunks) {
        await onDisk(() => file.writeFile(chunk));
        size += chunk.byteLength;
      }
      await onDisk(() => file.sync());
    } finally {
      await file.close();
    }
    return size;
  }
}

/** Runs a step on the disk, so that its failure is told apart from one of the sender. */
async function onDisk<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    throw writeError(cause);
  }
}

function writeError(cause: unknown): AppError {
  const code = systemCode(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') return new AppError('DISK_FULL', undefined, { cause });
  return new AppError('INTERNAL', code === '' ? say('upload_unkept') : say('upload_unkept_why', { code }), { cause });
}

function systemCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}
