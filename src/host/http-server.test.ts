import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../contract/errors.ts';
import { PAGE_POLICY } from '../contract/page-files.ts';
import { type StandInApi, standInApi } from './app-api.cases.ts';
import { SAMPLES } from './app-api-samples.cases.ts';
import { SAMPLE_JOB } from './app-api-views.cases.ts';
import { HEARTBEAT_MS, MAX_BEHIND_BYTES } from './event-stream.ts';
import { MAX_BODY_BYTES } from './http-body.ts';
import { type ApiServer, createApiServer } from './http-server.ts';
import { type ManualClock, manualClock } from './manual-clock.cases.ts';
import { Uploads } from './uploads.ts';

const token = 'B'.repeat(43);
const authorization = `Bearer ${token}`;
const json = { authorization, 'content-type': 'application/json' };

let engine: StandInApi;
let server: ApiServer;
let clock: ManualClock;
let dataDir = '';
let logged: string[] = [];

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'api-server-'));
  const uiDir = join(dataDir, 'ui');
  mkdirSync(join(uiDir, 'assets'), { recursive: true });
  writeFileSync(join(uiDir, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(uiDir, 'assets/main-1a2b.js'), 'export {};');
  engine = standInApi();
  clock = manualClock();
  logged = [];
  const note = (event: string, fields?: Record<string, unknown>) => logged.push(`${event} ${JSON.stringify(fields)}`);
  server = await createApiServer({
    api: engine,
    token,
    uiDir,
    uploads: new Uploads({ dataDir }),
    playback: { granted: () => null },
    port: 0,
    log: { info: note, warn: note, error: note },
    clock,
  });
});
afterEach(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true });
});

describe('answers', () => {
  it('give the one open call to anybody on this computer, and to nobody anything else', async () => {
    expect(await (await fetch(`${server.url}/api/runtime`)).json()).toEqual(SAMPLES.runtime.result);
    const refused = await fetch(`${server.url}/api/jobs`);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    expect(await refused.json()).toEqual({ error: 'The token is missing or wrong.', code: 'UNAUTHORIZED' });
  });

  it('carry the status of the error code', async () => {
    const expected = {
      NOT_FOUND: 404,
      CONFLICT: 409,
      FORBIDDEN: 403,
      BAD_REQUEST: 400,
      TOO_LARGE: 413,
      DISK_FULL: 507,
      REMOTE_WORKER_UNREACHABLE: 502,
      INTERNAL: 500,
      DATABASE_DAMAGED: 500,
    } as const;
    for (const [code, status] of Object.entries(expected)) {
      engine.failWith(new AppError(code as keyof typeof expected, 'Why.'));
      const answer = await fetch(`${server.url}/api/jobs/x`, { headers: { authorization } });
      expect([answer.status, await answer.json()]).toEqual([status, { error: 'Why.', code }]);
    }
    expect(logged.join()).toContain('api_call_failed');
    expect(logged.join()).not.toContain(token);
  });

  it('name the field that is wrong', async () => {
    const answer = await fetch(`${server.url}/api/jobs`, { method: 'POST', headers: json, body: '{"paths":["/a",7]}' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'BAD_REQUEST', error: expect.stringContaining('"paths.1": ') });
    const twice = await fetch(`${server.url}/api/jobs?limit=1&limit=2`, { headers: { authorization } });
    expect(await twice.json()).toMatchObject({ code: 'BAD_REQUEST', error: expect.stringContaining('limit') });
    const broken = await fetch(`${server.url}/api/jobs/%E0%A4%A`, { headers: { authorization } });
    expect(broken.status).toBe(400);
  });

  it('say which method there is', async () => {
    const answer = await fetch(`${server.url}/api/jobs/x/cancel`, { headers: { authorization } });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await fetch(`${server.url}/api/uploads`, { headers: { authorization } })).status).toBe(405);
    expect((await fetch(`${server.url}/`, { method: 'DELETE' })).status).toBe(405);
  });

  it('never let an id in the body or the query stand for the one in the path', async () => {
    const cancel = (body: string) =>
      fetch(`${server.url}/api/jobs/good/cancel?id=query`, { method: 'POST', headers: json, body });
    await cancel('{"id":"body"}');
    expect((await cancel('{"id":"body","__proto__":{"id":"proto"}}')).status).toBe(400);
    await fetch(`${server.url}/api/jobs/good?id=query`, { headers: { authorization } });
    expect(engine.calls.map(({ params }) => params)).toEqual([{ id: 'good' }, { id: 'good' }]);
  });
});

