// Owns reading a JSON body: bounded in size and time, and an object or nothing.

import type { IncomingMessage } from 'node:http';
import { AppError } from '../contract/errors.ts';
import { HttpRefusal } from './http-answer.ts';

/** Enough for 100,000 paths of ordinary length, bytes. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** A body on this computer arrives at once; whoever takes longer holds a socket for nothing. Milliseconds. */
const BODY_PATIENCE_MS = 30_000;

/**
 * The object in the body; `{}` where there is no body.
 * @throws HttpRefusal 413 (too large), 415 (not JSON by its type); AppError BAD_REQUEST (not JSON, not an object, too slow, cut off).
 */
export async function readJsonBody(req: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<Record<string, unknown>> {
  const bytes = await readBytes(req, maxBytes);
  if (bytes.byteLength === 0) return {};
  const type = (req.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new HttpRefusal(415, 'The body must be sent as application/json.');

  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new AppError('BAD_REQUEST', 'The body is not JSON.', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new AppError('BAD_REQUEST', 'The body must be a JSON object.');
  return { ...value };
}

async function readBytes(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = (): HttpRefusal => new HttpRefusal(413, `The body is larger than ${maxBytes} bytes.`);
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();

  const patience = setTimeout(
    () => req.destroy(new AppError('BAD_REQUEST', 'The body did not arrive in time.')),
    BODY_PATIENCE_MS,
  );
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // The stream stays alive when the loop is left, so that the refusal can still be answered.
    for await (const chunk of req.iterator({ destroyOnReturn: false })) {
      const bytes = Buffer.from(chunk);
      size += bytes.byteLength;
      if (size > maxBytes) throw tooLarge();
      chunks.push(bytes);
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('BAD_REQUEST', 'The body was cut off.', { cause });
  } finally {
    clearTimeout(patience);
  }
  return Buffer.concat(chunks, size);
}
