// Owns the one interface through which the UI reaches the engine. Three versions keep it: HTTP, the desktop's bridge, and memory.

import type { AppApi, UploadResult } from '../../contract/api.ts';
import type { PageTold } from '../../contract/desktop-ipc.ts';

/** Whether the engine answers. `unauthorized`: it does, and refuses the token. */
export type Connection = 'connecting' | 'open' | 'lost' | 'unauthorized';

/** What a desktop can do and a browser cannot. */
export interface Desktop {
  /** The absolute path of a dropped file; empty where it has none. */
  pathOf(file: File): string;
  openFiles(): Promise<string[]>;
  openFolder(): Promise<string[]>;
  reveal(path: string): void;
  /** Whether secrets outlive the app: false where the system offers no real encryption. */
  secretsKept(): Promise<boolean>;
  /** What the app around the window tells: what was chosen in its menu, what it had to start anew. Returns its own undo. */
  onTold(listener: (told: PageTold) => void): () => void;
}

/** How an upload is watched and stopped. Bytes. */
export interface UploadWatch {
  readonly onProgress?: (sentBytes: number, totalBytes: number) => void;
  readonly signal?: AbortSignal;
}

/** The engine as the UI sees it. */
export interface UiClient extends AppApi {
  /** Null in a browser: recordings are then uploaded, and written files are downloaded. */
  readonly desktop: Desktop | null;
  /** As `process.platform` says it on a desktop; `browser` elsewhere. */
  readonly platform: string;
  /** Copies a recording into the app without holding it in memory. */
  upload(file: File, watch?: UploadWatch): Promise<UploadResult>;
  /** Tells the present state at once and each change after it. Returns its own undo. */
  watchConnection(listener: (connection: Connection) => void): () => void;
}

/** A value that can be watched: what `watchConnection` is made of in each version. */
export interface ConnectionSource {
  set(connection: Connection): void;
  watch(listener: (connection: Connection) => void): () => void;
}

/** Keeps the last known connection and tells it to whoever asks. */
export function connectionSource(): ConnectionSource {
  let current: Connection = 'connecting';
  const listeners = new Set<(connection: Connection) => void>();
  return {
    set(connection) {
      if (connection === current) return;
      current = connection;
      for (const listener of listeners) listener(connection);
    },
    watch(listener) {
      listeners.add(listener);
      listener(current);
      return () => listeners.delete(listener);
    },
  };
}
