// Owns where cloudflared is, how it is called, and ending one that an earlier engine left running. It is never downloaded.

import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { dirname, join, posix, win32 } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A tunnel that was made at Cloudflare before: its token, and the public address that leads to it. */
export interface NamedTunnel {
  readonly token: string;
  readonly baseUrl: string;
}

/** The program on the PATH, or null. */
export function findCloudflared(env: Environment): string | null {
  const name = process.platform === 'win32' ? 'cloudflared.exe' : 'cloudflared';
  for (const folder of pathFolders(env, process.platform)) {
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

/**
 * The folders of the PATH, which Windows writes in any letters and may put in quotes. One that is not absolute is passed over: it would be looked
 * for in the folder that the app was started in, which may have come from anywhere.
 */
export function pathFolders(env: Environment, platform: NodeJS.Platform): readonly string[] {
  const { delimiter, isAbsolute } = platform === 'win32' ? win32 : posix;
  const names = platform === 'win32' ? Object.keys(env).filter((name) => name.toUpperCase() === 'PATH') : ['PATH'];
  return names
    .flatMap((name) => (env[name] ?? '').split(delimiter))
    .map((folder) => (platform === 'win32' ? folder.replaceAll('"', '') : folder))
    .filter((folder) => isAbsolute(folder));
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

/** The call that prints the command line of a process: Windows has it from its own PowerShell, by its whole path. */
export function commandLineCall(
  pid: number,
  platform: NodeJS.Platform,
  env: Environment,
): readonly [string, readonly string[]] {
  if (platform !== 'win32') return ['ps', ['-o', 'args=', '-p', String(pid)]];
  const root = env['SystemRoot'] ?? env['SYSTEMROOT'] ?? 'C:\\Windows';
  const query = `(Get-CimInstance -ClassName Win32_Process -Filter 'ProcessId=${pid}').CommandLine`;
  const shell = win32.join(root, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');
  return [shell, ['-NoProfile', '-NonInteractive', '-Command', query]];
}

/** How long it may take to print that; a PowerShell that was never run before takes seconds. */
const LOOK_MS = 15_000;

/**
 * Ends the program that `file` remembers: its tunnel leads to a port that another program may listen at by now. Its number may belong to another,
 * too: only one whose command line is cloudflared's is touched.
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
  if (!Number.isSafeInteger(pid) || pid <= 1) return false;
  const [program, args] = commandLineCall(pid, process.platform, process.env);
  const command = await new Promise<string>((resolve) => {
    execFile(program, args, { cwd: dirname(file), timeout: LOOK_MS, windowsHide: true }, (_error, out) => resolve(out));
  });
  if (!/cloudflared.* tunnel --no-autoupdate/.test(command)) return false;
  try {
    process.kill(pid, 'SIGTERM');
    return true;
  } catch {
    // Gone in the meantime.
    return false;
  }
}
