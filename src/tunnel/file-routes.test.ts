import { mkdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../contract/errors.ts';
import { contentDigest, EngineStandIn, HastyClock, LogStandIn, sha256, WORKER_TOKEN } from './engine-stand-in.ts';
import { createFileRoutes } from './file-routes.ts';

const SIZE = 1_000_003;
const BEARER = { Authorization: `Bearer ${WORKER_TOKEN}` };

let engine: EngineStandIn;
let server: Server;
let log: LogStandIn;
let clock: HastyClock;

beforeEach(async () => {
  engine = await EngineStandIn.make(SIZE);
  log = new LogStandIn();
  clock = new HastyClock((delayMs) => (delayMs === 30_000 ? 30 : delayMs));
  // The routes over plain TCP: what carries them is the tunnel's own test.
  server = createServer(createFileRoutes({ verify: engine.verify, facing: engine, clock, log }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  await engine.remove();
  expect(clock.pending.size).toBe(0);
  expect(log.lines.join('\n')).not.toMatch(/sig=|horse/);
});

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
  readonly code: unknown;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
  /** Sent in pieces without a length. */
  readonly pieces?: readonly Buffer[];
}

function ask(link: string, { method = 'GET', headers = {}, body, pieces }: Asked = {}): Promise<Answer> {
  const path = link.replace('http://controller.tunnel', '');
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, method, path, agent: false, headers: { Host: 'controller.tunnel', ...headers } });
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', reject);
      response.once('end', () => {
        const whole = Buffer.concat(chunks);
        const isJson = response.headers['content-type'] === 'application/json';
        const { code = null } = isJson && whole.length > 0 ? JSON.parse(whole.toString()) : {};
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole, code });
      });
    });
    for (const piece of pieces ?? []) outgoing.write(piece);
    outgoing.end(body);
  });
}

const outputs = (body: Buffer | string, more: Asked = {}, link = engine.outputLink()) =>
  ask(link, {
    method: 'POST',
    body,
    ...more,
    headers: { ...BEARER, 'Content-Type': 'application/json', 'Content-Digest': contentDigest(body), ...more.headers },
  });

