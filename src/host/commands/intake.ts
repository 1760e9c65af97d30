// Owns the commands `profiles …` and `watch …`: options under a name, and folders that are watched.

import { resolve } from 'node:path';
import type { AppApi } from '../../contract/api.ts';
import { AppError } from '../../contract/errors.ts';
import { jobOptionsPatchSchema } from '../../contract/options.ts';
import type { Profile } from '../../contract/profile.ts';
import type { WatchFolder } from '../../contract/watch-folder.ts';
import type { GlobalOptions } from './engine-access.ts';
import { withEngine } from './engine-access.ts';

export async function listProfiles(options: GlobalOptions): Promise<number> {
  const { profiles } = await withEngine(options, (api) => api.call('listProfiles', {}));
  for (const profile of profiles)
    print(
      options.json ? JSON.stringify(profile) : `${profile.id}  ${profile.name}  ${JSON.stringify(profile.options)}`,
    );
  return 0;
}

/** Saves `name=value` options under a name; a profile of that name is replaced. */
export async function saveProfile(name: string, given: string[], options: GlobalOptions): Promise<number> {
  const saved = await withEngine(options, async (api) => {
    const known = (await api.call('listProfiles', {})).profiles.find((profile) => profile.name === name);
    return api.call('saveProfile', { name, options: patchOf(given), ...(known === undefined ? {} : { id: known.id }) });
  });
  print(options.json ? JSON.stringify(saved) : `Saved ${saved.name}.`);
  return 0;
}

export async function removeProfile(idOrName: string, options: GlobalOptions): Promise<number> {
  await withEngine(options, async (api) => api.call('removeProfile', { id: (await profileOf(api, idOrName)).id }));
  print(options.json ? '{}' : 'Removed.');
  return 0;
}

export interface WatchOptions extends GlobalOptions {
  readonly profile?: string;
  /** False with --no-recursive. */
  readonly recursive?: boolean;
  readonly onlyNew?: boolean;
}

export async function listFolders(options: GlobalOptions): Promise<number> {
  const { folders } = await withEngine(options, (api) => api.call('listWatchFolders', {}));
  for (const folder of folders) print(options.json ? JSON.stringify(folder) : folderLine(folder));
  return 0;
}

export async function addFolder(path: string, options: WatchOptions): Promise<number> {
  const folder = await withEngine(options, async (api) =>
    api.call('addWatchFolder', {
      path: resolve(path),
      profileId: options.profile === undefined ? null : (await profileOf(api, options.profile)).id,
      recursive: options.recursive ?? true,
      takeExisting: options.onlyNew !== true,
    }),
  );
  print(options.json ? JSON.stringify(folder) : folderLine(folder));
  return 0;
}

export function turnFolder(enabled: boolean): (id: string, options: GlobalOptions) => Promise<number> {
  return async (id, options) => {
    const folder = await withEngine(options, (api) => api.call('changeWatchFolder', { id, enabled }));
    print(options.json ? JSON.stringify(folder) : folderLine(folder));
    return 0;
  };
}

export async function removeFolder(id: string, options: GlobalOptions): Promise<number> {
  await withEngine(options, (api) => api.call('removeWatchFolder', { id }));
  print(options.json ? '{}' : 'It is not watched any more. What was queued from it stays.');
  return 0;
}

/** `name=value` pairs as an object: a value that is JSON counts as that, anything else as text. */
export function pairs(given: readonly string[]): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const pair of given) {
    const at = pair.indexOf('=');
    if (at < 1) throw new AppError('BAD_REQUEST', `"${pair}" is no name=value.`);
    found[pair.slice(0, at)] = parsedValue(pair.slice(at + 1));
  }
  return found;
}

function parsedValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function patchOf(given: readonly string[]) {
  const parsed = jobOptionsPatchSchema.strict().safeParse(pairs(given));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('BAD_REQUEST', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'This is no option.'}`, {
    cause: parsed.error,
  });
}

async function profileOf(api: AppApi, idOrName: string): Promise<Profile> {
  const { profiles } = await api.call('listProfiles', {});
  const found = profiles.find(({ id, name }) => id === idOrName || name.toLowerCase() === idOrName.toLowerCase());
  if (found === undefined) throw new AppError('NOT_FOUND', `There is no profile "${idOrName}".`);
  return found;
}

function folderLine({ id, path, state, taken, detail }: WatchFolder): string {
  return `${id}  ${state.padEnd(10)}  ${path}  (${taken} taken)${detail === null ? '' : `  ${detail}`}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
