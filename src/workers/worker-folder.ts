// Owns the files that a worker on this computer lives with, all in <dataDir>/worker: its token, its state file, its log.

import type { FileHandle } from 'node:fs/promises';
import { chmod, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chance } from '../controller/ports.ts';
import { renameOver } from '../store/rename-over.ts';

const LOG_ROTATES_AT_BYTES = 10 * 1024 * 1024;
/** Of a log, what is read to say why a worker died. */
const TAIL_BYTES = 16 * 1024;

/** Of what a worker says of itself once it listens (docs/protocol.md, `WORKER_STATE_FILE`), the part that is needed here. */
export interface WorkerStateFile {
  readonly pid: number;
  readonly port: number;
}

export class WorkerFolder {
  readonly path: string;
  readonly stateFile: string;
  readonly logFile: string;
  readonly workDir: string;
  readonly #tokenFile: string;

  constructor(dataDir: string) {
    this.path = join(dataDir, 'worker');
    this.stateFile = join(this.path, 'state.json');
    this.logFile = join(this.path, 'worker.log');
    this.workDir = join(this.path, 'work');
    this.#tokenFile = join(this.path, 'token');
  }

  async make(): Promise<void> {
    await mkdir(this.workDir, { recursive: true, mode: 0o700 });
    await chmod(this.path, 0o700);
  }

  /** Null while no worker listens. */
  async state(): Promise<WorkerStateFile | null> {
    const { pid, port } = fieldsOf(await readFile(this.stateFile, 'utf8').catch(() => ''));
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 1) return null;
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) return null;
    return { pid, port };
  }

  async forgetState(): Promise<void> {
    await rm(this.stateFile, { force: true });
  }

  /** The token of the worker that was started last, or null. */
  async token(): Promise<string | null> {
    const token = await readFile(this.#tokenFile, 'utf8').catch(() => '');
    return token.trim() === '' ? null : token.trim();
  }

  /**
   * The token to start a worker with, on disk (0600) before anybody uses it: an engine that dies now can still adopt the worker. One that is there
   * is kept, since the worker that has it may be coming up yet; {@link forgetToken} ends it.
   */
  async tokenToStartWith(chance: Chance): Promise<string> {
    const kept = await this.token();
    if (kept !== null) return kept;
    // Three ids of 100 bits each.
    const token = ['worker', 'token', 'x'].map((prefix) => chance.id(prefix)).join('');
    const fresh = `${this.#tokenFile}.new`;
    await rm(fresh, { force: true });
    await writeFile(fresh, token, { mode: 0o600, flag: 'wx' });
    await renameOver(fresh, this.#tokenFile);
    return token;
  }

  /** Once no worker has it any more. */
  async forgetToken(): Promise<void> {
    await rm(this.#tokenFile, { force: true });
  }

  /** The log, open for appending; a long one was moved aside. `from` is where this worker's lines begin. */
  async openLog(): Promise<{ readonly file: FileHandle; readonly from: number }> {
    const size = (await stat(this.logFile).catch(() => null))?.size ?? 0;
    if (size > LOG_ROTATES_AT_BYTES) await renameOver(this.logFile, `${this.logFile}.1`);
    const file = await open(this.logFile, 'a', 0o600);
    return { file, from: size > LOG_ROTATES_AT_BYTES ? 0 : size };
  }

  /** The last sentences in the log after byte `from`, at most `count`: of JSON lines the message, other lines as they are. */
  async lastWords(from: number, count: number): Promise<string> {
    const file = await open(this.logFile, 'r').catch(() => null);
    if (file === null) return '';
    try {
      const { size } = await file.stat();
      const start = Math.max(from, size - TAIL_BYTES);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(size - start, 0)), 0, null, start);
      const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
      return lines
        .map((line) => messageOf(line.trimEnd()))
        .filter((line) => line !== '')
        .slice(-count)
        .join('\n');
    } finally {
      await file.close();
    }
  }
}

function messageOf(line: string): string {
  if (!line.startsWith('{')) return line;
  const { message } = fieldsOf(line);
  return typeof message === 'string' ? message : line;
}

/** The fields of a JSON object; none where the text is not one (absent, cut short, half a line at the beginning of a tail). */
function fieldsOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
