// Owns what a worker's HTTP answer means: the body it may have, and the error for everything that is not the answer asked for.

import { AppError, errorCodeSchema } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import { refusalSchema } from '../contract/worker-wire.ts';
import { UnknownJob, WorkerRefusal } from '../controller/ports.ts';

/** An answer as it came, its body read whole. */
export interface Answer {
  readonly status: number;
  /** Lower-case media type without parameters, empty when there is none. */
  readonly contentType: string;
  readonly retryAfter: string | null;
  /** `Worker-Boot-Id`; null where the head has none. */
  readonly bootId: string | null;
  readonly body: Buffer;
}

/** A schema of the contract, as far as it is needed here. */
export interface Parser<Output> {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: Output }
    | {
        readonly success: false;
        readonly error: Error & {
          readonly issues: readonly { readonly path: PropertyKey[]; readonly message: string }[];
        };
      };
}

/** Characters of a worker's sentence that a person gets to see. */
const MAX_SENTENCE = 1_000;
const MAX_RETRY_AFTER_MS = 3_600_000;

/** Codes of a refusal (docs/protocol.md, "Jobs") that mean the same here. */
const SAME_CODE: ReadonlySet<string> = new Set([
  'UNSUPPORTED_MODEL',
  'UNSUPPORTED_LANGUAGE',
  'UNSUPPORTED_OPTION',
  'TOO_LARGE',
  'WORKER_DISK_FULL',
]);

/**
 * The parsed body of a good answer.
 * @throws AppError for every other answer; `asksForJob` says whether a 404 can speak of a job.
 */
export function readAnswer<Output>(answer: Answer, schema: Parser<Output>, asksForJob: boolean): Output {
  if (answer.status !== 200 || isPage(answer)) throw refusalOf(answer, asksForJob);
  const parsed = schema.safeParse(parseJson(answer.body));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = `${issue?.path.join('.') || 'body'}: ${issue?.message ?? ''}`;
  throw new AppError('WORKER_PROTOCOL', say('answer_not_understood', { place }), { cause: parsed.error });
}

/** The error for an answer that is not a good one. */
export function refusalOf(answer: Answer, asksForJob: boolean): AppError {
  const { status } = answer;
  if (isPage(answer)) return pageError(status);
  const refusal = refusalSchema.safeParse(parseJson(answer.body)).data ?? null;
  const said = refusal === null ? '' : sentence(refusal.error);
  if (status === 401 || status === 403) return new AppError('REMOTE_WORKER_UNAUTHORIZED');
  // The deployed worker and ours answer so when they were started without a token.
  if (status === 500 && refusal !== null && /WORKER_TOKEN|NOT_CONFIGURED/.test(`${refusal.code} ${refusal.error}`)) {
    return new AppError('REMOTE_WORKER_UNAUTHORIZED', say('started_without_token'));
  }
  // Whoever answers without our form of an error is a proxy, and its 404 says nothing of a job.
  if (refusal === null) return proxyError(status);
  if (refusal.code !== undefined && SAME_CODE.has(refusal.code)) {
    return new WorkerRefusal(errorCodeSchema.parse(refusal.code), said, retryAfterMs(answer));
  }
  if (status === 404 && asksForJob) return new UnknownJob(answer.bootId);
  if (status === 429 || status === 503) return new WorkerRefusal('REMOTE_WORKER_CAPACITY', said, retryAfterMs(answer));
  if (status >= 500) return new AppError('REMOTE_WORKER_UNREACHABLE', say('answer_failed', { reason: said }));
  return new WorkerRefusal('REMOTE_DISPATCH_FAILED', said, retryAfterMs(answer));
}

/** The sentence for a call that got no answer at all. */
export function unreachable(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (code === 'UND_ERR_INVALID_ARG' && /header/i.test(String(thrown))) {
    // Without its cause, which quotes the token.
    return new AppError('REMOTE_WORKER_UNAUTHORIZED', say('token_characters'));
  }
  return new AppError('REMOTE_WORKER_UNREACHABLE', SENTENCES[code] ?? tlsSentence(code) ?? undefined, {
    cause: thrown,
  });
}

const SENTENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED: say('nothing_answers'),
  ENOTFOUND: say('no_such_host'),
  EAI_AGAIN: say('name_not_found'),
  ENETUNREACH: say('network_away'),
  ECONNRESET: say('connection_cut'),
  UND_ERR_SOCKET: say('connection_cut'),
  UND_ERR_CONNECT_TIMEOUT: say('connection_late'),
  UND_ERR_HEADERS_TIMEOUT: say('answer_late'),
  UND_ERR_BODY_TIMEOUT: say('answer_stopped'),
  ERR_INVALID_URL: say('not_an_address'),
  UND_ERR_INVALID_ARG: say('not_an_address'),
};

function tlsSentence(code: string): string | undefined {
  const isTls = code.startsWith('ERR_TLS') || code.startsWith('CERT_') || code.includes('SELF_SIGNED');
  return isTls || code.startsWith('UNABLE_TO_') ? say('certificate', { code }) : undefined;
}

function isPage({ contentType }: Answer): boolean {
  return contentType === 'text/html' || contentType === 'application/xhtml+xml';
}

function pageError(status: number): AppError {
  return new AppError('REMOTE_WORKER_UNREACHABLE', say('page_answers', { status }));
}

function proxyError(status: number): AppError {
  if (status === 524 || status === 504) {
    return new AppError('REMOTE_WORKER_UNREACHABLE', say('proxy_late', { status }));
  }
  if (status >= 300 && status < 400) {
    return new AppError('REMOTE_WORKER_UNREACHABLE', say('leads_elsewhere', { status }));
  }
  return new AppError('REMOTE_WORKER_UNREACHABLE', say('not_a_worker', { status }));
}

function retryAfterMs({ retryAfter }: Answer): number | null {
  if (retryAfter === null) return null;
  const wait = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isNaN(wait) ? null : Math.min(Math.max(wait, 0), MAX_RETRY_AFTER_MS);
}

/** A worker's text as one bounded line: it may hold anything. */
function sentence(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return line.length > MAX_SENTENCE ? `${line.slice(0, MAX_SENTENCE)}…` : line;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // What does not parse fits no schema.
    return undefined;
  }
}