describe('the address that opens the page', () => {
  const trade = (code: unknown, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/api/page-token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ code }),
    });
  const codeIn = (address: string) => new URL(address).hash.slice('#code='.length);

  it('holds no token, but a code for which the page gets it once', async () => {
    const address = server.pageAddress();
    expect(address).not.toContain(token);
    expect(await (await trade(codeIn(address))).json()).toEqual({ token });
    expect((await trade(codeIn(address))).status).toBe(401);
  });

  it('is good for two minutes, for our own page, and for nobody who guesses', async () => {
    const code = codeIn(server.pageAddress());
    expect((await trade('A'.repeat(43))).status).toBe(401);
    expect((await trade(7)).status).toBe(401);
    expect((await trade(code, { origin: 'https://elsewhere.example' })).status).toBe(403);
    expect((await fetch(`${server.url}/api/page-token`)).status).toBe(405);
    clock.advance(120_001);
    expect((await trade(code)).status).toBe(401);
  });

  it('is made for another command that has the token', async () => {
    const ask = (headers: Record<string, string>) => fetch(`${server.url}/api/page-codes`, { method: 'POST', headers });
    expect((await ask({})).status).toBe(401);
    const { code } = (await (await ask({ authorization })).json()) as { code: string };
    expect((await trade(code)).status).toBe(200);
  });
});

describe('bodies', () => {
  const post = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json') =>
    fetch(`${server.url}/api/jobs`, { method: 'POST', headers: { authorization, 'content-type': type }, body });

  it('that are no JSON object are refused', async () => {
    for (const body of ['{', 'null', '[]', '1', '"x"', '{"paths":["/a"]}x', '\u0000', '{"a":NaN}']) {
      const answer = await post(body);
      expect([body, answer.status, (await answer.json()).code]).toEqual([body, 400, 'BAD_REQUEST']);
    }
    expect((await post(new Uint8Array([0x7b, 0xff, 0x7d]))).status).toBe(400);
    expect((await post('{"paths":["/a"]}', 'text/plain')).status).toBe(415);
    expect(engine.calls).toEqual([]);
    expect((await post('{"paths":["/a"]}', 'Application/JSON; charset=utf-8')).status).toBe(200);
  });

  it('that are too large are refused before they are read, and while they are', async () => {
    expect((await post(new Uint8Array(MAX_BODY_BYTES + 1))).status).toBe(413);
    const status = await new Promise((resolve, reject) => {
      const req = request(`${server.url}/api/jobs`, { method: 'POST', headers: json }, (res) =>
        resolve(res.resume().statusCode),
      );
      req.on('error', reject);
      // Chunked: no length says it beforehand.
      const chunk = Buffer.alloc(1024 * 1024, 0x20);
      for (let sent = 0; sent <= MAX_BODY_BYTES; sent += chunk.length) req.write(chunk);
      req.end();
    });
    expect(status).toBe(413);
    expect(engine.calls).toEqual([]);
  });

  it('with a hundred thousand paths are taken', async () => {
    const paths = Array.from(
      { length: 100_000 },
      (_, index) => `/recordings/a folder with a name/interview ${index}.wav`,
    );
    expect((await post(JSON.stringify({ paths }))).status).toBe(200);
  });
});

