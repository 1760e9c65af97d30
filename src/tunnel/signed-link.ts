// Owns the signed links of docs/protocol.md: which three paths exist, what of them is signed, and when a link is refused. Pure: the
// time is an argument. A link is read letter by letter and never decoded, so that one link has one spelling.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '../contract/errors.ts';
import type { LinkSigner } from '../controller/ports.ts';

export const LINK_KEY_BYTES = 32;

interface LinkCommon {
  readonly jobId: string;
  readonly attempt: number;
  /** Unix seconds; the link is refused from then on. */
  readonly expiresSec: number;
}

/** What a link allows, as its route. */
export type LinkGrant =
  | (LinkCommon & {
      readonly route: 'input';
      readonly inputId: string;
      readonly sizeBytes: number;
      readonly sha256: string;
    })
  /** `maxBytes` is the most that may be sent. */
  | (LinkCommon & { readonly route: 'output'; readonly inputId: string; readonly maxBytes: number })
  | (LinkCommon & { readonly route: 'complete' });

export type LinkVerdict =
  | { readonly ok: true; readonly grant: LinkGrant }
  | { readonly ok: false; readonly code: 'LINK_INVALID' | 'LINK_EXPIRED' };

/** `url` is the request target as it came: path and query, nothing before. `nowMs` is the app's clock. HEAD counts as GET. */
export type VerifyLink = (method: string, url: string, nowMs: number) => LinkVerdict;

const ID = /^[A-Za-z0-9_-]{1,100}$/;
const COUNT = /^[1-9][0-9]{0,8}$/;
const SIZE = /^(?:0|[1-9][0-9]{0,15})$/;
const UNIX_SECONDS = /^[1-9][0-9]{0,10}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const SIGNATURE = /^[A-Za-z0-9_-]{43}$/;

const FIELDS = {
  attempt: COUNT,
  size: SIZE,
  sha256: SHA256,
  inputId: ID,
  expires: UNIX_SECONDS,
  key: ID,
  sig: SIGNATURE,
};
type Field = keyof typeof FIELDS;

const ROUTE_FIELDS: Record<LinkGrant['route'], readonly Field[]> = {
  input: ['attempt', 'size', 'sha256', 'expires', 'key', 'sig'],
  output: ['inputId', 'attempt', 'size', 'expires', 'key', 'sig'],
  complete: ['attempt', 'expires', 'key', 'sig'],
};

const INVALID: LinkVerdict = { ok: false, code: 'LINK_INVALID' };

/** What the signature covers besides the grant: the method and the path, which for outputs carries `?inputId=`. */
function signedText(grant: LinkGrant): string {
  const { method, path } = target(grant);
  const size = grant.route === 'input' ? grant.sizeBytes : grant.route === 'output' ? grant.maxBytes : '-';
  const sha256 = grant.route === 'input' ? grant.sha256 : '-';
  return ['BT1', method, path, grant.expiresSec, grant.jobId, grant.attempt, size, sha256].join('\n');
}

function target(grant: LinkGrant): { readonly method: 'GET' | 'POST'; readonly path: string } {
  const job = `/api/jobs/${grant.jobId}`;
  if (grant.route === 'input') return { method: 'GET', path: `${job}/inputs/${grant.inputId}` };
  if (grant.route === 'output') return { method: 'POST', path: `${job}/worker/outputs?inputId=${grant.inputId}` };
  return { method: 'POST', path: `${job}/worker/complete` };
}

function signature(key: Buffer, grant: LinkGrant): string {
  return createHmac('sha256', key).update(signedText(grant)).digest('base64url');
}

function checkKey(key: Buffer, keyId: string): void {
  if (key.length !== LINK_KEY_BYTES) throw new AppError('INTERNAL', `A link key has ${LINK_KEY_BYTES} bytes.`);
  if (!ID.test(keyId)) throw new AppError('INTERNAL', 'The name of a link key has a character that no link can carry.');
}

/**
 * Makes links under `base` (an origin, with no slash at its end).
 * @throws AppError INTERNAL when the key has the wrong length, or when an id or a number cannot be in a link.
 */
