// Owns sending one recording, or a range of it, to the worker: the file is opened once, the open file is checked to be the one that
// was prepared, and it is read no faster than the tunnel takes it.

import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, toAppError } from '../contract/errors.ts';
import type { WorkerFacing } from '../controller/ports.ts';
import type { PreparedSource } from '../jobs/record.ts';
import { RouteRefused } from './answers.ts';
import { ifMatchPasses, requestedRange } from './range.ts';
import type { LinkGrant } from './signed-link.ts';

type InputGrant = Extract<LinkGrant, { route: 'input' }>;

const CHUNK_BYTES = 256 * 1024;
/** Chunks that may be between the disk and the socket at once: with `CHUNK_BYTES` the tunnel's 1 MiB, and one being read. */
const CHUNKS_IN_FLIGHT = 5;
/** The engine is told of progress in steps of this many bytes. */
const REPORT_BYTES = 1024 * 1024;

/**
 * Answers GET and HEAD of an input.
 * @throws AppError SOURCE_MISSING, SOURCE_UNREADABLE, SOURCE_CHANGED, or what `facing.source` throws; RouteRefused 412, 416.
 */
export async function sendRecording(
  request: IncomingMessage,
  response: ServerResponse,
  grant: InputGrant,
  facing: Pick<WorkerFacing, 'source' | 'sent'>,
): Promise<void> {
  const { path, source } = facing.source(grant.jobId, grant.attempt);
  if (source.sha256 !== grant.sha256 || source.sizeBytes !== grant.sizeBytes) throw changed();
  const file = await openPrepared(path, source);
  try {
    const etag = `"sha256-${source.sha256}"`;
    const range = requestedRange(request.headers, source.sizeBytes, etag);
    response.setHeader('ETag', etag);
    response.setHeader('Accept-Ranges', 'bytes');
    response.setHeader('Cache-Control', 'no-store');
    if (!ifMatchPasses(request.headers['if-match'], etag)) {
      throw new RouteRefused({
        status: 412,
        code: 'SOURCE_CHANGED',
        message: 'The recording is not the one asked for.',
      });
    }
    if (range.kind === 'unsatisfiable') {
      response.setHeader('Content-Range', `bytes */${source.sizeBytes}`);
      throw new RouteRefused({ status: 416, code: 'BAD_REQUEST', message: 'The range begins past the end.' });
    }
    const { start, end } = range.kind === 'part' ? range : { start: 0, end: source.sizeBytes };
    if (range.kind === 'part') response.setHeader('Content-Range', `bytes ${start}-${end - 1}/${source.sizeBytes}`);
    response.setHeader('Content-Type', source.contentType);
    response.setHeader('Content-Length', end - start);
    response.statusCode = range.kind === 'part' ? 206 : 200;
    if (request.method === 'HEAD') response.end();
    else
      await stream(file, response, start, end, (upTo, bytes) => facing.sent(grant.jobId, grant.attempt, upTo, bytes));
  } finally {
    await file.close();
  }
}

async function openPrepared(path: string, source: PreparedSource): Promise<FileHandle> {
  // Without O_NONBLOCK a named pipe put in the file's place would hold a thread until somebody writes to it.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((thrown: unknown) => {
    throw openFailed(thrown);
  });
  try {
    const now = await file.stat();
    // A store may keep whole milliseconds only.
    const same = now.isFile() && now.size === source.sizeBytes && Math.abs(now.mtimeMs - source.mtimeMs) < 1;
    if (!same) throw changed();
    return file;
  } catch (thrown) {
    await file.close();
    throw toAppError(thrown);
  }
}

/** @returns when the last byte was taken by the socket or the worker hung up, which is no error of ours. */
async function stream(
  file: FileHandle,
  response: ServerResponse,
  start: number,
  end: number,
  report: (upTo: number, bytes: number) => boolean,
): Promise<void> {
  const free = Array.from({ length: CHUNKS_IN_FLIGHT }, () => Buffer.allocUnsafeSlow(CHUNK_BYTES));
  let wake: (() => void) | null = null;
  let reported = start;
  let gone = response.destroyed;
  const rouse = () => {
    wake?.();
    wake = null;
  };
  response.once('close', () => {
    gone = true;
    rouse();
  });
  const pause = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  let position = start;
  while (position < end) {
    const buffer = free.pop();
    if (buffer === undefined) {
      await pause();
      if (gone) return;
      continue;
    }
    const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK_BYTES, end - position), position);
    if (gone) return;
    // The file became shorter while it was read. Nothing can be said any more in this answer, so it is cut off.
    if (bytesRead === 0) throw changed();
    position += bytesRead;
    const upTo = position;
    response.write(buffer.subarray(0, bytesRead), (error) => {
      // A buffer is read into again only after the socket has let go of it.
      free.push(buffer);
      if (error) gone = true;
      else if (upTo - reported >= REPORT_BYTES || upTo === end) {
        // The attempt is over: what is left of the recording is nobody's business any more.
        if (!report(upTo, upTo - reported) && upTo < end) response.destroy();
        reported = upTo;
      }
      rouse();
    });
  }
  await new Promise<void>((resolve) => {
    if (gone) resolve();
    response.once('close', resolve);
    response.end(resolve);
  });
}

function changed(): AppError {
  return new AppError('SOURCE_CHANGED');
}

function openFailed(thrown: unknown): AppError {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') return new AppError('SOURCE_MISSING', undefined, { cause: thrown });
  return new AppError('SOURCE_UNREADABLE', undefined, { cause: thrown });
}
