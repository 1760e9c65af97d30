import type { RequestListener, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobRequest, WorkerEvent } from '../contract/worker-wire.ts';
import type { WorkerClient } from '../controller/ports.ts';
import { WorkerRefusal } from '../controller/ports.ts';
import { connectWorker } from './worker-client.ts';

const TOKEN = 'correct-horse';
const never = new AbortController().signal;

let server: Server;
let answer: RequestListener;
let client: WorkerClient;
let url: string;

beforeEach(async () => {
  answer = (_request, response) => response.end();
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = connectWorker({ version: '1.2.3', callMs: 60_000, silenceMs: 60_000 })({ url, token: TOKEN });
});

afterEach(async () => {
  await client.close();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
});

function says(status: number, body: unknown, headers: Record<string, string> = {}): void {
  answer = (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

const ping = { status: 'ok', gpu: false, models: ['small'], diarization: false };
const status = {
  workerJobId: 'wk_1',
  controllerJobId: 'job_1',
  status: 'running',
  stage: 'transcribing',
  progress: { percent: 12.5, processedSec: 3, totalSec: 30 },
  error: null,
};
const job = { controllerJobId: 'job_1', attempt: 1 } as JobRequest;

describe('a call', () => {
  test('says who asks, and parses the answer', async () => {
    const seen: unknown[] = [];
    answer = (request, response) => {
      const { authorization, accept } = request.headers;
      seen.push([request.method, request.url, authorization, accept, request.headers['user-agent']]);
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(ping));
    };
    const { ping: pong, latencyMs } = await client.ping(never);
    expect(seen).toEqual([['GET', '/v1/ping', `Bearer ${TOKEN}`, 'application/json', 'bulk-transcribe/1.2.3']]);
    expect(pong).toMatchObject({ models: ['small'], protocol: 1, features: [], maxConcurrentJobs: 1 });
    expect(latencyMs).toBeGreaterThan(0);
  });

  test('submits with its key', async () => {
    let body = '';
    let key: unknown;
    answer = (request, response) => {
      key = request.headers['idempotency-key'];
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => response.end('{"workerJobId":"wk_1","status":"queued","bootId":"b"}'));
    };
    expect(await client.submit(job, 'job_1:1', never)).toMatchObject({ workerJobId: 'wk_1', bootId: 'b' });
    expect([JSON.parse(body), key]).toEqual([job, 'job_1:1']);
  });

  test('asks for a job and cancels it, whatever its id is', async () => {
    const seen: (string | undefined)[] = [];
    answer = (request, response) => {
      seen.push(request.url);
      response.end(JSON.stringify(request.method === 'POST' ? { status: 'cancel_requested' } : status));
    };
    expect(await client.status('wk/../1', never)).toMatchObject({ stage: 'transcribing' });
    await client.cancel('wk_1', never);
    expect(seen).toEqual(['/v1/jobs/wk%2F..%2F1', '/v1/jobs/wk_1/cancel']);
  });
});

