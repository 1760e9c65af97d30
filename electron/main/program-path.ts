// Owns where programs are looked for when the app was opened with the mouse: macOS tells a window of its own folders only, and not of those
// in which people install Python and cloudflared.

import { join } from 'node:path';

/** Folders on macOS that a shell's profile adds, by Homebrew (both kinds of processor), python.org, MacPorts, pipx and pyenv. */
const INSTALLED = [
  '/opt/homebrew/bin',
  '/usr/local/bin',
  '/Library/Frameworks/Python.framework/Versions/Current/bin',
  '/opt/local/bin',
];
const AT_HOME = ['.local/bin', '.pyenv/shims'];
/** Where the system's own programs begin. Its python3 is too old, or only asks whether developer tools are wanted. */
const SYSTEM = '/usr/bin';

/**
 * The environment for the engine: on macOS with a longer PATH, elsewhere as it is. What is named already stays, in its order; what is missing comes
 * before the system's own programs, as a shell's profile would have it.
 * @param exists whether a folder is there
 */
export function programEnvironment(
  platform: NodeJS.Platform,
  env: NodeJS.ProcessEnv,
  home: string,
  exists: (folder: string) => boolean,
): NodeJS.ProcessEnv {
  if (platform !== 'darwin') return env;
  const known = (env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  const missing = [...INSTALLED, ...AT_HOME.map((folder) => join(home, folder))].filter(
    (folder) => !known.includes(folder) && exists(folder),
  );
  const system = known.indexOf(SYSTEM);
  const at = system === -1 ? known.length : system;
  return { ...env, PATH: [...known.slice(0, at), ...missing, ...known.slice(at)].join(':') };
}
