// Owns secrets on disk: one file, each value encrypted by the operating system. Where the system offers no real encryption nothing is
// written, and secrets last as long as the app runs.

import { chmod, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SafeStorage } from 'electron';
import { AppError } from '../../src/contract/errors.ts';
import { renameOver } from '../../src/store/rename-over.ts';

export interface SecretFile {
  /** Everything that was kept and can still be read. Values that cannot are left out and named to `onUnreadable`. */
  load(): Promise<Record<string, string>>;
  /** Keeps or, with null, forgets; after all earlier changes. @throws AppError INTERNAL when it cannot be written. */
  keep(name: string, value: string | null): Promise<void>;
  /** Whether what is given to `keep` outlives the app. */
  kept(): Promise<boolean>;
}

export interface SecretParts {
  readonly safeStorage: Pick<
    SafeStorage,
    'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
  >;
  readonly path: string;
  readonly platform: string;
  readonly onUnreadable: (name: string) => void;
}

export function secretFile({ safeStorage, path, platform, onUnreadable }: SecretParts): SecretFile {
  let encrypted = new Map<string, string>();
  let last: Promise<unknown> = Promise.resolve();
  let usable: Promise<boolean> | null = null;

  /** `basic_text` encrypts with a password that stands in Chromium's source: whoever has the file has the secrets. */
  const canEncrypt = async (): Promise<boolean> =>
    (await safeStorage.isAsyncEncryptionAvailable()) &&
    (platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text');
  const isUsable = (): Promise<boolean> => (usable ??= canEncrypt());

  const change = async (name: string, value: string | null): Promise<void> => {
    if (!(await isUsable())) return;
    if (value === null) encrypted.delete(name);
    else encrypted.set(name, (await safeStorage.encryptStringAsync(value)).toString('base64'));
    await write(path, JSON.stringify(Object.fromEntries(encrypted)));
  };

  return {
    kept: isUsable,
    async load() {
      if (!(await isUsable())) return {};
      encrypted = await read(path);
      const plain: Record<string, string> = Object.create(null);
      for (const [name, value] of encrypted) {
        try {
          plain[name] = (await safeStorage.decryptStringAsync(Buffer.from(value, 'base64'))).result;
        } catch {
          // Encrypted on another computer or for another user. It stays in the file in case this is set right.
          onUnreadable(name);
        }
      }
      return { ...plain };
    },
    keep(name, value) {
      const changed = last.then(() => change(name, value));
      // The next change waits for this one, whether it succeeds or not.
      last = changed.catch(() => undefined);
      return changed.catch((cause: unknown) => {
        throw new AppError('INTERNAL', 'A secret could not be kept on this computer.', { cause });
      });
    },
  };
}

async function read(path: string): Promise<Map<string, string>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    // Not there yet, or not whole: there is nothing that could be decrypted.
    return new Map();
  }
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** Whole or not at all, 0600 from the first byte. */
async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.new`;
  await rm(aside, { force: true });
  const file = await open(aside, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await renameOver(aside, path);
  await chmod(path, 0o600);
}
