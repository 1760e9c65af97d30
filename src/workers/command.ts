// Owns running a short-lived program to its end: its lines as they come, its exit status, and its end when the caller aborts.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';

const LINES_KEPT = 200;

export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  /**
   * Where it runs: a folder of ours. Windows looks for a program there before the PATH, and Python for modules before its own; the folder that a
   * command was started in may have come from anywhere.
   */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  /** Called with every line of stdout and stderr, in the order in which they come. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/** How a program ended: its status (null after a signal, -1 when it could not be started) and its last 200 lines. */
export interface CommandEnd {
  readonly status: number | null;
  readonly lines: readonly string[];
}

/**
 * Runs a program without a shell and without stdin.
 * @throws AppError WORKER_INSTALL_FAILED when `signal` is aborted; the program is ended first.
 */
export async function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandEnd> {
  const { env, folder, signal, onLine } = options;
  if (signal?.aborted) throw stopped(signal);
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  const lines: string[] = [];
  const keep = (line: string) => {
    const text = line.trimEnd();
    if (text === '') return;
    lines.push(text);
    if (lines.length > LINES_KEPT) lines.shift();
    onLine?.(text);
  };
  createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY }).on('line', keep);
  createInterface({ input: child.stderr, crlfDelay: Number.POSITIVE_INFINITY }).on('line', keep);
  const end = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', end, { once: true });
  try {
    const status = await new Promise<number | null>((resolve) => {
      child.once('error', (error) => {
        keep(error.message);
        resolve(-1);
      });
      child.once('close', resolve);
    });
    if (signal?.aborted) throw stopped(signal);
    return { status, lines };
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

function stopped(signal: AbortSignal): AppError {
  return new AppError('WORKER_INSTALL_FAILED', say('setup_stopped'), { cause: signal.reason });
}
