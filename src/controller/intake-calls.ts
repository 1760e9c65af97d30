// Owns the calls about what comes in by itself: profiles of options, and watched folders.

import { isAbsolute, resolve } from 'node:path';
import type { ApiInput, ApiResult } from '../contract/api.ts';
import { AppError } from '../contract/errors.ts';
import type { JobOptionsPatch } from '../contract/options.ts';
import type { Profile } from '../contract/profile.ts';
import { say } from '../contract/sentences.ts';
import type { WatchFolder } from '../contract/watch-folder.ts';
import type { EventBus } from './event-bus.ts';
import type { FolderWatcherDeps } from './folder-watcher.ts';
import { FolderWatcher } from './folder-watcher.ts';
import type { FolderLook, FolderStore, ProfileStore, StoredFolder } from './intake-ports.ts';
import type { Chance, Clock, Log } from './ports.ts';

export interface IntakeDeps {
  readonly profiles: ProfileStore;
  readonly folders: FolderStore;
  readonly look: FolderLook;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly queue: FolderWatcherDeps['queue'];
  readonly queuedSince: FolderWatcherDeps['queuedSince'];
}

export class IntakeCalls {
  readonly #deps: IntakeDeps;
  readonly #watchers = new Map<string, FolderWatcher>();
  #started = false;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
    for (const folder of deps.folders.folders()) this.#watchers.set(folder.id, this.#watcher(folder));
  }

  /** Begins to look at all folders. */
  start(): void {
    this.#started = true;
    for (const watcher of this.#watchers.values()) watcher.start();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#watchers.values()].map((watcher) => watcher.close()));
  }

  /** The options of a profile, by its id or its name. @throws AppError NOT_FOUND */
  optionsOf(idOrName: string): JobOptionsPatch {
    return this.#profile(idOrName).options;
  }

  listProfiles(): ApiResult<'listProfiles'> {
    return { profiles: [...this.#deps.profiles.profiles()] };
  }

  saveProfile({ id, name, options }: ApiInput<'saveProfile'>): Profile {
    const { profiles, chance, clock, bus } = this.#deps;
    const all = profiles.profiles();
    if (id !== undefined && !all.some((known) => known.id === id))
      throw new AppError('NOT_FOUND', say('profile_unknown'));
    const profile = { id: id ?? chance.id('profile'), name, options };
    if (!profiles.saveProfile(profile, clock.now())) throw new AppError('CONFLICT', say('profile_taken', { name }));
    bus.publish({ type: 'profile', profile });
    return profile;
  }

  removeProfile(id: string): Record<string, never> {
    const { profiles, bus } = this.#deps;
    this.#profile(id);
    if (!profiles.removeProfile(id)) throw new AppError('CONFLICT', say('profile_used'));
    bus.publish({ type: 'profile-removed', id });
    return {};
  }

  listWatchFolders(): ApiResult<'listWatchFolders'> {
    return { folders: [...this.#watchers.values()].map((watcher) => watcher.view()) };
  }

  /** Paths of the folders that are not there or not to be read now, whether they have been looked at yet or not; not of those that are off. */
  async awayFolders(): Promise<readonly string[]> {
    const { look } = this.#deps;
    const on = [...this.#watchers.values()].map(({ folder }) => folder).filter(({ enabled }) => enabled);
    const away = await Promise.all(
      on.map(({ path }) =>
        look.list(path, false).then(
          () => false,
          () => true,
        ),
      ),
    );
    return on.filter((_, index) => away[index]).map(({ path }) => path);
  }

  /** A folder that is not there now may be watched all the same: it may be on a drive that is not connected. */
  async addWatchFolder(input: ApiInput<'addWatchFolder'>): Promise<WatchFolder> {
    const { folders, look, chance, clock } = this.#deps;
    if (!isAbsolute(input.path)) throw new AppError('BAD_REQUEST', '"path": it must be absolute.');
    if (input.profileId !== null) this.#profile(input.profileId);
    const folder: StoredFolder = {
      id: chance.id('folder'),
      path: resolve(input.path),
      profileId: input.profileId,
      recursive: input.recursive,
      enabled: true,
      createdAt: clock.now(),
    };
    const present = input.takeExisting ? [] : await look.list(folder.path, folder.recursive);
    if (!folders.addFolder(folder)) throw new AppError('CONFLICT', say('folder_watched'));
    folders.see(
      folder.id,
      present.map((file) => ({ ...file, sha256: '' })),
      false,
      clock.now(),
    );
    const watcher = this.#watcher(folder);
    this.#watchers.set(folder.id, watcher);
    if (this.#started) watcher.start();
    this.#tell(watcher);
    return watcher.view();
  }

  async changeWatchFolder({ id, ...change }: ApiInput<'changeWatchFolder'>): Promise<WatchFolder> {
    const watcher = this.#folder(id);
    if (typeof change.profileId === 'string') this.#profile(change.profileId);
    const { folder: old } = watcher;
    const folder: StoredFolder = {
      ...old,
      profileId: change.profileId === undefined ? old.profileId : change.profileId,
      recursive: change.recursive ?? old.recursive,
      enabled: change.enabled ?? old.enabled,
    };
    this.#deps.folders.changeFolder(folder);
    await watcher.change(folder);
    if (this.#watchers.has(id)) this.#tell(watcher);
    return watcher.view();
  }

  async removeWatchFolder(id: string): Promise<Record<string, never>> {
    const watcher = this.#folder(id);
    this.#deps.folders.removeFolder(id);
    this.#watchers.delete(id);
    await watcher.end();
    this.#deps.bus.publish({ type: 'watch-folder-removed', id });
    return {};
  }

  #watcher(folder: StoredFolder): FolderWatcher {
    const { folders, look, clock, log, queue, queuedSince } = this.#deps;
    const watcher: FolderWatcher = new FolderWatcher(folder, {
      ...{ store: folders, look, clock, log, queue, queuedSince },
      onChange: () => this.#tell(watcher),
    });
    return watcher;
  }

  #tell(watcher: FolderWatcher): void {
    this.#deps.bus.publish({ type: 'watch-folder', folder: watcher.view() });
  }

  #profile(idOrName: string): Profile {
    const wanted = idOrName.toLowerCase();
    const found = this.#deps.profiles
      .profiles()
      .find(({ id, name }) => id === idOrName || name.toLowerCase() === wanted);
    if (found === undefined) throw new AppError('NOT_FOUND', say('profile_named', { name: idOrName }));
    return found;
  }

  #folder(id: string): FolderWatcher {
    const watcher = this.#watchers.get(id);
    if (watcher === undefined) throw new AppError('NOT_FOUND', say('folder_unknown'));
    return watcher;
  }
}
