import { type Agent, Agent as HttpAgent, type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StandInApi, standInApi } from './app-api.cases.ts';
import { foreign, tokenCheck } from './http-guard.ts';
import { type ApiServer, createApiServer } from './http-server.ts';
import { manualClock } from './manual-clock.cases.ts';
import { Uploads } from './uploads.ts';

const token = 'A'.repeat(43);
let engine: StandInApi;
let server: ApiServer;
const agent: Agent = new HttpAgent({ keepAlive: true, maxSockets: 8 });

beforeAll(async () => {
  engine = standInApi();
  server = await createApiServer({
    api: engine,
    token,
    uiDir: null,
    uploads: new Uploads({ dataDir: join(tmpdir(), 'never-written') }),
    port: 0,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    playback: { granted: () => null },
    clock: manualClock(),
  });
});
afterAll(async () => {
  agent.destroy();
  await server.close();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function ask(method: string, path: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port: server.port, method, path, headers, agent }, (res) => {
      let body = '';
      res.setEncoding('utf8');
      res.on('data', (text: string) => {
        body += text;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }));
    });
    req.on('error', reject);
    req.end();
  });
}

/** Sends raw bytes and gives the status line back. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8');
    socket.once('data', (answer: string) => {
      socket.destroy();
      resolve(answer.split('\r\n', 1)[0] ?? '');
    });
    socket.once('error', reject);
  });
}

/** Small seeded generator (mulberry32), so that a failure can be repeated. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE'];
const PATHS = [
  '/',
  '/api/runtime',
  '/api/jobs',
  '/api/jobs/x',
  '/api/settings',
  '/api/workers/x',
  '/api/nothing',
  '/index.html',
  '/api/runtime/',
  '/API/runtime',
];

function hosts(port: number): { readonly good: readonly string[]; readonly bad: readonly string[] } {
  return {
    good: [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`],
    bad: [
      '127.0.0.1',
      'localhost',
      `127.0.0.1:${port + 1}`,
      `127.0.0.2:${port}`,
      `0.0.0.0:${port}`,
      `127.1:${port}`,
      `2130706433:${port}`,
      `[::]:${port}`,
      `[::ffff:127.0.0.1]:${port}`,
      `localhost.:${port}`,
      `LOCALHOST:${port}.evil.example`,
      `evil.example:${port}`,
      `127.0.0.1.nip.io:${port}`,
      `user@127.0.0.1:${port}`,
      `127.0.0.1:${port}/`,
      `127.0.0.1:${port}, evil.example`,
      'controller.tunnel',
    ],
  };
}

describe('who may ask', () => {
  it('is decided alike for 5,000 combinations of Host, Origin, site, method, path and token', async () => {
    const { good, bad } = hosts(server.port);
    const origins = [
      'http://evil.example',
      'null',
      'https://127.0.0.1',
      'file://',
      'app://bulk-transcribe',
      'http://127.0.0.1',
      `https://localhost:${server.port}`,
      'http://localhost:8080',
      'chrome-extension://abc',
      '',
    ];
    const random = dice(20_261_123);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    let reached = 0;

    const one = async (): Promise<void> => {
      const host = random() < 0.6 ? pick(good) : pick(bad);
      const origin = random() < 0.4 ? undefined : random() < 0.5 ? `http://${pick(good)}` : pick(origins);
      const site =
        random() < 0.4 ? undefined : pick(['same-origin', 'none', 'cross-site', 'same-site', 'SAME-ORIGIN', 'x']);
      const given = pick([undefined, token, `${token}x`, token.slice(1), token.toLowerCase(), 'undefined']);
      const scheme = pick(['Bearer', 'Bearer', 'Bearer', 'Basic', 'Token']);
      const method = pick(METHODS);
      const path = pick(PATHS);
      const headers: Record<string, string> = { host };
      if (origin !== undefined) headers['origin'] = origin;
      if (site !== undefined) headers['sec-fetch-site'] = site;
      if (given !== undefined) headers['authorization'] = `${scheme} ${given}`;
      const before = engine.calls.length;
      const answer = await ask(method, path, headers);

      const ours =
        good.includes(host) &&
        (origin === undefined || origin === `http://${host}`) &&
        (site === undefined || site === 'same-origin' || site === 'none');
      const open = !path.startsWith('/api/') || (method === 'GET' && path === '/api/runtime');
      const known = given === token && scheme === 'Bearer';
      const asked = JSON.stringify({ method, path, headers });
      if (!ours) expect(answer.status, asked).toBe(403);
      else if (!open && !known) expect(answer.status, asked).toBe(401);
      else expect([200, 400, 404, 405], asked).toContain(answer.status);

      if (!ours || !(open || known)) expect(engine.calls.length, asked).toBe(before);
      else reached += 1;
      for (const header of [
        'access-control-allow-origin',
        'access-control-allow-credentials',
        'set-cookie',
        'server',
        'x-powered-by',
      ])
        expect(answer.headers[header], asked).toBeUndefined();
      expect(answer.headers, asked).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
      expect(answer.headers['content-security-policy'], asked).toContain("default-src 'none'");
    };
    for (let made = 0; made < 5_000; made += 1) await one();
    // The rest of the test would pass as well if everything was refused.
    expect(reached).toBeGreaterThan(200);
  });

  it('holds for every pair of Host and Origin', () => {
    const { good, bad } = hosts(8476);
    for (const host of [...good, ...bad]) {
      for (const other of [...good, ...bad]) {
        const headersDistinct = { host: [host], origin: [`http://${other}`] };
        const verdict = foreign({ url: '/', headers: {}, headersDistinct }, 8476);
        expect(verdict === null, `${host} asked from ${other}`).toBe(good.includes(host) && host === other);
      }
    }
  });

  it('refuses requests that name no host, two hosts or another address in the request line', async () => {
    const { port } = server;
    expect(await raw(`GET /api/runtime HTTP/1.0\r\n\r\n`)).toContain(' 403 ');
    expect(await raw(`GET /api/runtime HTTP/1.1\r\n\r\n`)).toContain(' 400 ');
    expect(await raw(`GET /api/runtime HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nHost: evil.example\r\n\r\n`)).toMatch(
      / 40[03] /,
    );
    expect(await raw(`GET http://evil.example/api/runtime HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)).toContain(
      ' 400 ',
    );
    expect(await raw(`GET //evil.example/api/runtime HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)).toContain(' 400 ');
    expect(await raw(`OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)).toContain(' 400 ');
    expect(await raw(`GET /api/runtime HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)).toContain(' 200 ');
  });
});

describe('the token', () => {
  const check = (authorization: string | undefined) =>
    tokenCheck(token)({ url: '/', headers: { authorization }, headersDistinct: {} });

  it('is taken whole or not at all', () => {
    expect(check(`Bearer ${token}`)).toBeNull();
    expect(check(`bearer ${token}`)).toBeNull();
    for (const wrong of [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      token,
      `Bearer  ${token}`,
      `Bearer ${token} `,
      `Bearer ${token},x`,
      `Basic ${token}`,
      `Bearer ${token.slice(0, -1)}`,
      `Bearer ${'é'.repeat(43)}`,
    ])
      expect(check(wrong), String(wrong)).toMatchObject({ code: 'UNAUTHORIZED' });
  });

  it('must be long', () => {
    expect(() => tokenCheck('short')).toThrow(RangeError);
    expect(() => tokenCheck('')).toThrow(RangeError);
  });
});