describe('an export', () => {
  it('is a file when it is asked for as one', async () => {
    const answer = await fetch(`${server.url}/api/jobs/x/export?format=srt&download=1`, { headers: { authorization } });
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="Zo_ _1_.srt"; filename*=UTF-8''Zo%C3%AB%20%E2%80%9C1%E2%80%9D.srt`,
    );
    expect(answer.headers.get('content-type')).toBe('application/x-subrip');
    expect(await answer.text()).toBe(SAMPLES.exportJob.result.text);
  });
});

describe('the page', () => {
  it('comes with its type and its policy, and nothing else does', async () => {
    const page = await fetch(`${server.url}/?anything`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toBe(PAGE_POLICY);
    expect(page.headers.get('cache-control')).toBe('no-store');
    const script = await fetch(`${server.url}/assets/main-1a2b.js`);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('cache-control')).toContain('immutable');
    expect((await fetch(`${server.url}/jobs/7`)).status).toBe(404);
    expect((await fetch(`${server.url}/api-token`)).status).toBe(404);
    const head = await fetch(server.url, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });
});

describe('the event stream', () => {
  /** A client whose reading is in the test's hands. */
  function listenRaw(): Promise<{ socket: Socket; text(): string }> {
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write(
          `GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: ${authorization}\r\n\r\n`,
        );
      });
      socket.setEncoding('utf8');
      socket.on('data', (chunk: string) => {
        text += chunk;
        if (text.includes('"ready"')) resolve({ socket, text: () => text });
      });
      socket.once('error', reject);
    });
  }

  it('wants the token', async () => {
    expect((await fetch(`${server.url}/api/events`)).status).toBe(401);
    expect(engine.listeners).toBe(0);
  });

  it('begins with ready, carries each event on one line, and beats every 15 s', async () => {
    const { socket, text } = await listenRaw();
    expect(text()).toContain('Content-Type: text/event-stream');
    engine.emit({ type: 'job', job: { ...SAMPLE_JOB, name: 'a\nb\r\nc' } });
    await vi.waitFor(() => expect(text()).toContain(String.raw`a\nb\r\nc`));
    expect(text()).not.toContain('still here');
    clock.advance(HEARTBEAT_MS);
    await vi.waitFor(() => expect(text().match(/^: still here$/gm)).toHaveLength(1));
    clock.advance(HEARTBEAT_MS);
    await vi.waitFor(() => expect(text().match(/^: still here$/gm)).toHaveLength(2));
    socket.destroy();
    await vi.waitFor(() => expect([engine.listeners, clock.pending]).toEqual([0, 0]));
  });

  it('closes a client that does not read, and no other', async () => {
    const slow = await listenRaw();
    slow.socket.pause();
    const quick = await listenRaw();
    const id = 'x'.repeat(256 * 1024);
    let sent = 0;
    while (engine.listeners === 2 && sent < 1_000) {
      engine.emit({ type: 'job-removed', id });
      sent += 1;
      await vi.waitFor(() => expect(quick.text().length).toBeGreaterThan(sent * id.length));
    }
    expect(engine.listeners).toBe(1);
    // What the system itself buffers for a socket comes on top of the bound.
    expect(sent * id.length).toBeLessThan(MAX_BEHIND_BYTES + 32 * 1024 * 1024);
    expect(logged.join()).toContain('event_client_too_slow');
    slow.socket.destroy();
    quick.socket.destroy();
  });

  it('ends with the server, which waits for no client', async () => {
    const { socket } = await listenRaw();
    const ended = new Promise((resolve) => socket.once('close', resolve));
    await server.close();
    await ended;
    expect(engine.listeners).toBe(0);
  });
});

describe('an upload', () => {
  const uploaded = () => readdirSync(join(dataDir, 'uploads'));
  const send = (name: string, body: Uint8Array<ArrayBuffer> | string) =>
    fetch(`${server.url}/api/uploads?name=${encodeURIComponent(name)}`, {
      method: 'POST',
      headers: { authorization },
      body,
    });

  it('is stored byte for byte', async () => {
    const bytes = new Uint8Array(64 * 1024 * 1024);
    for (let at = 0; at < bytes.length; at += 4093) bytes[at] = at % 251;
    const stored = await (await send('Gespräch 1.mp4', bytes)).json();
    expect(stored).toMatchObject({ name: 'Gespräch 1.mp4', sizeBytes: bytes.length });
    const file = readFileSync(join(dataDir, 'uploads', stored.id, stored.name));
    expect(createHash('sha256').update(file).digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('leaves nothing when its sender goes away', async () => {
    const req = request(`${server.url}/api/uploads?name=a.wav`, {
      method: 'POST',
      headers: { authorization, 'content-length': 10_000_000 },
    });
    req.on('error', () => undefined);
    req.write(Buffer.alloc(1_000_000));
    await vi.waitFor(() => expect(uploaded()).toHaveLength(1));
    req.destroy();
    await vi.waitFor(() => expect(uploaded()).toEqual([]));
  });

  it('is refused without the token or a name, and nothing is made', async () => {
    expect((await fetch(`${server.url}/api/uploads?name=a`, { method: 'POST', body: 'x' })).status).toBe(401);
    expect((await send('', 'x')).status).toBe(400);
    expect(readdirSync(dataDir)).toEqual(['ui']);
  });
});

describe('the port', () => {
  it('that is taken is named in the error', async () => {
    const parts = {
      api: engine,
      token,
      uiDir: null,
      uploads: new Uploads({ dataDir }),
      playback: { granted: () => null },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      clock,
    };
    await expect(createApiServer({ ...parts, port: server.port })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(String(server.port)),
    });
  });
});
