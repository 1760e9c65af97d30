// Owns the local API server: 127.0.0.1 only, who may ask, which route a request takes, and how the server stops.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AppApi } from '../contract/api.ts';
import { matchApiPath } from '../contract/api-request.ts';
import { AppError, toAppError } from '../contract/errors.ts';
import { PAGE_CODES_PATH, PAGE_TOKEN_PATH, pageCodeSchema } from '../contract/page-code.ts';
import { say } from '../contract/sentences.ts';
import type { PlaybackGrants } from '../controller/playback-calls.ts';
import type { Clock, Log } from '../controller/ports.ts';
import { createEventStream, type EventStream } from './event-stream.ts';
import { answerBytes, answerJson, HttpRefusal, refuse, statusOf } from './http-answer.ts';
import { readJsonBody } from './http-body.ts';
import { answerCall } from './http-calls.ts';
import { foreign, tokenCheck } from './http-guard.ts';
import { PageCodes } from './page-codes.ts';
import { answerRecording, recordingOf } from './recording-route.ts';
import { isAnotherUsers } from './socket-owner.ts';
import { readPageFile } from './static-files.ts';
import type { Uploads } from './uploads.ts';

export const DEFAULT_PORT = 8476;

export interface ApiServerOptions {
  readonly api: AppApi;
  /** At least 32 characters. */
  readonly token: string;
  /** Folder of the built page; null serves the API alone. */
  readonly uiDir: string | null;
  readonly uploads: Pick<Uploads, 'receive'>;
  readonly playback: PlaybackGrants;
  /** 0 = any free one, for tests. */
  readonly port: number;
  readonly log: Log;
  readonly clock: Clock;
}

export interface ApiServer {
  /** The port that was bound. */
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** The address to open the page at once, without the token in it (contract/page-code.ts). */
  pageAddress(): string;
  /** Ends event streams, lets answers under way finish for `graceMs`, then cuts. */
  close(graceMs?: number): Promise<void>;
}

interface Parts extends ApiServerOptions {
  readonly events: EventStream;
  readonly wrongToken: ReturnType<typeof tokenCheck>;
  readonly codes: PageCodes;
}

/**
 * Starts the server and resolves when it listens.
 * @throws AppError CONFLICT when the port is taken or may not be used.
 */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const parts: Parts = {
    ...options,
    events: createEventStream(options),
    wrongToken: tokenCheck(options.token),
    codes: new PageCodes(options.clock),
  };
  let port = options.port;
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 0, maxHeaderSize: 16_384, keepAliveTimeout: 5_000 },
    (req, res) => {
      answer(parts, port, req, res).catch((thrown: unknown) => {
        const error = toAppError(thrown);
        if (statusOf(error) >= 500)
          options.log.error('api_call_failed', {
            method: req.method,
            path: pathOf(req),
            code: error.code,
            message: error.message,
          });
        refuse(req, res, error);
      });
    },
  );
  server.maxConnections = 512;
  port = await listen(server, options.port);

  const url = `http://127.0.0.1:${port}`;
  return {
    port,
    url,
    pageAddress: () => `${url}/#code=${parts.codes.make()}`,
    async close(graceMs = 2_000) {
      parts.events.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = options.clock.after(graceMs, () => server.closeAllConnections());
      await closed;
      cut();
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${cause.code ?? cause.message})`;
      reject(new AppError('CONFLICT', `Port ${port} of this computer ${why}. Choose another with --port.`, { cause }));
    });
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function pathOf(req: IncomingMessage): string {
  return (req.url ?? '').split('?', 1)[0] ?? '';
}

async function answer(parts: Parts, port: number, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const refused = foreign(req, port);
  if (refused !== null) throw refused;
  const path = pathOf(req);
  if (path === '/api' || path.startsWith('/api/')) await answerApi(parts, path, req, res);
  else await answerPage(parts.uiDir, path, req, res);
}

async function answerApi(parts: Parts, path: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const method = req.method ?? '';
  const query = new URLSearchParams((req.url ?? '').slice(path.length));
  // A player sends no headers: its address carries the right to this one file.
  const recording = recordingOf(method, path);
  if (recording !== null) return answerRecording(parts.playback, recording, query, req, res);
  if (path === PAGE_TOKEN_PATH) {
    allowOnly('POST', method);
    return answerPageToken(parts, req, res);
  }
  const open = method === 'GET' && path === '/api/runtime';
  // Before anything else is looked at, so that without the token nobody learns what exists.
  const refused = open ? null : parts.wrongToken(req);
  if (refused !== null) throw refused;

  if (path === '/api/events') {
    allowOnly('GET', method);
    parts.events.open(req, res);
    return;
  }
  if (path === PAGE_CODES_PATH) {
    allowOnly('POST', method);
    answerJson(res, 200, { code: parts.codes.make() });
    return;
  }
  if (path === '/api/uploads') {
    allowOnly('POST', method);
    await answerUpload(parts.uploads, query.get('name') ?? '', req, res);
    return;
  }
  const match = matchPath(method, path);
  switch (match.kind) {
    case 'call':
      return answerCall(parts.api, { name: match.name, ids: match.ids, query }, req, res);
    case 'other-method':
      return allowOnly(match.allow.join(', '), method);
    case 'nothing':
      throw new AppError('NOT_FOUND', 'There is no such call.');
  }
}

function matchPath(method: string, path: string): ReturnType<typeof matchApiPath> {
  try {
    return matchApiPath(method, path);
  } catch (cause) {
    throw new AppError('BAD_REQUEST', 'The path is not proper percent-encoding.', { cause });
  }
}

function allowOnly(allowed: string, method: string): void {
  if (method !== allowed) throw new HttpRefusal(405, `This takes ${allowed}.`, { Allow: allowed });
}

/** The address of a page that was just opened may have been read by others here before the browser came: it is good once, and for this user. */
async function answerPageToken(parts: Parts, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (isAnotherUsers(req.socket)) throw new AppError('FORBIDDEN', 'This is another user’s app.');
  const given = pageCodeSchema.safeParse(await readJsonBody(req, 1_024));
  if (!given.success || !parts.codes.take(given.data.code)) throw new AppError('UNAUTHORIZED');
  answerJson(res, 200, { token: parts.token });
}

/** An upload in which nothing moves for so long is cut, milliseconds. It may last as long as it moves. */
const UPLOAD_SILENCE_MS = 120_000;

async function answerUpload(
  uploads: Pick<Uploads, 'receive'>,
  name: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  if (name === '') throw new AppError('BAD_REQUEST', 'name: the name of the file is missing.');
  req.socket.setTimeout(UPLOAD_SILENCE_MS);
  try {
    // The stream stays alive when storing fails, so that the refusal can still be answered.
    const stored = await uploads.receive(name, req.iterator({ destroyOnReturn: false }));
    answerJson(res, 200, stored);
  } finally {
    req.socket.setTimeout(0);
  }
}

async function answerPage(
  uiDir: string | null,
  path: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  if (req.method !== 'GET' && req.method !== 'HEAD') allowOnly('GET, HEAD', req.method ?? '');
  const page = uiDir === null ? null : await readPageFile(uiDir, path);
  if (page === null)
    throw new AppError(
      'NOT_FOUND',
      path === '/' ? 'There is no page here, only the API under /api.' : say('file_none'),
    );
  answerBytes(res, 200, page.bytes, page.headers);
}
