// Owns everything that a worker may ask of this computer: three routes, each opened by a signed link, and nothing else.
// At the fixed address a deployed worker (part 1) may also post without its link; its token and the attempt that it holds stand for it.

import { isUtf8 } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { TRANSCRIPT_LIMITS } from '../contract/transcript.ts';
import { TUNNEL_HOST } from '../contract/tunnel-wire.ts';
import { completeCallbackSchema } from '../contract/worker-wire.ts';
import type { Clock, Log, WorkerFacing } from '../controller/ports.ts';
import { answerJson, RouteRefused, refusalFor, refuse } from './answers.ts';
import { isMultipart, readUpload } from './multipart.ts';
import { readBody } from './request-body.ts';
import { sendRecording } from './send-recording.ts';
import type { LinkGrant, VerifyLink } from './signed-link.ts';

export interface FileRoutes {
  readonly verify: VerifyLink;
  readonly facing: WorkerFacing;
  readonly clock: Clock;
  readonly log: Log;
  /** Values of `Host` that are served, asked at each request. Default: that of the worker's tunnel alone. */
  readonly hosts?: () => readonly string[];
  /** True where the two POSTs may come without the link's query, as part 1 writes them. Default false. */
  readonly withoutLinks?: boolean;
}

const PATHS: readonly { readonly path: RegExp; readonly methods: readonly string[] }[] = [
  { path: /^\/api\/jobs\/[^/]+\/inputs\/[^/]+$/, methods: ['GET', 'HEAD'] },
  { path: /^\/api\/jobs\/[^/]+\/worker\/(?:outputs|complete)$/, methods: ['POST'] },
];

/**
 * Requests about one job that may be under way at once. The tunnel has four sockets, but one may carry thousands of requests before the first is
 * answered, each of which holds a file and a megabyte.
 */
const MAX_REQUESTS_A_JOB = 8;
const MAX_CALLBACK_BYTES = 64 * 1024;

/**
 * The listener for the HTTP server inside the tunnel. Every answer but a recording is JSON; a refusal is `{error, code}` in the words
 * of docs/protocol.md. Links and tokens reach neither the log nor an answer.
 */
