// Owns the conversation with RunPod's API below its meaning: key, limits in time and size, what each status means, and its rate limits.

import type { Dispatcher } from 'undici';
import { Agent, request } from 'undici';
import type { ErrorCode } from '../contract/errors.ts';
import { ERROR_ADVICE } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import type { Clock } from '../controller/ports.ts';
import { ProviderRefusal } from './provider.ts';
import { problemSchema } from './runpod-wire.ts';

export interface RunpodHttpOptions {
  /** With the version: `https://api.runpod.io/v2`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly version: string;
  readonly clock: Clock;
  /** Milliseconds that one call may take. */
  readonly callMs?: number;
}

const CALL_MS = 30_000;
const CONNECT_MS = 10_000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** Milliseconds without a byte after which a log stream counts as broken. */
const SILENCE_MS = 90_000;
/** Calls of the present minute that are kept for what cannot wait: making, stopping and ending. */
const KEPT_BACK = 6;
/** Milliseconds to wait after a 429 that names no time. */
const LIMITED_MS = 30_000;

/** What each status means. Anything else from 500 on is as good as no answer. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'PODS_REQUEST_WRONG',
  401: 'PODS_KEY_REFUSED',
  402: 'PODS_NO_BALANCE',
  403: 'PODS_FORBIDDEN',
  404: 'PODS_GONE',
  405: 'PODS_PROTOCOL',
  409: 'PODS_CONFLICT',
  410: 'PODS_PROTOCOL',
  422: 'PODS_REQUEST_WRONG',
  429: 'PODS_RATE_LIMITED',
};

export interface RunpodCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** True for what can wait: it is not sent while the quota of the minute is almost used up. */
  readonly canWait?: boolean;
  readonly signal: AbortSignal;
}

export class RunpodHttp {
  readonly #options: RunpodHttpOptions;
  readonly #agent: Dispatcher;
  readonly #callMs: number;
  /** Until when calls that can wait are held back, milliseconds since 1970. */
  #heldUntil = 0;

  constructor(options: RunpodHttpOptions) {
    this.#options = options;
    this.#callMs = options.callMs ?? CALL_MS;
    this.#agent = new Agent({ connect: { timeout: Math.min(CONNECT_MS, this.#callMs) } });
  }

  /** The JSON of a good answer, undefined where it has none (204). @throws ProviderRefusal */
  async call(call: RunpodCall): Promise<unknown> {
    const signal = AbortSignal.any([call.signal, AbortSignal.timeout(this.#callMs)]);
    const response = await this.#send(call, signal, 'application/json', this.#callMs);
    const text = await readWhole(response.body);
    if (response.statusCode >= 300) throw this.#refusal(response, text);
    if (response.statusCode === 204 || text === '') return undefined;
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw new ProviderRefusal('PODS_PROTOCOL', say('pods_no_json'), { cause });
    }
  }

  /** The body of an event stream, as long as it flows. @throws ProviderRefusal */
  async stream(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const response = await this.#send(
      { method: 'GET', path, signal },
      signal,
      'text/event-stream',
      SILENCE_MS,
      headers,
    );
    if (response.statusCode !== 200) throw this.#refusal(response, await readWhole(response.body));
    return response.body;
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #send(
    call: RunpodCall,
    signal: AbortSignal,
    accept: string,
    silenceMs: number,
    headers: Record<string, string> = {},
  ): Promise<Dispatcher.ResponseData> {
    const { baseUrl, apiKey, version, clock } = this.#options;
    const waitMs = this.#heldUntil - clock.now();
    if (call.canWait === true && waitMs > 0)
      throw new ProviderRefusal('PODS_RATE_LIMITED', ERROR_ADVICE.PODS_RATE_LIMITED.what, { retryAfterMs: waitMs });
    try {
      const response = await request(`${baseUrl}${call.path}`, {
        dispatcher: this.#agent,
        method: call.method,
        headers: {
          authorization: `Bearer ${apiKey}`,
          'user-agent': `bulk-transcribe/${version}`,
          accept,
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: call.body === undefined ? null : JSON.stringify(call.body),
        signal,
        headersTimeout: this.#callMs,
        bodyTimeout: silenceMs,
      });
      this.#noteQuota(response.headers['ratelimit']);
      return response;
    } catch (thrown) {
      throw unreachable(thrown);
    }
  }

  /** `RateLimit: "minute";r=0;t=12, "hour";r=2800;t=1812`: r calls are left, for t seconds. */
  #noteQuota(header: string | string[] | undefined): void {
    const text = Array.isArray(header) ? header.join(',') : (header ?? '');
    for (const [, left, seconds] of text.matchAll(/;\s*r=(\d+)\s*;\s*t=(\d+)/g)) {
      if (Number(left) >= KEPT_BACK) continue;
      this.#heldUntil = Math.max(this.#heldUntil, this.#options.clock.now() + Number(seconds) * 1000);
    }
  }

  #refusal({ statusCode: status, headers }: Dispatcher.ResponseData, text: string): ProviderRefusal {
    const code = CODES[status] ?? (status >= 500 ? 'PODS_UNREACHABLE' : 'PODS_PROTOCOL');
    const detail = this.#withoutKey(detailOf(text));
    const retryAfterMs = code === 'PODS_RATE_LIMITED' ? retryAfter(headers['retry-after']) : null;
    if (retryAfterMs !== null) this.#heldUntil = Math.max(this.#heldUntil, this.#options.clock.now() + retryAfterMs);
    const said =
      detail === '' ? say('pods_answered', { status }) : say('pods_answered_why', { status, reason: detail });
    return new ProviderRefusal(code, `${ERROR_ADVICE[code].what} ${said}`, { status, detail, retryAfterMs });
  }

  /** Whatever a provider echoes, the key stays out of messages and logs. */
  #withoutKey(text: string): string {
    return text.replaceAll(this.#options.apiKey, '***');
  }
}

function retryAfter(header: string | string[] | undefined): number {
  const seconds = Number(Array.isArray(header) ? header[0] : header);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 3600) * 1000 : LIMITED_MS;
}

/** What a problem says, short enough to be shown. A page of a proxy says nothing. */
function detailOf(text: string): string {
  try {
    const problem = problemSchema.safeParse(JSON.parse(text));
    if (!problem.success) return '';
    const { title, detail, errors = [] } = problem.data;
    const more = errors.map((error) => (typeof error === 'string' ? error : JSON.stringify(error)));
    return [detail ?? title ?? '', ...more]
      .filter((part) => part !== '')
      .join('; ')
      .slice(0, 500);
  } catch {
    return '';
  }
}

/** Anything that the network threw. Its text may quote headers, so only its kind is told. */
export function unreachable(thrown: unknown): ProviderRefusal {
  if (thrown instanceof ProviderRefusal) return thrown;
  const kind = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'no answer';
  return new ProviderRefusal('PODS_UNREACHABLE', say('pods_silent', { kind }), { cause: thrown });
}

async function readWhole(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let total = 0;
  try {
    for await (const chunk of body) {
      total += chunk.length;
      // Leaving the loop destroys the body, and with it the connection.
      if (total > MAX_ANSWER_BYTES) throw new ProviderRefusal('PODS_PROTOCOL', say('pods_endless'));
      chunks.push(chunk);
    }
  } catch (thrown) {
    throw unreachable(thrown);
  }
  return Buffer.concat(chunks, total).toString('utf8');
}
