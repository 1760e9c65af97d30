// Owns one watched folder: looks at it when it changes and now and then, and queues each recording once, when it is no longer written to; a copy of one is a recording too.
//
// starting   not looked at yet.        missing     it is not there now: a drive that is not connected. Looked for again by itself.
// watching   the last look was good.   unreadable  it is there, but may not be read.        off   a person turned it off.

import { basename } from 'node:path';
import type { ErrorReport } from '../contract/errors.ts';
import { toAppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import type { WatchFolder, WatchState } from '../contract/watch-folder.ts';
import type { FolderFile, FolderLook, FolderStore, SeenFile, StoredFolder } from './intake-ports.ts';
import { Bell } from './pause.ts';
import type { Clock, Log } from './ports.ts';

/** Milliseconds between two looks when nothing is told: network drives and many others tell nothing. */
const LOOK_MS = 15_000;
/** Milliseconds in which a file must not have changed before it counts as whole. */
const STILL_MS = 5_000;
/** The same for a file without a byte, which a recorder may have only just begun: after that it is queued, so that somebody hears of it. */
const EMPTY_MS = 600_000;
/** Milliseconds of hashing after which what was found so far is queued: of a full drive the first recording does not wait for the last. */
const PORTION_MS = 60_000;
/** Milliseconds that a look under way is given to end. */
const CLOSE_MS = 2_000;

export interface FolderWatcherDeps {
  readonly store: FolderStore;
  readonly look: FolderLook;
  readonly clock: Clock;
  readonly log: Log;
  /** Queues recordings as one batch, with the profile of the folder. @returns the paths that were refused, with their reasons */
  readonly queue: (
    folder: StoredFolder,
    paths: readonly string[],
    batchName: string,
  ) => Promise<readonly { readonly path: string; readonly error: ErrorReport }[]>;
  /** Paths of the recordings of which jobs were made at or after `since`, with when the last one was. */
  readonly queuedSince: (since: number) => ReadonlyMap<string, number>;
  readonly onChange: () => void;
}

export class FolderWatcher {
  readonly #deps: FolderWatcherDeps;
  #folder: StoredFolder;
  #state: WatchState;
  #since: number;
  #detail: string | null = null;
  #stop: AbortController | null = null;
  #ended = false;
  #done: Promise<void> = Promise.resolve();
  readonly #bell = new Bell();
  /** Files that are not known to be whole yet, as they were when they were last seen to change. */
  readonly #changing = new Map<string, FolderFile & { readonly since: number }>();

  constructor(folder: StoredFolder, deps: FolderWatcherDeps) {
    this.#deps = deps;
    this.#folder = folder;
    this.#state = folder.enabled ? 'starting' : 'off';
    this.#since = deps.clock.now();
  }

  get folder(): StoredFolder {
    return this.#folder;
  }

  view(): WatchFolder {
    return {
      ...this.#folder,
      state: this.#state,
      since: this.#since,
      detail: this.#detail,
      ...this.#deps.store.counts(this.#folder.id),
    };
  }

  start(): void {
    if (this.#stop !== null || !this.#folder.enabled || this.#ended) return;
    const stop = new AbortController();
    this.#stop = stop;
    // Two looks at a time would both queue what is new: what an earlier one is at, it finishes first.
    this.#done = this.#done.then(() => this.#run(stop.signal));
  }

  /** Resolves when nobody looks any more, or when the drive does not answer: neither the app nor a person waits for that. */
  async close(): Promise<void> {
    this.#stop?.abort();
    this.#stop = null;
    const late = Promise.withResolvers<void>();
    const cancel = this.#deps.clock.after(CLOSE_MS, late.resolve);
    await Promise.race([this.#done, late.promise]);
    cancel();
  }

  /** As {@link close}, for good: the folder is watched no more. */
  end(): Promise<void> {
    this.#ended = true;
    return this.close();
  }

  /** Goes on with other settings. They hold at once: a change that comes while this one waits is made on top of them. */
  async change(folder: StoredFolder): Promise<void> {
    this.#folder = folder;
    await this.close();
    if (this.#ended || this.#folder !== folder) return;
    this.#show(folder.enabled ? 'starting' : 'off', null);
    this.start();
  }

  /** What was being queued when an engine was killed, or when the disk was full, is in the queue, or it is not. */
  #settleBegun(): void {
    const { store, queuedSince } = this.#deps;
    const begun = store.begun(this.#folder.id);
    if (begun.length === 0) return;
    const queued = queuedSince(Math.min(...begun.map(({ at }) => at)));
    for (const { at, ...file } of begun) {
      if ((queued.get(file.path) ?? Number.NEGATIVE_INFINITY) >= at) store.see(this.#folder.id, [file], true, at);
      else store.forget(this.#folder.id, file.path);
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, look, log } = this.#deps;
    let unwatch: (() => void) | null = null;
    while (!signal.aborted) {
      try {
        await this.#look(signal);
        if (signal.aborted) break;
        unwatch ??= look.watch(this.#folder.path, this.#folder.recursive, () => this.#bell.ring());
        this.#show('watching', null);
      } catch (thrown) {
        if (signal.aborted) break;
        // What is watched may be another folder when it comes back.
        unwatch?.();
        unwatch = null;
        const { code, message } = toAppError(thrown, 'SOURCE_UNREADABLE');
        if (code === 'SOURCE_MISSING') this.#show('missing', say('folder_away'));
        else this.#show('unreadable', message);
        log.info('watch_folder_unread', { folderId: this.#folder.id, code });
      }
      await this.#bell.wait(clock, this.#isExpecting() ? STILL_MS : LOOK_MS, signal);
    }
    unwatch?.();
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { store, look, clock } = this.#deps;
    const { id, path, recursive } = this.#folder;
    this.#settleBegun();
    const files = await look.list(path, recursive);
    const present = new Set(files.map((file) => file.path));
    for (const gone of this.#changing.keys()) if (!present.has(gone)) this.#changing.delete(gone);

    let fresh: SeenFile[] = [];
    let moved: SeenFile[] = [];
    let began = clock.now();
    const settle = async (): Promise<void> => {
      if (fresh.length > 0) await this.#take(fresh);
      if (moved.length > 0) store.see(id, moved, false, clock.now());
      for (const { path: seen } of [...moved, ...fresh]) this.#changing.delete(seen);
      fresh = [];
      moved = [];
      began = clock.now();
    };
    for (const file of files) {
      if (signal.aborted) return;
      if (store.isSeen(id, file) || !this.#isWhole(file)) continue;
      const sha256 = await look.digest(file.path, signal).catch(() => null);
      if (sha256 === null) continue;
      // What was renamed has its text, and so has what was only touched. A copy beside the other is to have its own.
      const before = store.seenWith(id, sha256);
      const isMoved = before.length > 0 && before.every((path) => path === file.path || !present.has(path));
      (isMoved ? moved : fresh).push({ ...file, sha256 });
      if (Math.abs(clock.now() - began) >= PORTION_MS) await settle();
    }
    await settle();
  }

  async #take(files: readonly SeenFile[]): Promise<void> {
    const { store, clock, queue, log, onChange } = this.#deps;
    const { id, path } = this.#folder;
    const name = basename(path) || path;
    const paths = files.map((file) => file.path);
    store.begin(id, files, clock.now());
    const refused = new Set((await queue(this.#folder, paths, name)).map((each) => each.path));
    const taken = files.filter((file) => !refused.has(file.path));
    store.see(id, taken, true, clock.now());
    for (const path of refused) store.forget(id, path);
    log.info('watch_folder_took', { folderId: id, recordings: taken.length });
    if (taken.length > 0) onChange();
  }

  /** Whether a file is about to be whole; one without a byte takes its time. */
  #isExpecting(): boolean {
    return [...this.#changing.values()].some(({ sizeBytes }) => sizeBytes > 0);
  }

  /** True when the file looks as it did some seconds ago. */
  #isWhole(file: FolderFile): boolean {
    const now = this.#deps.clock.now();
    const before = this.#changing.get(file.path);
    if (before === undefined || before.sizeBytes !== file.sizeBytes || before.mtimeMs !== file.mtimeMs) {
      this.#changing.set(file.path, { ...file, since: now });
      return false;
    }
    return Math.abs(now - before.since) >= (file.sizeBytes > 0 ? STILL_MS : EMPTY_MS);
  }

  #show(state: WatchState, detail: string | null): void {
    if (state === this.#state && detail === this.#detail) return;
    if (state !== this.#state) this.#since = this.#deps.clock.now();
    this.#state = state;
    this.#detail = detail;
    this.#deps.onChange();
  }
}
