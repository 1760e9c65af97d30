// Owns who may speak to the local API: the address must be ours (no rebinding), the page must be ours (no other site), the token
// must be right. There are no cookies and no CORS headers, so a browser gives nothing away by itself.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AppError } from '../contract/errors.ts';

/** The parts of a request that decide. */
export type Asking = Pick<IncomingMessage, 'headers' | 'headersDistinct' | 'url'>;

/**
 * Why a request may not come from where it comes from, or null.
 * A browser names the address it believes in (`Host`) and the page that asks (`Origin`, `Sec-Fetch-Site`); neither can be forged by a page.
 */
export function foreign(req: Asking, port: number): AppError | null {
  const target = req.url ?? '';
  if (!target.startsWith('/') || target.startsWith('//'))
    return new AppError('BAD_REQUEST', 'The address in the request line is not a path.');

  const hosts = req.headersDistinct['host'] ?? [];
  const host = hosts.length === 1 ? hosts[0] : undefined;
  if (host === undefined || !ownHosts(port).includes(host))
    return new AppError('FORBIDDEN', 'The Host header does not name this app.');

  const origins = req.headersDistinct['origin'] ?? [];
  if (origins.some((origin) => origin !== `http://${host}`))
    return new AppError('FORBIDDEN', 'Requests from other pages are refused.');

  const sites = req.headersDistinct['sec-fetch-site'] ?? [];
  if (sites.some((site) => site !== 'same-origin' && site !== 'none'))
    return new AppError('FORBIDDEN', 'Requests from other sites are refused.');
  return null;
}

function ownHosts(port: number): readonly string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
}

/** A check of the bearer token that takes the same time for every wrong one. */
export function tokenCheck(token: string): (req: Asking) => AppError | null {
  if (token.length < 32) throw new RangeError('A token of fewer than 32 characters can be guessed.');
  const expected = digest(token);
  return (req) => {
    const given = /^Bearer ([\x21-\x7e]+)$/i.exec(req.headers.authorization ?? '')?.[1];
    // Equal lengths by hashing, so that not even the length of the token shows.
    return given !== undefined && timingSafeEqual(digest(given), expected) ? null : new AppError('UNAUTHORIZED');
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
