// Owns the way from a command to the engine that already runs in the same data directory: AppApi over the local HTTP API.

import {
  API,
  type ApiName,
  type ApiResult,
  type AppApi,
  type AppEvent,
  apiErrorSchema,
  appEventSchema,
} from '../contract/api.ts';
import { apiRequest } from '../contract/api-request.ts';
import { AppError } from '../contract/errors.ts';
import { pause } from '../controller/pause.ts';
import type { Clock } from '../controller/ports.ts';
import { readApiToken } from './api-token.ts';
import { readEngineFile } from './engine-file.ts';
import { HEARTBEAT_MS } from './event-stream.ts';

/** How long a running engine may take to say that it is there, milliseconds. */
const PRESENCE_MS = 3_000;
/** Pauses between two tries of a broken event stream, milliseconds; the last one repeats. */
const RECONNECT_MS = [100, 500, 2_000, 5_000] as const;
/** Silence after which a stream of events is given up, milliseconds: one that lives is heard of every quarter of a minute. */
const SILENT_MS = 3 * HEARTBEAT_MS;

export interface EngineClient extends AppApi {
  readonly url: string;
  /** Calls `listener` with whether the engine answers, as a subscription finds it out, until the returned function is called. */
  onPresence(listener: (isThere: boolean) => void): () => void;
  /** Ends all subscriptions. */
  close(): void;
}

/**
 * The engine that runs in `dataDir`, or null when none answers there. The token is sent only to what answered as an engine.
 */
export async function findEngine(dataDir: string, clock: Clock): Promise<EngineClient | null> {
  const token = readApiToken(dataDir);
  if (token === null) return null;
  const locate = async (): Promise<string | null> => {
    const engine = readEngineFile(dataDir);
    if (engine === null || !isAlive(engine.pid)) return null;
    const url = `http://127.0.0.1:${engine.port}`;
    return (await isEngine(url)) ? url : null;
  };
  const url = await locate();
  return url === null ? null : engineClient({ url, token, clock, locate });
}

/**
 * The engine that runs in `dataDir`, else what `start` makes of an engine of one's own.
 * @throws AppError ENGINE_RUNNING from `start` when one holds the directory but does not answer
 */
