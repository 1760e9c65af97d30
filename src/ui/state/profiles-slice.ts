// Owns the controller's facts about profiles of options and watched folders.

import type { AppEvent } from '../../contract/api.ts';
import type { Profile } from '../../contract/profile.ts';
import type { WatchFolder } from '../../contract/watch-folder.ts';

/** Profiles by name; folders in the order in which the engine lists them, new ones last. */
export interface ProfileFacts {
  readonly profiles: readonly Profile[];
  readonly folders: readonly WatchFolder[];
}

export const NO_PROFILES: ProfileFacts = { profiles: [], folders: [] };

/** The facts after `events`. */
export function profilesAfter(before: ProfileFacts, events: readonly AppEvent[]): ProfileFacts {
  let { profiles, folders } = before;
  for (const event of events) {
    if (event.type === 'profile') {
      profiles = laid(profiles, event.profile).toSorted((a, b) => a.name.localeCompare(b.name));
    } else if (event.type === 'profile-removed') profiles = profiles.filter(({ id }) => id !== event.id);
    else if (event.type === 'watch-folder') folders = laid(folders, event.folder);
    else if (event.type === 'watch-folder-removed') folders = folders.filter(({ id }) => id !== event.id);
  }
  return profiles === before.profiles && folders === before.folders ? before : { profiles, folders };
}

function laid<Item extends { readonly id: string }>(items: readonly Item[], item: Item): readonly Item[] {
  return items.some(({ id }) => id === item.id)
    ? items.map((each) => (each.id === item.id ? item : each))
    : [...items, item];
}
