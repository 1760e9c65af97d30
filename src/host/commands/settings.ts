// Owns the commands `settings get|set`: what is saved once for all jobs.

import { AppError } from '../../contract/errors.ts';
import { givenSettingsSchema } from '../../contract/settings.ts';
import type { GlobalOptions } from './engine-access.ts';
import { withEngine } from './engine-access.ts';
import { firstIssue, pairs } from './intake.ts';

/** Prints all settings, or the one with this name (`jobDefaults.model`). Always JSON. */
export async function getSettings(name: string | undefined, options: GlobalOptions): Promise<number> {
  const view = await withEngine(options, (api) => api.call('getSettings', {}));
  if (name === undefined) {
    print(JSON.stringify(view, null, 2));
    return 0;
  }
  const value = name
    .split('.')
    .reduce<unknown>(
      (within, key) => (isObject(within) && Object.hasOwn(within, key) ? within[key] : undefined),
      view.settings,
    );
  if (value === undefined) throw new AppError('NOT_FOUND', `There is no setting "${name}".`);
  print(JSON.stringify(value));
  return 0;
}

/** Saves `name=value` pairs; one that the environment holds fast is saved, and said to be without effect until the variable is gone. */
export async function setSettings(given: string[], options: GlobalOptions): Promise<number> {
  const parsed = givenSettingsSchema.safeParse(pairs(given, givenSettingsSchema));
  if (!parsed.success) throw new AppError('BAD_REQUEST', firstIssue(parsed.error), { cause: parsed.error });
  const view = await withEngine(options, (api) => api.call('putSettings', parsed.data));
  print(JSON.stringify(view, null, options.json ? 0 : 2));
  for (const fixed of view.fromEnvironment)
    if (given.some((pair) => pair.startsWith(`${fixed}=`)))
      process.stderr.write(`${fixed} is held by the environment: what was saved counts when the variable is gone.\n`);
  return 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