describe('an input', () => {
  test('comes whole, with what is needed to go on later', async () => {
    const { status, headers, body } = await ask(engine.inputLink());
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'accept-ranges': 'bytes',
      'content-length': String(SIZE),
      'content-type': 'audio/wav',
      'cache-control': 'no-store',
      etag: `"sha256-${engine.prepared.sha256}"`,
    });
    expect(sha256(body)).toBe(engine.prepared.sha256);
    expect(engine.sentUpTo.at(-1)).toBe(SIZE);
  });

  test('comes in ranges', async () => {
    const etag = `"sha256-${engine.prepared.sha256}"`;
    const part = await ask(engine.inputLink(), { headers: { Range: 'bytes=500000-', 'If-Range': etag } });
    expect(part.status).toBe(206);
    expect(part.headers['content-range']).toBe(`bytes 500000-${SIZE - 1}/${SIZE}`);
    expect(part.body.equals(engine.bytes.subarray(500_000))).toBe(true);
    const other = await ask(engine.inputLink(), { headers: { Range: 'bytes=500000-', 'If-Range': '"sha256-old"' } });
    expect([other.status, other.body.length]).toEqual([200, SIZE]);
    const past = await ask(engine.inputLink(), { headers: { Range: `bytes=${SIZE}-` } });
    expect([past.status, past.headers['content-range']]).toEqual([416, `bytes */${SIZE}`]);
    const changed = await ask(engine.inputLink(), { headers: { 'If-Match': '"sha256-old"' } });
    expect([changed.status, changed.code]).toEqual([412, 'SOURCE_CHANGED']);
  });

  test('answers HEAD with the head alone', async () => {
    const { status, headers, body } = await ask(engine.inputLink(), { method: 'HEAD' });
    expect([status, headers['content-length'], body.length]).toEqual([200, String(SIZE), 0]);
    expect(engine.sentUpTo).toEqual([]);
  });

  test.each([
    ['longer', () => writeFile(engine.path, 'x', { flag: 'a' })],
    ['shorter', () => truncate(engine.path, SIZE - 1)],
    ['as long, written later', () => utimes(engine.path, new Date(), new Date(engine.prepared.mtimeMs + 5_000))],
    ['a folder', () => rm(engine.path).then(() => mkdir(engine.path))],
    [
      'a link to another file',
      async () => {
        await rename(engine.path, `${engine.path}.old`);
        await symlink('/etc/passwd', engine.path);
      },
    ],
  ])('that is %s now is not sent', async (_how, change) => {
    await change();
    const { status, code, body } = await ask(engine.inputLink());
    expect([status, code]).toEqual([409, 'SOURCE_CHANGED']);
    expect(body.toString()).not.toContain('root:');
  });

  test('that is gone is said to be gone', async () => {
    await rm(engine.path);
    expect(await ask(engine.inputLink())).toMatchObject({ status: 410, code: 'SOURCE_GONE' });
  });

  test('that was prepared anew is not sent by an old link', async () => {
    const link = engine.inputLink();
    engine.prepared = { ...engine.prepared, sha256: 'ab'.repeat(32) };
    expect(await ask(link)).toMatchObject({ status: 409, code: 'SOURCE_CHANGED' });
  });

  test('of an attempt that is over is not sent', async () => {
    expect(await ask(engine.inputLink({ attempt: 2 }))).toMatchObject({ status: 409, code: 'ATTEMPT_SUPERSEDED' });
  });

  test('of an attempt that ends while it is sent is cut off', async () => {
    await engine.remove();
    engine = await EngineStandIn.make(32 * 1024 * 1024);
    server.removeAllListeners('request');
    server.on('request', createFileRoutes({ verify: engine.verify, facing: engine, clock, log }));
    const { port } = server.address() as AddressInfo;
    const path = engine.inputLink().replace('http://controller.tunnel', '');
    let received = 0;
    const end = await new Promise<string>((resolve) => {
      request({ port, path, agent: false, headers: { Host: 'controller.tunnel' } }, (response) => {
        response.once('data', () => {
          engine.openAttempt = null;
        });
        response.on('data', (chunk: Buffer) => {
          received += chunk.length;
        });
        response.once('end', () => resolve('whole')).once('error', () => resolve('cut'));
      }).end();
    });
    expect(end).toBe('cut');
    expect(received).toBeLessThan(32 * 1024 * 1024);
  });

  test('that becomes shorter while it is sent is cut off, never padded', async () => {
    await engine.remove();
    // Larger than all that can lie between the disk and a reader that stopped.
    engine = await EngineStandIn.make(32 * 1024 * 1024);
    const link = engine.inputLink();
    const { port } = server.address() as AddressInfo;
    server.removeAllListeners('request');
    server.on('request', createFileRoutes({ verify: engine.verify, facing: engine, clock, log }));
    const target = link.replace('http://controller.tunnel', '');
    const end = await new Promise<string>((resolve) => {
      const options = { port, path: target, agent: false, headers: { Host: 'controller.tunnel' } };
      request(options, (response) => {
        response.once('data', () => {
          response.pause();
          void truncate(engine.path, 1_000).then(() => response.resume());
        });
        response.once('end', () => resolve('whole')).once('error', () => resolve('cut'));
      }).end();
    });
    expect(end).toBe('cut');
    expect((await ask(link)).code).toBe('SOURCE_CHANGED');
  });
});