describe('a worker that says no', () => {
  test.each([
    [401, { error: 'No token.' }, 'REMOTE_WORKER_UNAUTHORIZED'],
    [403, { error: 'Wrong token.' }, 'REMOTE_WORKER_UNAUTHORIZED'],
    [403, '', 'REMOTE_WORKER_UNAUTHORIZED'],
    [500, { error: 'WORKER_TOKEN is not set' }, 'REMOTE_WORKER_UNAUTHORIZED'],
    [400, { error: 'It has tiny.', code: 'UNSUPPORTED_MODEL' }, 'UNSUPPORTED_MODEL'],
    [400, { error: 'It has en.', code: 'UNSUPPORTED_LANGUAGE' }, 'UNSUPPORTED_LANGUAGE'],
    [400, { error: 'No speakers.', code: 'UNSUPPORTED_OPTION' }, 'UNSUPPORTED_OPTION'],
    [400, { error: 'inputs is missing', code: 'BAD_REQUEST' }, 'REMOTE_DISPATCH_FAILED'],
    [400, { error: 'inputs is missing' }, 'REMOTE_DISPATCH_FAILED'],
    [400, { error: 'x', code: 'toString' }, 'REMOTE_DISPATCH_FAILED'],
    [413, { error: 'Too large.', code: 'TOO_LARGE' }, 'TOO_LARGE'],
    [429, { error: 'Full.', code: 'WORKER_FULL' }, 'REMOTE_WORKER_CAPACITY'],
    [503, { error: 'Draining.', code: 'DRAINING' }, 'REMOTE_WORKER_CAPACITY'],
    [507, { error: 'Full disk.', code: 'WORKER_DISK_FULL' }, 'WORKER_DISK_FULL'],
    [500, { error: 'Oops.' }, 'REMOTE_WORKER_UNREACHABLE'],
    [404, { error: 'Not found.' }, 'REMOTE_DISPATCH_FAILED'],
    // A proxy between us and the worker.
    [404, 'not here', 'REMOTE_WORKER_UNREACHABLE'],
    [502, 'bad gateway', 'REMOTE_WORKER_UNREACHABLE'],
    [503, 'later', 'REMOTE_WORKER_UNREACHABLE'],
    [524, '', 'REMOTE_WORKER_UNREACHABLE'],
    [302, '', 'REMOTE_WORKER_UNREACHABLE'],
    [200, 'no json', 'WORKER_PROTOCOL'],
    [200, '[]', 'WORKER_PROTOCOL'],
    [200, { workerJobId: 7 }, 'WORKER_PROTOCOL'],
  ])('%i %j is %s', async (code, body, expected) => {
    says(code, body, { Location: 'http://127.0.0.1:1/' });
    await expect(client.submit(job, 'key', never)).rejects.toMatchObject({ name: 'AppError', code: expected });
  });

  test('a job is only unknown when a worker says so', async () => {
    says(404, { error: 'No such job.' });
    await expect(client.status('wk_1', never)).rejects.toMatchObject({ code: 'REMOTE_JOB_NOT_FOUND', bootId: null });
    await expect(client.cancel('wk_1', never)).rejects.toMatchObject({ code: 'REMOTE_JOB_NOT_FOUND' });
    await expect(client.events('wk_1', 0, never)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'REMOTE_JOB_NOT_FOUND',
    });
    says(404, { error: 'No such job.' }, { 'Worker-Boot-Id': 'boot-2' });
    await expect(client.status('wk_1', never)).rejects.toMatchObject({ bootId: 'boot-2' });
    says(404, '<html>404</html>', { 'Content-Type': 'text/html' });
    await expect(client.status('wk_1', never)).rejects.toMatchObject({ code: 'REMOTE_WORKER_UNREACHABLE' });
  });

  test.each([200, 401, 403, 404, 502, 524])('a page with status %i is no worker', async (code) => {
    says(code, '<!doctype html><title>Just a moment</title>', { 'Content-Type': 'text/html; charset=UTF-8' });
    const error = await client.ping(never).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REMOTE_WORKER_UNREACHABLE' });
    expect(String(error)).toContain('web page');
  });

  test.each([
    ['7', 7_000],
    ['0', 0],
    ['999999', 3_600_000],
    ['soon', null],
    [new Date(Date.now() - 5_000).toUTCString(), 0],
  ])('Retry-After %s', async (header, expected) => {
    says(429, { error: 'Full.', code: 'WORKER_FULL' }, { 'Retry-After': header });
    const error = await client.submit(job, 'key', never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WorkerRefusal);
    expect(error).toMatchObject({ retryAfterMs: expected, message: 'Full.' });
  });

  test('its text is one line of bounded length', async () => {
    says(400, { error: `a\u0000\n\u2028b${'x'.repeat(10_000)}`, code: 'UNSUPPORTED_MODEL' });
    const error = await client.submit(job, 'key', never).catch((thrown: unknown) => thrown);
    const { message } = error as Error;
    expect(message.startsWith('a bxxx')).toBe(true);
    expect(message.length).toBeLessThan(1_100);
  });

  test('no redirect is followed', async () => {
    let asked = 0;
    answer = (request, response) => {
      asked += 1;
      response.writeHead(307, { Location: `${url}/elsewhere${request.url}` }).end();
    };
    await expect(client.ping(never)).rejects.toMatchObject({ code: 'REMOTE_WORKER_UNREACHABLE' });
    expect(asked).toBe(1);
  });
});

describe('a worker that is not well', () => {
  test('sends without end: it is cut off at 512 KiB', async () => {
    let sent = 0;
    answer = (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 0x20))) sent += 65_536;
      };
      response.on('drain', more);
      more();
    };
    await expect(client.status('wk_1', never)).rejects.toMatchObject({ code: 'WORKER_PROTOCOL' });
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  test.each([
    ['never answers', () => undefined],
    ['stops in its head', (response: ServerResponse) => void response.socket?.write('HTTP/1.1 200 OK\r\nContent-')],
    ['stops in its body', (response: ServerResponse) => void response.writeHead(200).write('{"status":')],
  ])('%s: the call ends by itself', async (_how, does) => {
    const hasty = connectWorker({ version: '1', callMs: 150 })({ url, token: TOKEN });
    answer = (_request, response) => does(response);
    await expect(hasty.ping(never)).rejects.toMatchObject({ code: 'REMOTE_WORKER_UNREACHABLE' });
    await hasty.close();
  });

  test('hangs up', async () => {
    answer = (request) => request.socket.destroy();
    await expect(client.ping(never)).rejects.toMatchObject({ code: 'REMOTE_WORKER_UNREACHABLE' });
    answer = (_request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('{', () => response.destroy());
    };
    await expect(client.ping(never)).rejects.toMatchObject({ code: 'REMOTE_WORKER_UNREACHABLE' });
  });

  test('is not there', async () => {
    const absent = connectWorker({ version: '1' });
    for (const [address, sentence] of [
      ['http://127.0.0.1:1', 'Nothing answers'],
      ['http://worker.invalid', 'worker'],
      ['not an address', 'not one'],
    ] as const) {
      const nobody = absent({ url: address, token: TOKEN });
      const error = await nobody.ping(never).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'REMOTE_WORKER_UNREACHABLE' });
      expect(String(error)).toContain(sentence);
      expect(JSON.stringify(error)).not.toContain(TOKEN);
      await nobody.close();
    }
  });

  test('a token that no header can carry is not sent, and not told', async () => {
    const odd = connectWorker({ version: '1' })({ url, token: 'horse\nbattery' });
    const error = await odd.ping(never).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REMOTE_WORKER_UNAUTHORIZED' });
    expect(inspect(error)).not.toContain('horse');
    await odd.close();
  });

  test('a caller that gives up is not kept waiting', async () => {
    answer = () => undefined;
    const stop = new AbortController();
    const call = expect(client.status('wk_1', stop.signal)).rejects.toMatchObject({
      code: 'REMOTE_WORKER_UNREACHABLE',
    });
    stop.abort();
    await call;
  });
});

