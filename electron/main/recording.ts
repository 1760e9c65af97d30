// Owns the way of a recording to the window's player: the address that the engine gave out, asked of the engine's local API by main, since
// the page may ask nobody but its own origin. The grant in the address decides; main adds no right of its own.

import { PAGE_HOST, PAGE_SCHEME } from '../../src/contract/desktop-ipc.ts';

const ROUTE = /^\/api\/jobs\/[^/]{1,400}\/media$/;
/** What a player needs of the answer, and no more. */
const KEPT = [
  'accept-ranges',
  'cache-control',
  'content-length',
  'content-range',
  'content-security-policy',
  'content-type',
  'cross-origin-resource-policy',
  'etag',
  'x-content-type-options',
];

/** A request of the window, as `protocol.handle` gives it. */
export type WindowRequest = Pick<Request, 'method' | 'url' | 'headers' | 'signal'>;

/**
 * The answer to a request for a recording, or null when it asks for something else.
 * @param enginePort where the engine's local API listens; null while it does not: 503
 */
export function answerRecording(enginePort: number | null, request: WindowRequest): Promise<Response> | null {
  if (!URL.canParse(request.url)) return null;
  const url = new URL(request.url);
  const ours =
    url.protocol === `${PAGE_SCHEME}:` && url.host === PAGE_HOST && url.username === '' && url.password === '';
  if (!ours || !ROUTE.test(url.pathname)) return null;
  return relay(enginePort, url, request);
}

async function relay(
  enginePort: number | null,
  url: URL,
  { method, headers, signal }: WindowRequest,
): Promise<Response> {
  if (method !== 'GET' && method !== 'HEAD') return new Response(null, { status: 405 });
  if (enginePort === null) return new Response(null, { status: 503 });
  const range = headers.get('range');
  const answer = await fetch(`http://127.0.0.1:${enginePort}${url.pathname}${url.search}`, {
    method,
    headers: range === null ? {} : { range },
    redirect: 'error',
    signal,
  }).catch(() => null);
  if (answer === null) return new Response(null, { status: 502 });
  const kept = KEPT.flatMap((name): [string, string][] => {
    const value = answer.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return new Response(answer.body, { status: answer.status, headers: kept });
}
