// Owns where cloudflared is, how it is called, and ending one that an earlier engine left running. It is never downloaded.

import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A tunnel that was made at Cloudflare before: its token, and the public address that leads to it. */
export interface NamedTunnel {
  readonly token: string;
  readonly baseUrl: string;
}

/** The program on the PATH, or null. */
export function findCloudflared(env: Environment): string | null {
  const names = process.platform === 'win32' ? ['cloudflared.exe'] : ['cloudflared'];
  for (const folder of (env['PATH'] ?? env['Path'] ?? '').split(delimiter))
    for (const name of names) {
      if (folder === '') continue;
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        if (statSync(path).isFile()) return path;
      } catch {
        // Not this one.
      }
    }
  return null;
}

/** What it is given: nothing of what this program was given but the way home and to the net. */
const PASSED_ON =
  /^(?:PATH|Path|HOME|USERPROFILE|SystemRoot|SYSTEMROOT|TEMP|TMP|TMPDIR|LANG|LC_ALL|HTTPS?_PROXY|NO_PROXY)$/i;

/**
 * Arguments and environment of a tunnel that leads to `port` of 127.0.0.1. The token goes by the environment, since everybody on this computer
 * may read arguments. An empty configuration keeps the rules of another tunnel of the user's out of it.
 */
export function cloudflaredCall(
  named: NamedTunnel | null,
  port: number,
  env: Environment,
): { readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv } {
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => PASSED_ON.test(name)));
  const common = ['tunnel', '--no-autoupdate', '--grace-period', '1s'];
  if (named !== null) return { args: [...common, 'run'], env: { ...own, TUNNEL_TOKEN: named.token } };
  return { args: [...common, '--config', devNull, '--url', `http://127.0.0.1:${port}`], env: own };
}

/** Remembers a program that was started, so that the next engine can end it if this one dies. */
export function rememberProgram(file: string, pid: number): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${pid}\n`, { mode: 0o600 });
}

export function forgetProgram(file: string): void {
  rmSync(file, { force: true });
}

/**
 * Ends the program that `file` remembers. Its number may belong to another by now: only one whose command line is cloudflared's is touched;
 * where that cannot be read (Windows), none is.
 * @returns true when one was ended
 */
export async function endLeftProgram(file: string): Promise<boolean> {
  let pid: number;
  try {
    pid = Number(readFileSync(file, 'utf8').trim());
  } catch {
    return false;
  }
  forgetProgram(file);
  if (!Number.isSafeInteger(pid) || pid <= 1 || process.platform === 'win32') return false;
  const command = await new Promise<string>((resolve) => {
    execFile('ps', ['-o', 'args=', '-p', String(pid)], (_error, out) => resolve(out));
  });
  if (!/cloudflared.* tunnel .*--no-autoupdate/.test(command)) return false;
  try {
    process.kill(pid, 'SIGTERM');
    return true;
  } catch {
    // Gone in the meantime.
    return false;
  }
}
