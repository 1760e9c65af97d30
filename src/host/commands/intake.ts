// Owns the commands `profiles …` and `watch …`: options under a name, and folders that are watched.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ZodError, ZodType } from 'zod';
import type { AppApi } from '../../contract/api.ts';
import { AppError } from '../../contract/errors.ts';
import { givenOptionsSchema } from '../../contract/options.ts';
import type { Profile } from '../../contract/profile.ts';
import type { WatchFolder } from '../../contract/watch-folder.ts';
import type { GlobalOptions } from './engine-access.ts';
import { withEngine } from './engine-access.ts';
import { printable } from './terminal-text.ts';

export async function listProfiles(options: GlobalOptions): Promise<number> {
  const { profiles } = await withEngine(options, (api) => api.call('listProfiles', {}));
  for (const profile of profiles)
    print(
      options.json
        ? JSON.stringify(profile)
        : `${profile.id}  ${printable(profile.name)}  ${JSON.stringify(profile.options)}`,
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
  if (options.json !== true && !existsSync(folder.path))
    process.stderr.write(
      `The folder is not there now and is looked for by itself. If its name is wrong: watch remove ${folder.id}\n`,
    );
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

/**
 * `name=value` pairs as an object, a dot in a name leading into an object. `schema` says what a place takes: a value is text where text will do
 * (a prompt may be `2024`), else JSON, else a list with commas between its words; `null` and what has JSON's quotes are always JSON.
 */
export function pairs(given: readonly string[], schema: ZodType): Record<string, unknown> {
  let found: Record<string, unknown> = {};
  for (const pair of given) {
    const at = pair.indexOf('=');
    if (at < 1) throw new AppError('BAD_REQUEST', `"${pair}" is no name=value.`);
    const [name = '', ...inner] = pair.slice(0, at).split('.');
    const text = pair.slice(at + 1);
    const json = parsedValue(text);
    const list = text.split(',').map((word) => word.trim());
    const values = json === null || typeof json === 'string' ? [json, list] : [text, json, list];
    // A name within may have dots of its own: that of a worker has.
    const names = [[name, ...inner], ...(inner.length > 1 ? [[name, inner.join('.')]] : [])];
    const readings = names.flatMap((each) => values.map((value) => nested(each, value)));
    // Where none fits, the refusal is to be about the reading that came furthest.
    const wrongAt = (patch: object) =>
      schema.safeParse(patch).error?.issues[0]?.path.length ?? Number.POSITIVE_INFINITY;
    found = merged(found, readings.toSorted((one, other) => wrongAt(other) - wrongAt(one))[0] ?? {});
  }
  return found;
}

function nested([name = '', ...rest]: readonly string[], value: unknown): Record<string, unknown> {
  return { [name]: rest.length === 0 ? value : nested(rest, value) };
}

function merged(one: Record<string, unknown>, other: Record<string, unknown>): Record<string, unknown> {
  const all = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const before = all[name];
    all[name] = isObject(before) && isObject(value) ? merged(before, value) : value;
  }
  return all;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is wrong, with the place where there is one. */
export function firstIssue(error: ZodError): string {
  const [issue] = error.issues;
  const place = issue?.path.join('.') ?? '';
  return `${place === '' ? '' : `"${place}": `}${issue?.message ?? 'It does not parse.'}`;
}

function parsedValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function patchOf(given: readonly string[]) {
  const parsed = givenOptionsSchema.safeParse(pairs(given, givenOptionsSchema));
  if (parsed.success) return parsed.data;
  throw new AppError('BAD_REQUEST', firstIssue(parsed.error), { cause: parsed.error });
}

async function profileOf(api: AppApi, idOrName: string): Promise<Profile> {
  const { profiles } = await api.call('listProfiles', {});
  const found = profiles.find(({ id, name }) => id === idOrName || name.toLowerCase() === idOrName.toLowerCase());
  if (found === undefined) throw new AppError('NOT_FOUND', `There is no profile "${idOrName}".`);
  return found;
}

function folderLine({ id, path, state, taken, detail }: WatchFolder): string {
  return `${id}  ${state.padEnd(10)}  ${printable(path)}  (${taken} taken)${detail === null ? '' : `  ${detail}`}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
