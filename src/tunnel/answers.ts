// Owns how the worker-facing routes answer: JSON, and for every refusal its HTTP status and the word that the protocol has for it.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorCode } from '../contract/errors.ts';
import { AppError } from '../contract/errors.ts';

/** A refusal in the words of docs/protocol.md. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Thrown inside a route; becomes the answer. Never leaves the tunnel. */
export class RouteRefused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(refusal.message, options);
    this.name = 'RouteRefused';
    this.refusal = refusal;
  }
}

/** What the engine's errors are called on the wire. 5xx is tried again by the worker, 4xx is final. */
const BY_CODE: Partial<Record<ErrorCode, readonly [status: number, code: string]>> = {
  CONFLICT: [409, 'ATTEMPT_SUPERSEDED'],
  // A job that was removed has no open attempt either.
  NOT_FOUND: [409, 'ATTEMPT_SUPERSEDED'],
  SOURCE_CHANGED: [409, 'SOURCE_CHANGED'],
  SOURCE_MISSING: [410, 'SOURCE_GONE'],
  SOURCE_UNREADABLE: [410, 'SOURCE_GONE'],
  EMPTY_FILE: [409, 'SOURCE_CHANGED'],
  TRANSCRIPT_INVALID: [422, 'TRANSCRIPT_INVALID'],
  BAD_REQUEST: [400, 'BAD_REQUEST'],
  TOO_LARGE: [413, 'TOO_LARGE'],
  UNAUTHORIZED: [401, 'UNAUTHORIZED'],
  FORBIDDEN: [403, 'FORBIDDEN'],
  DISK_FULL: [503, 'DISK_FULL'],
};

/** Anything that a route threw, as the answer for it. What is unknown tells the worker nothing of this computer. */
export function refusalFor(thrown: unknown): Refusal {
  if (thrown instanceof RouteRefused) return thrown.refusal;
  const known = thrown instanceof AppError ? BY_CODE[thrown.code] : undefined;
  if (known === undefined || !(thrown instanceof AppError)) {
    return { status: 500, code: 'INTERNAL', message: 'The controller could not answer.' };
  }
  return { status: known[0], code: known[1], message: thrown.message };
}

/** Answers with JSON and ends. */
export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': bytes.length,
    'Cache-Control': 'no-store',
  });
  response.end(bytes);
}

/**
 * Answers a refusal, if the answer has not begun; otherwise cuts the connection, since a body that stops short must not look whole.
 * A request body that nobody will read is let run out, and the connection is closed after the answer.
 */
export function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (!request.complete) {
    response.setHeader('Connection', 'close');
    request.resume();
  }
  answerJson(response, refusal.status, { error: refusal.message, code: refusal.code });
}