export function createLinkSigner(key: Buffer, keyId: string): LinkSigner {
  checkKey(key, keyId);
  const sign = (base: string, grant: LinkGrant): string => {
    const { path } = target(grant);
    const values: Partial<Record<Field, string>> = {
      attempt: String(grant.attempt),
      expires: String(grant.expiresSec),
      key: keyId,
      sig: signature(key, grant),
    };
    if (grant.route === 'input') Object.assign(values, { size: String(grant.sizeBytes), sha256: grant.sha256 });
    if (grant.route === 'output') Object.assign(values, { size: String(grant.maxBytes), inputId: grant.inputId });
    const query = ROUTE_FIELDS[grant.route].map((name) => {
      const value = values[name] ?? '';
      if (!FIELDS[name].test(value)) throw new AppError('INTERNAL', `A link cannot carry this ${name}.`);
      return `${name}=${value}`;
    });
    const ids = grant.route === 'complete' ? [grant.jobId] : [grant.jobId, grant.inputId];
    if (!ids.every((id) => ID.test(id))) throw new AppError('INTERNAL', 'A link cannot carry this id.');
    return `${base}${path.split('?', 1)[0]}?${query.join('&')}`;
  };
  return {
    inputLink: ({ base, ...grant }) => sign(base, { route: 'input', ...grant }),
    outputLink: ({ base, ...grant }) => sign(base, { route: 'output', ...grant }),
    completeLink: ({ base, ...grant }) => sign(base, { route: 'complete', ...grant }),
  };
}

/**
 * Reads links made with the same key. LINK_INVALID covers everything that is not exactly a link of ours (unknown, doubled or missing
 * parameters, another method, another key); LINK_EXPIRED is only said of a link whose signature is good.
 * @throws AppError INTERNAL when the key has the wrong length.
 */
export function createLinkVerifier(key: Buffer, keyId: string): VerifyLink {
  checkKey(key, keyId);
  return (method, url, nowMs) => {
    const read = readLink(method, url);
    if (read === null || read.keyId !== keyId) return INVALID;
    const expected = Buffer.from(signature(key, read.grant), 'latin1');
    // Both are 43 ASCII characters; comparing the text, not the bytes it stands for, leaves one spelling of a signature.
    if (!timingSafeEqual(expected, Buffer.from(read.sig, 'latin1'))) return INVALID;
    if (nowMs >= read.grant.expiresSec * 1000) return { ok: false, code: 'LINK_EXPIRED' };
    return { ok: true, grant: read.grant };
  };
}

function readLink(method: string, url: string): { grant: LinkGrant; keyId: string; sig: string } | null {
  if (url.length > 2_000) return null;
  const [path = '', query, ...more] = url.split('?');
  if (query === undefined || more.length > 0) return null;
  const place = readPath(method, path);
  if (place === null) return null;
  const fields = readQuery(query, ROUTE_FIELDS[place.route]);
  if (fields === null) return null;
  const common = { jobId: place.jobId, attempt: Number(fields.attempt), expiresSec: Number(fields.expires) };
  const keys = { keyId: fields.key, sig: fields.sig };
  switch (place.route) {
    case 'input': {
      const grant = { ...common, inputId: place.inputId, sizeBytes: Number(fields.size), sha256: fields.sha256 };
      return { grant: { route: 'input', ...grant }, ...keys };
    }
    case 'output':
      return {
        grant: { route: 'output', ...common, inputId: fields.inputId, maxBytes: Number(fields.size) },
        ...keys,
      };
    case 'complete':
      return { grant: { route: 'complete', ...common }, ...keys };
    default:
      return place satisfies never;
  }
}

type Place =
  | { readonly route: 'input'; readonly jobId: string; readonly inputId: string }
  | { readonly route: 'output' | 'complete'; readonly jobId: string };

function readPath(method: string, path: string): Place | null {
  const [root, api, jobs, jobId = '', kind, last = '', ...more] = path.split('/');
  if (root !== '' || api !== 'api' || jobs !== 'jobs' || more.length > 0 || !ID.test(jobId)) return null;
  if (kind === 'inputs' && (method === 'GET' || method === 'HEAD') && ID.test(last)) {
    return { route: 'input', jobId, inputId: last };
  }
  if (kind !== 'worker' || method !== 'POST') return null;
  if (last === 'outputs') return { route: 'output', jobId };
  return last === 'complete' ? { route: 'complete', jobId } : null;
}

/** The fields that the route has, each once and of the right form, and no other; null otherwise. */
function readQuery(query: string, names: readonly Field[]): Record<Field, string> | null {
  const fields: Record<Field, string> = {
    attempt: '',
    size: '',
    sha256: '',
    inputId: '',
    expires: '',
    key: '',
    sig: '',
  };
  const parts = query.split('&');
  if (parts.length !== names.length) return null;
  const seen = new Set<string>();
  for (const part of parts) {
    const cut = part.indexOf('=');
    const name = names.find((each) => each === part.slice(0, cut));
    const value = part.slice(cut + 1);
    if (name === undefined || seen.has(name) || !FIELDS[name].test(value)) return null;
    seen.add(name);
    fields[name] = value;
  }
  return fields;
}