export function createFileRoutes(routes: FileRoutes): RequestListener {
  const underWay = new Map<string, number>();
  return (request, response) => {
    // A worker that hangs up in the middle is its own affair: the stream says so by closing.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    answer(routes, underWay, request, response).catch((thrown: unknown) => {
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

async function answer(
  routes: FileRoutes,
  underWay: Map<string, number>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { url = '', method = '', headers } = request;
  if (!(routes.hosts?.() ?? [TUNNEL_HOST]).includes(headers.host ?? ''))
    throw refused(421, 'MISDIRECTED', 'This host is not served here.');
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
  const grant = linklessGrant(routes, request, url) ?? linkGrant(routes, method, url);
  const count = underWay.get(grant.jobId) ?? 0;
  if (count >= MAX_REQUESTS_A_JOB) throw refused(429, 'BUSY', 'Too many requests about this job are under way.');
  underWay.set(grant.jobId, count + 1);
  try {
    await serve(routes, request, response, grant);
  } finally {
    const left = (underWay.get(grant.jobId) ?? 1) - 1;
    if (left > 0) underWay.set(grant.jobId, left);
    else underWay.delete(grant.jobId);
  }
}

function linkGrant(routes: FileRoutes, method: string, url: string): LinkGrant {
  const verdict = routes.verify(method, url, routes.clock.now());
  if (!verdict.ok) throw refused(403, verdict.code, 'The link does not open this.');
  return verdict.grant;
}

/**
 * What a call without a link may do: a worker that builds the address itself says nothing of its attempt, so the one that is open counts,
 * and only at a worker that cannot do better. The upload names the worker's own id of the job, which the engine holds against it.
 */
function linklessGrant(routes: FileRoutes, request: IncomingMessage, url: string): LinkGrant | null {
  const found = /^\/api\/jobs\/([A-Za-z0-9_-]{1,100})\/worker\/(outputs|complete)$/.exec(url);
  if (!routes.withoutLinks || found === null) return null;
  const jobId = found[1] ?? '';
  // Before anything is said of the job: whoever has no token learns nothing of what is open.
  checkBearer(routes, request, jobId);
  const attempt = routes.facing.openAtDeployed(jobId);
  if (attempt === null) throw refused(409, 'ATTEMPT_SUPERSEDED', 'No attempt of this job is open here.');
  const common = { jobId, attempt, expiresSec: Math.ceil(routes.clock.now() / 1000) };
  if (found[2] === 'complete') return { route: 'complete', ...common };
  if (!isMultipart(request)) throw refused(415, 'UNSUPPORTED_MEDIA_TYPE', 'Without its link only a form is taken.');
  return { route: 'output', ...common, inputId: '', maxBytes: TRANSCRIPT_LIMITS.bytes };
}

async function serve(
  routes: FileRoutes,
  request: IncomingMessage,
  response: ServerResponse,
  grant: LinkGrant,
): Promise<void> {
  switch (grant.route) {
    case 'input':
      return sendRecording(request, response, grant, routes.facing);
    case 'output':
      return isMultipart(request)
        ? takeUpload(routes, request, response, grant)
        : takeTranscript(routes, request, response, grant);
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
  checkBearer(routes, request, grant.jobId);
  const claimed = claimedDigest(request.headers['content-digest']);
  if (claimed === null) throw refused(400, 'DIGEST_MISMATCH', 'A Content-Digest with sha-256 is needed.');
  const body = await readBody(request, Math.min(grant.maxBytes, TRANSCRIPT_LIMITS.bytes), routes.clock);
  const digest = createHash('sha256').update(body).digest();
  if (!timingSafeEqual(digest, claimed)) throw refused(400, 'DIGEST_MISMATCH', 'The body is not what its digest says.');
  if (!isUtf8(body)) throw refused(422, 'TRANSCRIPT_INVALID', 'The transcript is not UTF-8.');
  const sha256 = digest.toString('hex');
  await routes.facing.deliver(grant.jobId, grant.attempt, { json: body.toString('utf8'), sha256 });
  answerJson(response, 200, { stored: true, sha256 });
}

/** A deployed worker's form. Its `inputId` must be the link's, which covers one input. */
async function takeUpload(
  routes: FileRoutes,
  request: IncomingMessage,
  response: ServerResponse,
  grant: Extract<LinkGrant, { route: 'output' }>,
): Promise<void> {
  checkBearer(routes, request, grant.jobId);
  const upload = await readUpload(request, Math.min(grant.maxBytes, TRANSCRIPT_LIMITS.bytes), routes.clock);
  if (grant.inputId !== '' && upload.inputId !== grant.inputId)
    throw refused(403, 'LINK_INVALID', 'The link is that of another input.');
  if (!isUtf8(upload.file)) throw refused(422, 'TRANSCRIPT_INVALID', 'The file is not UTF-8.');
  const kept = routes.facing.receive(grant.jobId, grant.attempt, upload);
  answerJson(response, 200, { stored: kept });
}

async function takeNudge(
  routes: FileRoutes,
  request: IncomingMessage,
  response: ServerResponse,
  grant: Extract<LinkGrant, { route: 'complete' }>,
): Promise<void> {
  checkBearer(routes, request, grant.jobId);
  const body = await readBody(request, MAX_CALLBACK_BYTES, routes.clock);
  const callback = completeCallbackSchema.safeParse(parseJson(body));
  if (!callback.success || callback.data.controllerJobId !== grant.jobId) {
    throw refused(400, 'BAD_REQUEST', 'The body does not speak of this job.');
  }
  routes.facing.nudge(grant.jobId, grant.attempt);
  answerJson(response, 200, { ok: true });
}

function checkBearer({ facing }: FileRoutes, request: IncomingMessage, jobId: string): void {
  const token = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw refused(401, 'UNAUTHORIZED', 'The token is missing.');
  if (!facing.authorized(jobId, token)) throw refused(403, 'FORBIDDEN', 'The token is wrong.');
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
