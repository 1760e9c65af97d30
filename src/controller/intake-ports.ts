// Owns what the engine needs from outside for what comes in by itself: profiles and watched folders on disk, and a look into a folder.

import type { Profile } from '../contract/profile.ts';

export interface ProfileStore {
  /** By name. */
  profiles(): readonly Profile[];
  /** Adds it, or changes the one with its id. @returns false when another one has the name. */
  saveProfile(profile: Profile, now: number): boolean;
  /** @returns false when a watched folder uses it, or it is not there. */
  removeProfile(id: string): boolean;
}

/** A watched folder as it is stored. */
export interface StoredFolder {
  readonly id: string;
  readonly path: string;
  readonly profileId: string | null;
  readonly recursive: boolean;
  readonly enabled: boolean;
  readonly createdAt: number;
}

/** A file in a watched folder; times in milliseconds since 1970. */
export interface FolderFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

export interface SeenFile extends FolderFile {
  readonly sha256: string;
}

export interface FolderStore {
  folders(): readonly StoredFolder[];
  /** @returns false when the path is watched already. */
  addFolder(folder: StoredFolder): boolean;
  changeFolder(folder: StoredFolder): void;
  removeFolder(id: string): boolean;
  /** True when this very file was seen: the same path, size and time. */
  isSeen(folderId: string, file: FolderFile): boolean;
  /** Paths under which this content was seen in the folder. */
  seenWith(folderId: string, sha256: string): readonly string[];
  /** Remembers that files are about to be queued; until {@link see} says that they were, they do not count as seen. */
  begin(folderId: string, files: readonly SeenFile[], now: number): void;
  /** Files that were about to be queued when the engine was killed, with the time of that. */
  begun(folderId: string): readonly (SeenFile & { readonly at: number })[];
  forget(folderId: string, path: string): void;
  /** Remembers files; `taken` = they were queued. An empty digest stands for content that nobody looked at. */
  see(folderId: string, files: readonly SeenFile[], taken: boolean, now: number): void;
  counts(folderId: string): { readonly taken: number; readonly lastTakenAt: number | null };
}

export interface FolderLook {
  /** Recordings in a folder. AppError SOURCE_MISSING where it is not there, SOURCE_UNREADABLE. */
  list(path: string, recursive: boolean): Promise<readonly FolderFile[]>;
  /** SHA-256 in hex. AppError SOURCE_* as for any recording. */
  digest(path: string, signal: AbortSignal): Promise<string>;
  /** Calls `onChange` when something in the folder changes, where the system tells; returns the undo. Never throws. */
  watch(path: string, recursive: boolean, onChange: () => void): () => void;
}