describe('events', () => {
  const progress = { status: 'running', stage: 'transcribing', percent: 5, processedSec: 1, totalSec: 20 };
  const stream = (text: string, ends = true): void => {
    answer = (request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Asked': request.url ?? '' });
      response.write(text);
      if (ends) response.end();
    };
  };
  const all = async (after = 0) => {
    const events: { id: number; event: WorkerEvent }[] = [];
    for await (const event of client.events('wk_1', after, never)) events.push(event);
    return events;
  };

  test('come parsed until done, whatever follows', async () => {
    let asked: unknown[] = [];
    answer = (request, response) => {
      asked = [request.url, request.headers['last-event-id'], request.headers.accept];
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write(`: beat\n\nid: 5\nevent: progress\ndata: ${JSON.stringify(progress)}\n\n`);
      response.write('id: 6\nevent: novelty\ndata: ?\n\n');
      response.write('id: 7\nevent: segment\ndata: {"id":0,"start":0,"end":1.5,"text":"Hi"}\n\n');
      response.write('id: 8\nevent: done\ndata: {"status":"complete"}\n\nid: 9\nevent: done\ndata: oops\n\n');
    };
    const events = await all(4);
    expect(events.map(({ id, event }) => [id, event.event])).toEqual([
      [5, 'progress'],
      [7, 'segment'],
      [8, 'done'],
    ]);
    expect(asked).toEqual(['/v1/jobs/wk_1/events?after=4', '4', 'text/event-stream']);
  });

  test.each([
    ['an event that does not parse', 'id: 1\nevent: progress\ndata: {\n\n', 'WORKER_PROTOCOL'],
    ['an event of another shape', 'id: 1\nevent: segment\ndata: {"id":"x"}\n\n', 'WORKER_PROTOCOL'],
    ['an event without a number', 'event: done\ndata: {"status":"complete"}\n\n', 'WORKER_PROTOCOL'],
  ])('%s breaks the stream', async (_what, text, code) => {
    stream(text);
    await expect(all()).rejects.toMatchObject({ code });
  });

  test('a stream that ends early just ends', async () => {
    stream(`id: 1\nevent: progress\ndata: ${JSON.stringify(progress)}\n\n`);
    expect(await all()).toHaveLength(1);
  });

  test('a stream that is cut throws', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write(': beat\n\n', () => response.destroy());
    };
    await expect(all()).rejects.toMatchObject({ code: 'REMOTE_WORKER_UNREACHABLE' });
  });

  test('a stream that falls silent throws', async () => {
    const hasty = connectWorker({ version: '1', silenceMs: 100 })({ url, token: TOKEN });
    stream(': beat\n\n', false);
    await expect(hasty.events('wk_1', 0, never)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'REMOTE_WORKER_UNREACHABLE',
    });
    await hasty.close();
  });

  test('leaving the loop closes the connection', async () => {
    const closed = new Promise<void>((resolve) => {
      answer = (_request, response) => {
        response.once('close', resolve);
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write(`id: 1\nevent: progress\ndata: ${JSON.stringify(progress)}\n\n`);
      };
    });
    for await (const { id } of client.events('wk_1', 0, never)) {
      expect(id).toBe(1);
      break;
    }
    await closed;
  });

  test('a page in place of a stream is no worker', async () => {
    says(200, '<html></html>', { 'Content-Type': 'text/html' });
    await expect(all()).rejects.toMatchObject({ code: 'REMOTE_WORKER_UNREACHABLE' });
    says(200, {});
    await expect(all()).rejects.toMatchObject({ code: 'REMOTE_WORKER_UNREACHABLE' });
  });
});
