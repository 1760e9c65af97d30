// Owns plain HTTP as a worker makes it, for tests: to a given port whatever the link says, with the link's own host.

import { type IncomingMessage, request } from 'node:http';
import type { StandInAnswer, StandInRequest } from './worker-stand-in.ts';

/** The head of the answer to a request for `url` that goes to `port` of 127.0.0.1. */
export function beginOver(
  port: number,
  url: string,
  { method = 'GET', headers = {}, body }: StandInRequest = {},
): Promise<IncomingMessage> {
  const { pathname, search, host } = new URL(url);
  // As it is written: a path is not tidied up on its way.
  const path = url.slice(new URL(url).origin.length) || `${pathname}${search}`;
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, agent: false, headers: { host, ...headers } });
    outgoing.once('error', reject);
    outgoing.once('response', resolve);
    outgoing.end(body);
  });
}

/** The whole answer. Rejects when it is cut. */
export async function fetchOver(port: number, url: string, options: StandInRequest = {}): Promise<StandInAnswer> {
  const response = await beginOver(port, url, options);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}
