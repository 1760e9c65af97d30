// Owns reading a request's body whole, under a cap, with an end to waiting.

import type { IncomingMessage } from 'node:http';
import type { Clock } from '../controller/ports.ts';
import { RouteRefused } from './answers.ts';

/** A body of which no byte came for so long is given up. */
const IDLE_MS = 30_000;

/**
 * The body of `request`.
 * @throws RouteRefused 413 as soon as more than `maxBytes` are announced or came, 415 for an encoded body, 408 when it stops coming,
 * 400 when the worker hung up in the middle.
 */
export async function readBody(request: IncomingMessage, maxBytes: number, clock: Clock): Promise<Buffer> {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json' || request.headers['content-encoding'] !== undefined) {
    throw refused(415, 'UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json without an encoding.');
  }
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) throw tooLarge(maxBytes);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let total = 0;
    let stopWatch = (): void => undefined;
    const watch = () => {
      stopWatch();
      stopWatch = clock.after(IDLE_MS, () => fail(refused(408, 'TIMEOUT', 'The body stopped coming.')));
    };
    const leave = () => {
      stopWatch();
      request.off('data', take).off('end', finish).off('close', cut);
    };
    const fail = (error: RouteRefused) => {
      leave();
      reject(error);
    };
    const take = (chunk: Buffer) => {
      total += chunk.length;
      if (total > maxBytes) fail(tooLarge(maxBytes));
      else {
        chunks.push(chunk);
        watch();
      }
    };
    const finish = () => {
      leave();
      resolve(Buffer.concat(chunks, total));
    };
    const cut = () => fail(refused(400, 'BAD_REQUEST', 'The body was cut off.'));
    request.on('data', take).once('end', finish).once('close', cut);
    watch();
  });
}

function tooLarge(maxBytes: number): RouteRefused {
  return refused(413, 'TOO_LARGE', `The body may have ${maxBytes} bytes at most.`);
}

function refused(status: number, code: string, message: string): RouteRefused {
  return new RouteRefused({ status, code, message });
}