describe('a transcript', () => {
  const transcript = '{"text":"Grüße 👋"}';

  test('is stored byte for byte, as often as it is sent', async () => {
    for (let time = 0; time < 2; time += 1) {
      const answer = await outputs(transcript);
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body.toString())).toEqual({ stored: true, sha256: sha256(transcript) });
    }
    expect(engine.delivered[0]).toEqual({ attempt: 1, json: transcript, sha256: sha256(transcript) });
  });

  test.each([
    ['no digest', { 'Content-Digest': '' }, 400, 'DIGEST_MISMATCH'],
    ['another digest', { 'Content-Digest': contentDigest('other') }, 400, 'DIGEST_MISMATCH'],
    ['only a weak digest', { 'Content-Digest': 'md5=:AAAA:' }, 400, 'DIGEST_MISMATCH'],
    ['an encoding', { 'Content-Encoding': 'gzip' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['another type', { 'Content-Type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['no token', { Authorization: '' }, 401, 'UNAUTHORIZED'],
    ['a wrong token', { Authorization: 'Bearer wrong' }, 403, 'FORBIDDEN'],
  ])('with %s is refused', async (_what, headers, status, code) => {
    expect(await outputs(transcript, { headers })).toMatchObject({ status, code });
    expect(engine.delivered).toEqual([]);
  });

  test('with several digests is taken when the strong one is right', async () => {
    const headers = { 'Content-Digest': `md5=:AAAA:, ${contentDigest(transcript)}` };
    expect((await outputs(transcript, { headers })).status).toBe(200);
  });

  test('that is not UTF-8 is refused', async () => {
    const answer = await outputs(Buffer.from([0x7b, 0xff, 0x7d]));
    expect(answer).toMatchObject({ status: 422, code: 'TRANSCRIPT_INVALID' });
  });

  test('larger than its link is refused, announced or not', async () => {
    const link = engine.outputLink({ maxBytes: 1_000 });
    const large = Buffer.alloc(5_000, 0x20);
    expect(await outputs(large, {}, link)).toMatchObject({ status: 413, code: 'TOO_LARGE' });
    const digest = { 'Content-Digest': contentDigest(large) };
    const pieces = Array.from({ length: 20 }, () => Buffer.alloc(100_000, 0x20));
    const headers = { ...BEARER, 'Content-Type': 'application/json', ...digest };
    expect(await ask(link, { method: 'POST', headers, pieces })).toMatchObject({ status: 413, code: 'TOO_LARGE' });
    expect(engine.delivered).toEqual([]);
  });

  test('that stops coming is given up', async () => {
    const { port } = server.address() as AddressInfo;
    const path = engine.outputLink().replace('http://controller.tunnel', '');
    const headers = {
      ...BEARER,
      Host: 'controller.tunnel',
      'Content-Type': 'application/json',
      'Content-Length': '100',
      'Content-Digest': contentDigest('x'),
    };
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const outgoing = request({ port, path, method: 'POST', agent: false, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
        outgoing.destroy();
      });
      outgoing.once('error', reject);
      outgoing.write('{');
    });
    expect(status).toBe(408);
  });

  test.each([
    ['TRANSCRIPT_INVALID', 422, 'TRANSCRIPT_INVALID'],
    ['CONFLICT', 409, 'ATTEMPT_SUPERSEDED'],
    ['NOT_FOUND', 409, 'ATTEMPT_SUPERSEDED'],
    ['DISK_FULL', 503, 'DISK_FULL'],
    ['INTERNAL', 500, 'INTERNAL'],
  ] as const)('refused by the engine with %s answers %i', async (code, status, wire) => {
    engine.refusal = new AppError(code, `The secret place is ${engine.folder}.`);
    const answer = await outputs(transcript);
    expect(answer).toMatchObject({ status, code: wire });
    // What we do not know ourselves is not told to anybody.
    if (status === 500) expect(answer.body.toString()).not.toContain(engine.folder);
  });
});

