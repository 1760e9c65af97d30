// Owns how a call of the API table looks in HTTP, in both directions: a client builds a request from a name and parameters, a
// server finds the name and the raw parameters of a request. Pure: no sockets, no URL class.

import { API, API_NAMES, type ApiName } from './api.ts';

/** A call as HTTP. `path` begins with `/` and has its query; `body` is to be sent as JSON, undefined where there is none. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** What a path names: a call with the ids in its path, or that the path exists with other methods, or nothing. */
export type ApiMatch =
  | { readonly kind: 'call'; readonly name: ApiName; readonly ids: Readonly<Record<string, string>> }
  | { readonly kind: 'other-method'; readonly allow: readonly string[] }
  | { readonly kind: 'nothing' };

/** Whether the parameters that are not in the path travel in the body (else in the query). */
export function hasBody(name: ApiName): boolean {
  return API[name].method === 'POST' || API[name].method === 'PUT';
}

/**
 * The request for a call. Undefined parameters are left out.
 * @throws TypeError when a parameter of the path is missing, or one of the query is neither string, number, boolean nor a list of words.
 */
export function apiRequest(name: ApiName, params: object): ApiRequest {
  const { method, path } = API[name];
  const rest: Record<string, unknown> = { ...params };
  const filled = path.replace(/:(\w+)/g, (_, key: string) => {
    const value = rest[key];
    if (typeof value !== 'string' || value === '') throw new TypeError(`${name} wants ${key}.`);
    delete rest[key];
    // A segment of dots only would be taken for a step up by whoever normalises the path.
    return encodeURIComponent(value).replace(/^\.+$/, (dots) => '%2E'.repeat(dots.length));
  });
  if (hasBody(name)) return { method, path: filled, body: rest };

  const query = Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(queryValue(name, key, value))}`)
    .join('&');
  return { method, path: query === '' ? filled : `${filled}?${query}`, body: undefined };
}

function queryValue(name: ApiName, key: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  // A comma parts the words of a list, so none of them has one.
  if (Array.isArray(value) && value.every((word) => typeof word === 'string' && word !== '' && !word.includes(',')))
    return value.join(',');
  throw new TypeError(`${key} of ${name} cannot be written in a query.`);
}

const routes = API_NAMES.map((name) => ({ name, method: API[name].method, segments: API[name].path.split('/') }));

/** Fixed words in the path win over parameters: `/api/workers/test` is never a worker called "test". */
const byFixedWords = routes.toSorted((a, b) => parameterCount(a.segments) - parameterCount(b.segments));

function parameterCount(segments: readonly string[]): number {
  return segments.filter((segment) => segment.startsWith(':')).length;
}

/**
 * Finds the call that a method and a path (without query, still percent-encoded) name.
 * @throws URIError when an id in the path is not proper percent-encoding.
 */
export function matchApiPath(method: string, path: string): ApiMatch {
  const given = path.split('/');
  const allow: string[] = [];
  for (const route of byFixedWords) {
    const ids = idsOf(route.segments, given);
    if (ids === null) continue;
    if (route.method === method) return { kind: 'call', name: route.name, ids };
    allow.push(route.method);
  }
  return allow.length > 0 ? { kind: 'other-method', allow } : { kind: 'nothing' };
}

function idsOf(segments: readonly string[], given: readonly string[]): Record<string, string> | null {
  if (segments.length !== given.length) return null;
  const ids: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const word = given[index] ?? '';
    if (segment.startsWith(':')) {
      if (word === '') return null;
      ids[segment.slice(1)] = decodeURIComponent(word);
    } else if (segment !== word) return null;
  }
  return ids;
}
