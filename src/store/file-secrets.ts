// Owns secrets where the operating system's own encryption is not at hand: one 0600 file each, in a directory for this user alone.

import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../contract/errors.ts';
import type { SecretStore } from '../controller/ports.ts';
import { errno, writeFailure } from './file-errors.ts';
import { renameOverNow } from './rename-over.ts';

/** Names become file names, so nothing that a path could be made of. */
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,119}$/;

/** {@link SecretStore} as files. Values never appear in errors. */
export class FileSecretStore implements SecretStore {
  readonly #directory: string;

  /** @param directory made at the first write */
  constructor(directory: string) {
    this.#directory = directory;
  }

  get(name: string): string | null {
    const file = this.#file(name);
    try {
      return readFileSync(file, 'utf8');
    } catch (thrown) {
      if (errno(thrown) === 'ENOENT') return null;
      throw new AppError('INTERNAL', `The secret "${name}" could not be read from ${file}.`, { cause: thrown });
    }
  }

  /** Atomic: after a crash either the old value is there or the new one. */
  set(name: string, value: string): void {
    const file = this.#file(name);
    const aside = `${file}.new`;
    try {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      rmSync(aside, { force: true });
      const descriptor = openSync(aside, 'wx', 0o600);
      try {
        writeSync(descriptor, value);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameOverNow(aside, file);
    } catch (thrown) {
      rmSync(aside, { force: true });
      const code = writeFailure(thrown);
      throw new AppError(code, `The secret "${name}" could not be written to ${file}.`, { cause: thrown });
    }
  }

  delete(name: string): void {
    const file = this.#file(name);
    try {
      rmSync(file, { force: true });
    } catch (thrown) {
      throw new AppError('INTERNAL', `The secret "${name}" could not be removed from ${file}.`, { cause: thrown });
    }
  }

  #file(name: string): string {
    if (!NAME.test(name) || name.endsWith('.new')) {
      throw new AppError('INTERNAL', `"${name}" is no name for a secret.`);
    }
    return join(this.#directory, name);
  }
}
