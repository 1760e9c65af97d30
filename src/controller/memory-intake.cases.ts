// Owns profiles, watched folders and their files in memory, for this room's tests.

import { AppError } from '../contract/errors.ts';
import type { Profile } from '../contract/profile.ts';
import type { FolderFile, FolderLook, FolderStore, ProfileStore, SeenFile, StoredFolder } from './intake-ports.ts';

type Seen = FolderFile & { readonly sha256: string };

export class MemoryIntake implements ProfileStore, FolderStore, FolderLook {
  /** Files that lie in folders now, with their content; null where the drive is not connected. */
  files: Map<string, FolderFile & { readonly content: string }> | null = new Map();
  /** What was queued cannot be remembered. */
  full = false;
  /** What a look costs. */
  onList: () => Promise<void> = async () => undefined;
  /** What a digest costs. */
  onDigest: () => Promise<void> = async () => undefined;
  readonly #profiles = new Map<string, Profile>();
  readonly #folders = new Map<string, StoredFolder>();
  readonly #seen = new Map<string, Seen[]>();
  readonly #counts = new Map<string, { taken: number; lastTakenAt: number | null }>();

  profiles(): readonly Profile[] {
    return [...this.#profiles.values()];
  }

  saveProfile(profile: Profile): boolean {
    if (this.profiles().some(({ id, name }) => name === profile.name && id !== profile.id)) return false;
    this.#profiles.set(profile.id, profile);
    return true;
  }

  removeProfile(id: string): boolean {
    return !this.folders().some(({ profileId }) => profileId === id) && this.#profiles.delete(id);
  }

  folders(): readonly StoredFolder[] {
    return [...this.#folders.values()];
  }

  addFolder(folder: StoredFolder): boolean {
    if (this.folders().some(({ path }) => path === folder.path)) return false;
    this.#folders.set(folder.id, folder);
    return true;
  }

  changeFolder(folder: StoredFolder): void {
    this.#folders.set(folder.id, folder);
  }

  removeFolder(id: string): boolean {
    return this.#folders.delete(id);
  }

  readonly #begun = new Map<string, readonly (SeenFile & { readonly at: number })[]>();

  begin(folderId: string, files: readonly SeenFile[], at: number): void {
    this.#begun.set(
      folderId,
      files.map((file) => ({ ...file, at })),
    );
  }

  begun(folderId: string): readonly (SeenFile & { readonly at: number })[] {
    return this.#begun.get(folderId) ?? [];
  }

  forget(folderId: string, path: string): void {
    this.#endBegun(folderId, new Set([path]));
    this.#seen.set(
      folderId,
      this.#of(folderId).filter((seen) => seen.path !== path),
    );
  }

  isSeen(folderId: string, file: FolderFile): boolean {
    return this.#of(folderId).some(
      ({ path, sizeBytes, mtimeMs }) => path === file.path && sizeBytes === file.sizeBytes && mtimeMs === file.mtimeMs,
    );
  }

  seenWith(folderId: string, sha256: string): readonly string[] {
    return this.#of(folderId).flatMap((seen) => (seen.sha256 === sha256 ? [seen.path] : []));
  }

  see(
    folderId: string,
    files: readonly (FolderFile & { readonly sha256: string })[],
    taken: boolean,
    at: number,
  ): void {
    if (taken && files.length > 0 && !this.full)
      this.#counts.set(folderId, { taken: this.counts(folderId).taken + files.length, lastTakenAt: at });
    if (taken && this.full) throw new AppError('DISK_FULL');
    const paths = new Set(files.map(({ path }) => path));
    this.#endBegun(folderId, paths);
    const others = this.#of(folderId).filter(({ path }) => !paths.has(path));
    this.#seen.set(folderId, [...others, ...files]);
  }

  counts(folderId: string): { taken: number; lastTakenAt: number | null } {
    return this.#counts.get(folderId) ?? { taken: 0, lastTakenAt: null };
  }

  async list(): Promise<readonly FolderFile[]> {
    await this.onList();
    if (this.files === null) throw new AppError('SOURCE_MISSING');
    return [...this.files.values()].map(({ content: _, ...file }) => file);
  }

  async digest(path: string): Promise<string> {
    await this.onDigest();
    const file = this.files?.get(path);
    if (file === undefined) throw new AppError('SOURCE_MISSING');
    return file.content;
  }

  watch(): () => void {
    return () => undefined;
  }

  /** Writes a file. */
  put(path: string, content: string, mtimeMs = 1): void {
    this.files?.set(path, { path, content, sizeBytes: content.length, mtimeMs });
  }

  #endBegun(folderId: string, paths: ReadonlySet<string>): void {
    this.#begun.set(
      folderId,
      this.begun(folderId).filter(({ path }) => !paths.has(path)),
    );
  }

  #of(folderId: string): Seen[] {
    return this.#seen.get(folderId) ?? [];
  }
}
