// Owns what a person names on the command line: files and folders, patterns that the shell did not expand, and the folder to write to.

import { access, constants, glob, lstat, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AppError } from '../../contract/errors.ts';

const naturally = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/**
 * Absolute paths of what was named, in its order. Where nothing has the name and it is a pattern (`*.mp3` from a shell that expands none, or in
 * quotes), the files that match it stand in its place. An address stays as it is, to be refused as one.
 */
export async function namedPaths(given: readonly string[]): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const name of given) {
    if (/^[a-z][a-z\d+.-]+:\/\//i.test(name)) paths.push(name);
    else if (!/[*?[{]/.test(name) || (await isThere(name))) paths.push(resolve(name));
    else {
      const matching: string[] = [];
      for await (const path of glob(name)) matching.push(path);
      matching.sort(naturally.compare);
      paths.push(...(matching.length === 0 ? [name] : matching).map((path) => resolve(path)));
    }
  }
  return paths;
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Says before hours of work what would be said after them: that nothing can be written to a folder. Makes none.
 * @throws AppError BAD_REQUEST
 */
export async function refuseUnwritable(folder: string): Promise<void> {
  for (let path = resolve(folder); ; path = dirname(path)) {
    const found = await stat(path).catch(() => null);
    // What cannot be looked at may be a drive that comes back; where nothing is there, the folder above decides.
    if (found === null && dirname(path) !== path) continue;
    if (found !== null && !found.isDirectory())
      throw new AppError('BAD_REQUEST', `Nothing can be written to ${resolve(folder)}: ${path} is a file.`);
    await access(path, constants.W_OK).catch((cause: unknown) => {
      throw new AppError('BAD_REQUEST', `Nothing can be written to ${resolve(folder)}: your user may not.`, { cause });
    });
    return;
  }
}