describe('complete', () => {
  const complete = (body: string, headers = {}, link = engine.completeLink()) =>
    ask(link, { method: 'POST', body, headers: { ...BEARER, 'Content-Type': 'application/json', ...headers } });
  const body = JSON.stringify({ workerJobId: 'wk_1', controllerJobId: 'job_1', status: 'complete', outputs: [] });

  test('nudges', async () => {
    expect((await complete(body)).status).toBe(200);
    expect(engine.nudges).toEqual([1]);
  });

  test('must speak of this job', async () => {
    expect((await complete(body.replace('job_1', 'job_2'))).status).toBe(400);
    expect((await complete('{')).status).toBe(400);
    expect((await complete(body, { Authorization: '' })).status).toBe(401);
    expect((await complete(' '.repeat(70_000))).status).toBe(413);
    expect(engine.nudges).toEqual([]);
  });
});

describe('everything else', () => {
  test('is not served', async () => {
    const query = engine.inputLink().split('?')[1];
    const places = [
      '/',
      '/api/jobs',
      '/api/jobs/job_1',
      '/api/runtime',
      '/api/settings',
      '/api/jobs/job_1/inputs',
      '/..',
      '//',
      '*',
    ];
    for (const place of places) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
        expect((await ask(`${place}?${query}`, { method })).status, `${method} ${place}`).toBe(404);
      }
    }
    expect(await ask(join('/etc/passwd'))).toMatchObject({ status: 404 });
  });

  test('wrong methods on right paths', async () => {
    const answer = await ask(engine.inputLink(), { method: 'DELETE' });
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, HEAD']);
    expect((await ask(engine.outputLink())).status).toBe(405);
  });

  test('other hosts, and pages', async () => {
    for (const Host of [
      '127.0.0.1',
      'localhost',
      'controller.tunnel:80',
      'controller.tunnel.',
      'evil.example',
      'CONTROLLER.TUNNEL',
    ]) {
      expect((await ask(engine.inputLink(), { headers: { Host } })).status, Host).toBe(421);
    }
    expect((await ask(engine.inputLink(), { headers: { Origin: 'null' } })).status).toBe(403);
    expect((await ask(engine.inputLink(), { headers: { 'Sec-Fetch-Site': 'none' } })).status).toBe(403);
  });

  test('300 forged links and an old one', async () => {
    const link = engine.inputLink();
    const start = link.indexOf('/api');
    for (let index = 0; index < 300; index += 1) {
      const at = start + 10 + Math.floor(((link.length - start - 10) * index) / 300);
      const forged = `${link.slice(0, at)}${link[at] === 'A' ? 'B' : 'A'}${link.slice(at + 1)}`;
      const { status, body } = await ask(forged);
      expect(status).toBeGreaterThanOrEqual(403);
      expect(body.length).toBeLessThan(200);
    }
    const old = await ask(engine.inputLink({ expiresSec: 1_600_000_000 }));
    expect(old).toMatchObject({ status: 403, code: 'LINK_EXPIRED' });
    expect(engine.sentUpTo).toEqual([]);
  });
});

describe('requests that come before others are answered', () => {
  test('are served eight at once, however many one connection brings', async () => {
    let open = 0;
    let most = 0;
    const source = engine.source.bind(engine);
    engine.source = (...asked) => {
      open += 1;
      most = Math.max(most, open);
      return source(...asked);
    };
    const path = engine.inputLink().replace('http://controller.tunnel', '');
    const { port } = server.address() as AddressInfo;
    const line = connect(port, '127.0.0.1');
    line.write(`GET ${path} HTTP/1.1\r\nHost: controller.tunnel\r\nRange: bytes=0-0\r\n\r\n`.repeat(200));
    let heard = '';
    const statuses = () => [...heard.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    line.on('data', (piece: Buffer) => {
      heard += piece.toString('latin1');
    });
    await expect.poll(() => statuses().length).toBe(200);
    line.destroy();
    // All of them were read in one piece: what was not served at once was refused.
    expect(most).toBe(8);
    expect(statuses().filter((status) => status === '206')).toHaveLength(8);
    expect(statuses().filter((status) => status === '429')).toHaveLength(192);
  });
});
