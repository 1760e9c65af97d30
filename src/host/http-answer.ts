// Owns how the local API answers: JSON, refusals, and which HTTP status stands for which error code.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, type ErrorCode } from '../contract/errors.ts';
import { SECURITY_HEADERS } from '../contract/page-files.ts';

/** Codes that are not here are failures of the engine itself: 500. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  BAD_REQUEST: 400,
  UNSUPPORTED_MODEL: 400,
  UNSUPPORTED_LANGUAGE: 400,
  UNSUPPORTED_OPTION: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  SOURCE_MISSING: 404,
  CONFLICT: 409,
  ENGINE_RUNNING: 409,
  USER_CANCELED: 409,
  TOO_LARGE: 413,
  SOURCE_UNREADABLE: 422,
  SOURCE_CHANGED: 422,
  NOT_THE_RECORDING: 422,
  EMPTY_FILE: 422,
  NOT_A_RECORDING: 422,
  NO_AUDIO: 422,
  NO_SUCH_TRACK: 422,
  SOURCE_ENCRYPTED: 422,
  SOURCE_TRUNCATED: 422,
  REMOTE_WORKER_UNREACHABLE: 502,
  REMOTE_WORKER_UNAUTHORIZED: 502,
  REMOTE_DISPATCH_FAILED: 502,
  REMOTE_FAILED: 502,
  WORKER_PROTOCOL: 502,
  REMOTE_WORKER_CAPACITY: 503,
  REMOTE_WORKER_TIMEOUT: 504,
  DISK_FULL: 507,
  EXPORT_FAILED: 422,
  PODS_NO_KEY: 409,
  PODS_KEY_REFUSED: 409,
  PODS_FORBIDDEN: 409,
  PODS_NO_BALANCE: 409,
  PODS_NO_IMAGE: 409,
  PODS_CONFLICT: 409,
  POD_CAP_REACHED: 409,
  PODS_REQUEST_WRONG: 400,
  PODS_GONE: 404,
  PODS_UNREACHABLE: 502,
  PODS_PROTOCOL: 502,
  PODS_UNCONFIRMED: 502,
  PODS_NO_CAPACITY: 503,
  PODS_RATE_LIMITED: 503,
};

/** A refusal for which HTTP has a status of its own (405, 413, 415), which no code of the app says. */
export class HttpRefusal extends AppError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}, options?: ErrorOptions) {
    super('BAD_REQUEST', message, options);
    this.status = status;
    this.headers = headers;
  }
}

export function statusOf(error: AppError): number {
  return error instanceof HttpRefusal ? error.status : (STATUS[error.code] ?? 500);
}

/** Answers with JSON. Nothing of the API is ever kept by a cache. */
export function answerJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  answerBytes(res, status, Buffer.from(JSON.stringify(body)), { 'Content-Type': 'application/json', ...headers });
}

export function answerBytes(
  res: ServerResponse,
  status: number,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): void {
  res.writeHead(status, {
    ...SECURITY_HEADERS,
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Cache-Control': 'no-store',
    'Content-Length': body.byteLength,
    ...headers,
  });
  res.end(body);
}

/** What a refused sender may go on sending before it is cut off, bytes: enough to let it read the answer first. */
const DRAIN_BYTES = 8 * 1024 * 1024;

/** Answers with `{error, code}`. A request whose body was not read is drained for a while and then cut off. */
export function refuse(req: IncomingMessage, res: ServerResponse, error: AppError): void {
  if (!req.complete) drain(req);
  if (res.headersSent) {
    // An answer that was begun cannot become another one; a cut tells the client that it is not whole.
    res.destroy(error);
    return;
  }
  const headers: Record<string, string> = error instanceof HttpRefusal ? { ...error.headers } : {};
  if (error.code === 'UNAUTHORIZED') headers['WWW-Authenticate'] = 'Bearer';
  answerJson(res, statusOf(error), { error: error.message, code: error.code }, headers);
}

function drain(req: IncomingMessage): void {
  let left = DRAIN_BYTES;
  req.on('data', (chunk: Buffer) => {
    left -= chunk.byteLength;
    if (left < 0) req.destroy();
  });
}

/** `Content-Disposition` of a download (RFC 6266): a plain name for old clients, the real one in `filename*`. */
export function attachment(filename: string): string {
  const wellFormed = filename.toWellFormed();
  const plain = wellFormed.replace(/[^\x20-\x7e]|["\\/%]/g, '_');
  // RFC 5987 attr-char leaves fewer characters alone than encodeURIComponent does.
  const encoded = encodeURIComponent(wellFormed).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
