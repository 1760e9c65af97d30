// Owns speaking docs/protocol.md to one worker: each call, its limits in time and size, and the events of a job.

import type { Dispatcher } from 'undici';
import { Agent, request } from 'undici';
import { AppError } from '../contract/errors.ts';
import type { JobAccepted, JobRequest, JobStatus, Ping, WorkerEvent } from '../contract/worker-wire.ts';
import { jobAcceptedSchema, jobStatusSchema, pingSchema, workerEventSchema } from '../contract/worker-wire.ts';
import type { ConnectWorker, WorkerAddress, WorkerClient } from '../controller/ports.ts';
import { parseEvents } from './sse.ts';
import type { Answer, Parser } from './worker-answer.ts';
import { readAnswer, refusalOf, unreachable } from './worker-answer.ts';

export interface WorkerClientOptions {
  /** The app's version, for the User-Agent: proxies refuse the defaults of libraries. */
  readonly version: string;
  /** Milliseconds that one call may take. Default 60 s: proxies cut at 100 s. */
  readonly callMs?: number;
  /** Milliseconds without a byte after which a stream of events counts as dead. Default 45 s: a worker says something every 15 s. */
  readonly silenceMs?: number;
}

const CALL_MS = 60_000;
const SILENCE_MS = 45_000;
const CONNECT_MS = 10_000;
/** A ping has no work to do; a worker that needs longer is as good as absent. */
const PING_MS = 15_000;
const MAX_ANSWER_BYTES = 512 * 1024;

const EVENT_NAMES: ReadonlySet<string> = new Set(['progress', 'segment', 'log', 'speakers', 'done']);

/** Makes the {@link ConnectWorker} of the engine. A client holds its own connections until it is closed. */
export function connectWorker(options: WorkerClientOptions): ConnectWorker {
  return (address) => new HttpWorkerClient(address, options);
}

interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

class HttpWorkerClient implements WorkerClient {
  readonly #base: string;
  readonly #headers: Record<string, string>;
  readonly #agent: Dispatcher;
  readonly #callMs: number;
  readonly #silenceMs: number;

  constructor(address: WorkerAddress, { version, callMs = CALL_MS, silenceMs = SILENCE_MS }: WorkerClientOptions) {
    this.#base = address.url.replace(/(?<!\/)\/+$/, '');
    this.#headers = {
      authorization: `Bearer ${address.token}`,
      'user-agent': `bulk-transcribe/${version}`,
      accept: 'application/json',
    };
    this.#callMs = callMs;
    this.#silenceMs = silenceMs;
    this.#agent = new Agent({ connect: { timeout: Math.min(CONNECT_MS, callMs) } });
  }

  async ping(signal: AbortSignal): Promise<{ readonly ping: Ping; readonly latencyMs: number }> {
    const began = performance.now();
    const limit = AbortSignal.any([signal, AbortSignal.timeout(Math.min(PING_MS, this.#callMs))]);
    const ping = await this.#ask({ method: 'GET', path: '/v1/ping', signal: limit }, pingSchema, false);
    return { ping, latencyMs: performance.now() - began };
  }

  submit(body: JobRequest, idempotencyKey: string, signal: AbortSignal): Promise<JobAccepted> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
    const call = { method: 'POST', path: '/v1/jobs', headers, body: JSON.stringify(body), signal } as const;
    return this.#ask(call, jobAcceptedSchema, false);
  }

  status(workerJobId: string, signal: AbortSignal): Promise<JobStatus> {
    return this.#ask({ method: 'GET', path: jobPath(workerJobId), signal }, jobStatusSchema, true);
  }

  async cancel(workerJobId: string, signal: AbortSignal): Promise<void> {
    const answer = await this.#call({ method: 'POST', path: `${jobPath(workerJobId)}/cancel`, signal });
    if (answer.status < 200 || answer.status > 299) throw refusalOf(answer, true);
  }

  async *events(
    workerJobId: string,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly id: number; readonly event: WorkerEvent }, void, undefined> {
    const path = `${jobPath(workerJobId)}/events?after=${after}`;
    const headers = { accept: 'text/event-stream', 'last-event-id': String(after) };
    const response = await this.#send({ method: 'GET', path, headers, signal }, this.#silenceMs);
    if (response.statusCode !== 200 || mediaType(response) !== 'text/event-stream') {
      throw refusalOf(await readWhole(response), true);
    }
    try {
      for await (const { type, id, data } of parseEvents(response.body)) {
        // A newer worker may say more than this version knows.
        if (!EVENT_NAMES.has(type)) continue;
        const event = parseEvent(type, data);
        yield { id: parseId(id), event };
        if (event.event === 'done') return;
      }
    } catch (thrown) {
      throw unreachable(thrown);
    } finally {
      response.body.on('error', () => undefined).destroy();
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #ask<Output>(call: Call, schema: Parser<Output>, asksForJob: boolean): Promise<Output> {
    return readAnswer(await this.#call(call), schema, asksForJob);
  }

  async #call(call: Call): Promise<Answer> {
    const signal = AbortSignal.any([call.signal, AbortSignal.timeout(this.#callMs)]);
    const response = await this.#send({ ...call, signal }, this.#callMs);
    return readWhole(response);
  }

  /** @param silenceMs milliseconds that may pass between two pieces of the body. */
  async #send(call: Call, silenceMs: number): Promise<Dispatcher.ResponseData> {
    try {
      return await request(`${this.#base}${call.path}`, {
        dispatcher: this.#agent,
        method: call.method,
        headers: { ...this.#headers, ...call.headers },
        body: call.body ?? null,
        signal: call.signal,
        headersTimeout: this.#callMs,
        bodyTimeout: silenceMs,
      });
    } catch (thrown) {
      throw unreachable(thrown);
    }
  }
}

function jobPath(workerJobId: string): string {
  return `/v1/jobs/${encodeURIComponent(workerJobId)}`;
}

async function readWhole(response: Dispatcher.ResponseData): Promise<Answer> {
  const chunks: Buffer[] = [];
  let total = 0;
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      total += chunk.length;
      // Leaving the loop destroys the body, and with it the connection.
      if (total > MAX_ANSWER_BYTES) throw new AppError('WORKER_PROTOCOL', 'The worker sent an answer without an end.');
      chunks.push(chunk);
    }
  } catch (thrown) {
    throw unreachable(thrown);
  }
  const { 'retry-after': retryAfter, 'worker-boot-id': bootId } = response.headers;
  return {
    status: response.statusCode,
    contentType: mediaType(response),
    retryAfter: typeof retryAfter === 'string' ? retryAfter : null,
    bootId: typeof bootId === 'string' && bootId !== '' ? bootId : null,
    body: Buffer.concat(chunks, total),
  };
}

function mediaType({ headers }: Dispatcher.ResponseData): string {
  const header = headers['content-type'];
  const text = Array.isArray(header) ? header[0] : header;
  return text?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function parseEvent(type: string, data: string): WorkerEvent {
  const parsed = workerEventSchema.safeParse({ event: type, data: parseJson(data) });
  if (parsed.success) return parsed.data;
  throw new AppError('WORKER_PROTOCOL', `The worker sent a ${type} event that makes no sense.`, {
    cause: parsed.error,
  });
}

function parseId(id: string): number {
  if (/^[0-9]{1,15}$/.test(id)) return Number(id);
  throw new AppError('WORKER_PROTOCOL', 'The worker sent an event without a number.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What does not parse fits no schema.
    return undefined;
  }
}