export async function findOrStart<Started>(
  dataDir: string,
  clock: Clock,
  start: () => Promise<Started>,
): Promise<{ readonly running: EngineClient } | { readonly running: null; readonly started: Started }> {
  const running = await findEngine(dataDir, clock);
  if (running !== null) return { running };
  try {
    return { running, started: await start() };
  } catch (thrown) {
    // At the first look it was only just starting, or too busy to answer.
    const late =
      thrown instanceof AppError && thrown.code === 'ENGINE_RUNNING' ? await findEngine(dataDir, clock) : null;
    if (late !== null) return { running: late };
    throw thrown;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // Somebody else's process is alive too.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}

async function isEngine(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}${API.runtime.path}`, {
      redirect: 'error',
      signal: AbortSignal.timeout(PRESENCE_MS),
    });
    return response.ok && API.runtime.result.safeParse(await response.json()).success;
  } catch {
    return false;
  }
}

/** A client for an engine that is known to be there. When it is gone, `locate` says where it, or the next one, is; by default where it was. */
export function engineClient({
  url: first,
  token,
  clock,
  locate = async () => ((await isEngine(first)) ? first : null),
}: {
  readonly url: string;
  readonly token: string;
  readonly clock: Clock;
  readonly locate?: () => Promise<string | null>;
}): EngineClient {
  const closing = new AbortController();
  const watchers = new Set<(isThere: boolean) => void>();
  const presence = (isThere: boolean): void => {
    for (const watcher of watchers) watcher(isThere);
  };
  let url = first;
  /** @returns whether an engine is there: only to one is the token sent again */
  const find = async (): Promise<boolean> => {
    const found = await locate();
    if (found !== null) url = found;
    return found !== null;
  };
  return {
    get url() {
      return url;
    },
    async call(name, params) {
      const request = apiRequest(name, params);
      const response = await ask(`${url}${request.path}`, {
        method: request.method,
        headers: { ...bearer(token), ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }) },
        body: request.body === undefined ? null : JSON.stringify(request.body),
        redirect: 'error',
      });
      return readResult(name, response);
    },
    subscribe(listener) {
      const stop = new AbortController();
      const signal = AbortSignal.any([stop.signal, closing.signal]);
      void listen({ url: () => url, find, token, clock, signal, listener, presence });
      return () => stop.abort();
    },
    onPresence(listener) {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
    close: () => closing.abort(),
  };
}

/** Whether a call failed because the engine went away before or while it answered. */
export function isUnanswered(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.code === 'INTERNAL' && thrown.cause instanceof TypeError;
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new AppError('INTERNAL', 'The running engine does not answer any more.', { cause });
  }
}

async function readResult<Name extends ApiName>(name: Name, response: Response): Promise<ApiResult<Name>> {
  let body: unknown;
  try {
    body = await response.json();
  } catch (cause) {
    throw new AppError('INTERNAL', `The running engine answered ${name} with ${response.status} and no JSON.`, {
      cause,
    });
  }
  if (!response.ok) {
    const refusal = apiErrorSchema.safeParse(body);
    if (refusal.success) throw new AppError(refusal.data.code, refusal.data.error);
    throw new AppError('INTERNAL', `The running engine answered ${name} with ${response.status}.`);
  }
  const result = API[name].result.safeParse(body);
  if (!result.success)
    throw new AppError('INTERNAL', `The running engine is of another version: it answered ${name} otherwise.`, {
      cause: result.error,
    });
  // The table's union of schemas hides that the result belongs to this name.
  return result.data as ApiResult<Name>;
}

interface Listening {
  readonly url: () => string;
  readonly find: () => Promise<boolean>;
  readonly token: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly listener: (event: AppEvent) => void;
  readonly presence: (isThere: boolean) => void;
}

/** Keeps the stream open until the signal ends it; each new stream begins with `ready`, so a listener knows to ask anew. */
async function listen({ url, find, token, clock, signal, listener, presence }: Listening): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const silence = new AbortController();
    let cancel = (): void => undefined;
    const heard = (): void => {
      cancel();
      cancel = clock.after(SILENT_MS, () => silence.abort());
    };
    try {
      if (failures > 0 && !(await find())) throw new TypeError('Nobody is there.');
      heard();
      const response = await fetch(`${url()}/api/events`, {
        headers: bearer(token),
        redirect: 'error',
        signal: AbortSignal.any([signal, silence.signal]),
      });
      if (response.ok && response.body !== null) {
        for await (const event of readEvents(response.body, heard)) {
          failures = 0;
          presence(true);
          if (signal.aborted) return;
          listener(event);
        }
      }
    } catch (thrown) {
      // An engine that goes away breaks the stream; what a listener throws is its own mistake and must be seen.
      if (!(thrown instanceof TypeError || thrown instanceof DOMException)) throw thrown;
    } finally {
      cancel();
    }
    if (signal.aborted) return;
    presence(false);
    await pause(clock, RECONNECT_MS[Math.min(failures, RECONNECT_MS.length - 1)] ?? 0, signal);
    failures += 1;
  }
}

/** The events of a server-sent stream. Comments and events of a newer version are passed over; `heard` is called for anything that comes. */
export async function* readEvents(
  body: AsyncIterable<Uint8Array>,
  heard: () => void = () => undefined,
): AsyncGenerator<AppEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    heard();
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      // Our server writes each event on one line; JSON has no raw line breaks.
      if (!line.startsWith('data: ')) continue;
      const parsed = appEventSchema.safeParse(JSON.parse(line.slice('data: '.length)));
      if (parsed.success) yield parsed.data;
    }
  }
}
