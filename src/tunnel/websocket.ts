// Owns how one WebSocket of the tunnel is dialled: address, headers, limits, mask, and what became of the attempt.

import { WebSocket } from 'ws';
import type { WorkerAddress } from '../controller/ports.ts';

/** What dialling came to. An open socket is paused, so that nothing is lost before somebody listens: resume it. `refused` is the worker's HTTP answer instead of an upgrade; `failed` is everything below that. */
export type Dialled =
  | { readonly kind: 'open'; readonly socket: WebSocket }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'failed'; readonly reason: string };

export interface DialOptions {
  readonly userAgent: string;
  /**
   * True sends frames with a zero mask: valid, hidden by TLS, and far cheaper. Browsers must mask at random because pages choose what
   * they send; here both ends are ours.
   */
  readonly zeroMask: boolean;
  /** Bytes: the largest message that is taken. */
  readonly maxMessageBytes: number;
}

/** An attempt under way. */
export interface Dialling {
  readonly result: Promise<Dialled>;
  /** Gives up; `result` becomes `failed`. Harmless afterwards. */
  abort(): void;
}

const HANDSHAKE_MS = 15_000;

/** Dials `<worker>/v1/tunnel` with the given query. Follows no redirect. */
export function dial(address: WorkerAddress, query: Record<string, string>, options: DialOptions): Dialling {
  try {
    return begin(address, query, options);
  } catch {
    // Thrown for an address or a token that HTTP cannot carry. Its text may quote the token, so it is left behind.
    const reason = 'The address or the token of the worker is not one.';
    return { result: Promise.resolve({ kind: 'failed', reason }), abort: () => undefined };
  }
}

function begin(address: WorkerAddress, query: Record<string, string>, options: DialOptions): Dialling {
  const socket = new WebSocket(tunnelUrl(address.url, query), {
    headers: { Authorization: `Bearer ${address.token}`, 'User-Agent': options.userAgent },
    perMessageDeflate: false,
    followRedirects: false,
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: options.maxMessageBytes,
    ...(options.zeroMask ? { generateMask: (mask: Buffer) => void mask.fill(0) } : {}),
  });
  const result = new Promise<Dialled>((resolve) => {
    socket.once('open', () => {
      // The peer's first message may lie behind the handshake already, and would be out before `result` is awaited.
      socket.pause();
      resolve({ kind: 'open', socket });
    });
    socket.once('unexpected-response', (_request, response) => {
      resolve({ kind: 'refused', status: response.statusCode ?? 0 });
      response.destroy();
      socket.terminate();
    });
    // Stays for the socket's life: after a failed handshake ws may speak more than once.
    socket.on('error', (error) => resolve({ kind: 'failed', reason: error.message }));
    socket.once('close', () => resolve({ kind: 'failed', reason: 'The connection was closed.' }));
  });
  return { result, abort: () => socket.terminate() };
}

function tunnelUrl(base: string, query: Record<string, string>): URL {
  const url = new URL(base);
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
  url.pathname = `${url.pathname.replace(/(?<!\/)\/+$/, '')}/v1/tunnel`;
  url.search = new URLSearchParams(query).toString();
  url.hash = '';
  return url;
}
