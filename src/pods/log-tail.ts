// Owns the logs of pods: follows a pod's stream while it starts, takes a broken one up where it was, and keeps the last lines in memory.

import type { PodLogLine } from '../contract/pods.ts';
import type { Log } from '../controller/ports.ts';
import type { PodProvider } from './provider.ts';

export interface LogTailDeps {
  readonly provider: () => PodProvider | null;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onLines: (podId: string, lines: readonly PodLogLine[]) => void;
  readonly log: Log;
}

/** Lines that are kept of a pod, and how many of the past are asked for. */
const KEPT = 500;
const TAIL = 200;
const LONGEST_LINE = 2_000;
const RETRY_MS = 3_000;
/** Milliseconds that a reader waits for the first lines of a pod that is not followed. */
const FIRST_LINES_MS = 3_000;

interface Tail {
  readonly lines: PodLogLine[];
  lastId: string | null;
  follow: AbortController | null;
}

export class LogTail {
  readonly #deps: LogTailDeps;
  readonly #tails = new Map<string, Tail>();
  readonly #running = new Set<Promise<void>>();

  constructor(deps: LogTailDeps) {
    this.#deps = deps;
  }

  /** Follows the pod from now on; does nothing when it is followed already. */
  follow(podId: string, providerId: string): void {
    const tail = this.#tail(podId);
    if (tail.follow !== null) return;
    const stop = new AbortController();
    tail.follow = stop;
    const run = this.#keepReading(podId, providerId, tail, stop.signal).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** Stops following; the lines stay. */
  leave(podId: string): void {
    const tail = this.#tails.get(podId);
    tail?.follow?.abort();
    if (tail !== undefined) tail.follow = null;
  }

  forget(podId: string): void {
    this.leave(podId);
    this.#tails.delete(podId);
  }

  lines(podId: string): readonly PodLogLine[] {
    return this.#tails.get(podId)?.lines ?? [];
  }

  lastLine(podId: string): string | null {
    return this.#tails.get(podId)?.lines.at(-1)?.line ?? null;
  }

  /** The last lines, asked for where none are known. Never throws: a log that cannot be had is empty. */
  async read(podId: string, providerId: string | null): Promise<readonly PodLogLine[]> {
    const tail = this.#tail(podId);
    if (tail.follow !== null || providerId === null) return tail.lines;
    const stop = new AbortController();
    void this.#deps.pause(FIRST_LINES_MS, stop.signal).then(() => stop.abort());
    await this.#once(podId, providerId, tail, stop.signal, () => {
      if (tail.lines.length >= TAIL) stop.abort();
    });
    stop.abort();
    return tail.lines;
  }

  async close(): Promise<void> {
    for (const podId of this.#tails.keys()) this.leave(podId);
    await Promise.allSettled(this.#running);
  }

  async #keepReading(podId: string, providerId: string, tail: Tail, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#once(podId, providerId, tail, signal, () => undefined);
      await this.#deps.pause(RETRY_MS, signal);
    }
  }

  async #once(podId: string, providerId: string, tail: Tail, signal: AbortSignal, onLine: () => void): Promise<void> {
    const provider = this.#deps.provider();
    if (provider === null) return;
    try {
      for await (const { id, line } of provider.logs(providerId, { tail: TAIL, after: tail.lastId }, signal)) {
        // A stream that was taken up again may repeat its last line.
        if (id !== '' && id === tail.lastId) continue;
        tail.lastId = id === '' ? tail.lastId : id;
        const short = { ...line, line: line.line.slice(0, LONGEST_LINE) };
        tail.lines.push(short);
        if (tail.lines.length > KEPT) tail.lines.splice(0, tail.lines.length - KEPT);
        this.#deps.onLines(podId, [short]);
        onLine();
      }
    } catch (thrown) {
      if (!signal.aborted) this.#deps.log.info('pod_log_broken', { podId, error: String(thrown) });
    }
  }

  #tail(podId: string): Tail {
    const present = this.#tails.get(podId);
    if (present !== undefined) return present;
    const tail: Tail = { lines: [], lastId: null, follow: null };
    this.#tails.set(podId, tail);
    return tail;
  }
}
