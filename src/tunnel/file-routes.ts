// Owns everything that a worker may ask of this computer: three routes, each opened by a signed link, and nothing else.

import { isUtf8 } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { TRANSCRIPT_LIMITS } from '../contract/transcript.ts';
import { TUNNEL_HOST } from '../contract/tunnel-wire.ts';
import { completeCallbackSchema } from '../contract/worker-wire.ts';
import type { Clock, Log, WorkerFacing } from '../controller/ports.ts';
import { answerJson, RouteRefused, refusalFor, refuse } from './answers.ts';
import { readBody } from './request-body.ts';
import { sendRecording } from './send-recording.ts';
import type { LinkGrant, VerifyLink } from './signed-link.ts';

export interface FileRoutes {
  readonly verify: VerifyLink;
  readonly facing: WorkerFacing;
  readonly clock: Clock;
  readonly log: Log;
}

const PATHS: readonly { readonly path: RegExp; readonly methods: readonly string[] }[] = [
  { path: /^\/api\/jobs\/[^/]+\/inputs\/[^/]+$/, methods: ['GET', 'HEAD'] },
  { path: /^\/api\/jobs\/[^/]+\/worker\/(?:outputs|complete)$/, methods: ['POST'] },
];

const MAX_CALLBACK_BYTES = 64 * 1024;

/**
 * The listener for the HTTP server inside the tunnel. Every answer but a recording is JSON; a refusal is `{error, code}` in the words
 * of docs/protocol.md. Links and tokens reach neither the log nor an answer.
 */
export function createFileRoutes(routes: FileRoutes): RequestListener {
  return (request, response) => {
    // A worker that hangs up in the middle is its own affair: the stream says so by closing.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    answer(routes, request, response).catch((thrown: unknown) => {
      const refusal = refusalFor(thrown);
      // Of the address nothing else: what follows may be a signature, even where a link was mangled.
      const jobId = /^\/api\/jobs\/([A-Za-z0-9_-]{1,100})\//.exec(request.url ?? '')?.[1];
      const fields = { jobId, method: request.method, status: refusal.status, code: refusal.code };
      if (refusal.status >= 500) routes.log.error('worker_request_failed', { ...fields, error: String(thrown) });
      else routes.log.warn('worker_request_refused', fields);
      if (!response.destroyed) refuse(request, response, refusal);
    });
  };
}

async function answer(routes: FileRoutes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = '', method = '', headers } = request;
  if (headers.host !== TUNNEL_HOST) throw refused(421, 'MISDIRECTED', 'This host is not served here.');
  // The worker is no browser; whatever speaks like one got here by mistake or by malice.
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) {
    throw refused(403, 'FORBIDDEN', 'Pages may not call this.');
  }
  const known = PATHS.find(({ path }) => path.test(url.split('?', 1)[0] ?? ''));
  if (known === undefined) throw refused(404, 'NOT_FOUND', 'There is nothing here.');
  if (!known.methods.includes(method)) {
    response.setHeader('Allow', known.methods.join(', '));
    throw refused(405, 'METHOD_NOT_ALLOWED', 'This method is not served here.');
  }
  const verdict = routes.verify(method, url, routes.clock.now());
  if (!verdict.ok) throw refused(403, verdict.code, 'The link does not open this.');
  const { grant } = verdict;
  switch (grant.route) {
    case 'input':
      return sendRecording(request, response, grant, routes.facing);
    case 'output':
      return takeTranscript(routes, request, response, grant);
    case 'complete':
      return takeNudge(routes, request, response, grant);
    default:
      return grant satisfies never;
  }
}

async function takeTranscript(
  routes: FileRoutes,
  request: IncomingMessage,
  response: ServerResponse,
  grant: Extract<LinkGrant, { route: 'output' }>,
): Promise<void> {
  checkBearer(routes, request, grant);
  const claimed = claimedDigest(request.headers['content-digest']);
  if (claimed === null) throw refused(400, 'DIGEST_MISMATCH', 'A Content-Digest with sha-256 is needed.');
  const body = await readBody(request, Math.min(grant.maxBytes, TRANSCRIPT_LIMITS.bytes), routes.clock);
  const digest = createHash('sha256').update(body).digest();
  if (!timingSafeEqual(digest, claimed)) throw refused(400, 'DIGEST_MISMATCH', 'The body is not what its digest says.');
  if (!isUtf8(body)) throw refused(422, 'TRANSCRIPT_INVALID', 'The transcript is not UTF-8.');
  const sha256 = digest.toString('hex');
  routes.facing.deliver(grant.jobId, grant.attempt, { json: body.toString('utf8'), sha256 });
  answerJson(response, 200, { stored: true, sha256 });
}

async function takeNudge(
  routes: FileRoutes,
  request: IncomingMessage,
  response: ServerResponse,
  grant: Extract<LinkGrant, { route: 'complete' }>,
): Promise<void> {
  checkBearer(routes, request, grant);
  const body = await readBody(request, MAX_CALLBACK_BYTES, routes.clock);
  const callback = completeCallbackSchema.safeParse(parseJson(body));
  if (!callback.success || callback.data.controllerJobId !== grant.jobId) {
    throw refused(400, 'BAD_REQUEST', 'The body does not speak of this job.');
  }
  routes.facing.nudge(grant.jobId, grant.attempt);
  answerJson(response, 200, { ok: true });
}

function checkBearer({ facing }: FileRoutes, request: IncomingMessage, grant: LinkGrant): void {
  const token = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw refused(401, 'UNAUTHORIZED', 'The token is missing.');
  if (!facing.authorized(grant.jobId, token)) throw refused(403, 'FORBIDDEN', 'The token is wrong.');
}

/** The 32 bytes of `sha-256=:<base64>:` in a Content-Digest header (RFC 9530), or null. */
function claimedDigest(header: string | string[] | undefined): Buffer | null {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  const base64 = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*(?:,|$)/.exec(text)?.[1];
  return base64 === undefined ? null : Buffer.from(base64, 'base64');
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // What does not parse fits no schema.
    return undefined;
  }
}

function refused(status: number, code: string, message: string): RouteRefused {
  return new RouteRefused({ status, code, message });
}
