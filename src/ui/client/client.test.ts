import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { API, API_NAMES, type ApiName, type AppEvent } from '../../contract/api.ts';
import { AppError, toAppError } from '../../contract/errors.ts';
import { type ClientUnderTest, clientKeepsItsPromises } from './client.cases.ts';
import type { UiClient } from './client.ts';
import { createDesktopClient } from './electron-client.ts';
import { createHttpClient } from './http-client.ts';
import { createMemoryClient, type MemoryEngine } from './memory-client.ts';

const TOKEN = 'a-token';
const now = (): number => 1_700_000_000_000;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

function matching(method: string, pathname: string): { name: ApiName; ids: Record<string, string> } | null {
  for (const name of API_NAMES) {
    const pattern = new RegExp(`^${API[name].path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
    const match = API[name].method === method ? pattern.exec(pathname) : null;
    if (match === null) continue;
    const ids = Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]);
    return { name, ids: Object.fromEntries(ids) };
  }
  return null;
}

/** Stands in for the engine's server: the same table over real HTTP, in front of an engine in memory. */
async function serve(
  memory: UiClient,
): Promise<{ url: string; answerStreams(answer: boolean): void; close(): Promise<void> }> {
  let away = false;
  const streams = new Set<ServerResponse>();
  const answer = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const server = createServer(async (request, response) => {
    // jsdom asks from another origin than this server's; the engine's page never does.
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', '*');
    response.setHeader('access-control-allow-methods', '*');
    const url = new URL(request.url ?? '', 'http://here');
    if (request.method === 'OPTIONS') return response.end();
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      return answer(response, 401, { error: 'The token is missing or wrong.', code: 'UNAUTHORIZED' });
    }
    if (url.pathname === '/api/events') {
      if (away) return request.socket.destroy();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      streams.add(response);
      const undo = memory.subscribe((event: AppEvent) => response.write(`data: ${JSON.stringify(event)}\n\n`));
      return response.on('close', () => {
        streams.delete(response);
        undo();
      });
    }
    const body = await bodyOf(request);
    try {
      if (url.pathname === '/api/uploads') {
        const file = new File([new Uint8Array(body)], url.searchParams.get('name') ?? '');
        return answer(response, 200, await memory.upload(file));
      }
      const found = matching(request.method ?? '', url.pathname);
      if (found === null) throw new AppError('NOT_FOUND');
      const given = body.length > 0 ? JSON.parse(body.toString()) : Object.fromEntries(url.searchParams);
      const params = API[found.name].params.safeParse({ ...given, ...found.ids });
      if (!params.success) throw new AppError('BAD_REQUEST');
      answer(response, 200, await memory.call(found.name, params.data as never));
    } catch (thrown) {
      const { code, message } = toAppError(thrown);
      answer(response, code === 'NOT_FOUND' ? 404 : code === 'CONFLICT' ? 409 : 400, { error: message, code });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    answerStreams(answer) {
      away = !answer;
      if (away) for (const stream of streams) stream.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        for (const stream of streams) stream.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

clientKeepsItsPromises('memory', async () => ({ ...createMemoryClient({ now }), close: async () => undefined }));

clientKeepsItsPromises('HTTP', async (): Promise<ClientUnderTest> => {
  const memory = createMemoryClient({ now });
  const server = await serve(memory.client);
  let goOn: () => void = () => undefined;
  const client = createHttpClient({
    baseUrl: server.url,
    token: TOKEN,
    wait: (_ms, signal) =>
      new Promise((resolve) => {
        goOn = resolve;
        signal.addEventListener('abort', () => resolve());
      }),
  });
  // What the engine in memory calls losing and finding the connection is done to the real one here.
  const connect: MemoryEngine['connect'] = (connection) => {
    server.answerStreams(connection === 'open');
    if (connection === 'open') goOn();
  };
  return { client, engine: { ...memory.engine, connect }, close: server.close };
});

clientKeepsItsPromises('desktop', async (): Promise<ClientUnderTest> => {
  const { client: memory, engine } = createMemoryClient({ now });
  const client = createDesktopClient({
    // As the preload does it: a refusal is an answer, because an Error loses its code on its way into the page.
    call: (name, params) =>
      memory.call(name as ApiName, params as never).catch((thrown: unknown) => {
        const { code, message } = toAppError(thrown);
        return { error: message, code };
      }),
    subscribe: (listener) => memory.subscribe(listener),
    pathForFile: () => '',
    openFiles: async () => ['/a.wav'],
    openFolder: async () => [],
    reveal: () => undefined,
    secretsKept: async () => true,
    onTold: () => () => undefined,
    platform: 'linux',
  });
  // A desktop's window takes paths and loses no connection that it could tell of; both are the bridge's business.
  return {
    client: { ...client, upload: memory.upload, watchConnection: memory.watchConnection },
    engine,
    close: async () => undefined,
  };
});

describe('HTTP client', () => {
  it('says that a token was refused, and that nobody answers', async () => {
    const { client: memory } = createMemoryClient({ now });
    const server = await serve(memory);
    const client = createHttpClient({ baseUrl: server.url, token: 'another' });
    const seen: string[] = [];
    client.watchConnection((connection) => seen.push(connection));
    await expect(client.call('listWorkers', {})).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await expect(client.upload(new File(['x'], 'a.wav'))).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(seen).toEqual(['connecting', 'unauthorized']);
    await server.close();
    await expect(client.call('listWorkers', {})).rejects.toMatchObject({ message: 'The engine is not answering.' });
    await expect(client.upload(new File(['x'], 'a.wav'))).rejects.toMatchObject({ code: 'TRANSFER_FAILED' });
  });
});
