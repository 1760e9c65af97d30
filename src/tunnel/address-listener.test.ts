import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../contract/errors.ts';
import type { AddressListener } from './address-listener.ts';
import { listenAtAddress } from './address-listener.ts';
import { EngineStandIn, HastyClock, LogStandIn, WORKER_TOKEN } from './engine-stand-in.ts';

const PUBLIC = 'transcribe.example';
const hosts = () => [PUBLIC];
const BEARER = { authorization: `Bearer ${WORKER_TOKEN}` };
const BARE = '/api/jobs/job_1/worker/outputs';

let engine: EngineStandIn;
let log: LogStandIn;
let clock: HastyClock;
let listener: AddressListener;

beforeEach(async () => {
  engine = await EngineStandIn.make(100_003);
  log = new LogStandIn();
  clock = new HastyClock((delayMs) => (delayMs === 30_000 ? 100 : delayMs));
  const { verify } = engine;
  listener = await listenAtAddress({ hosts, port: 0, verify, facing: engine, clock, log });
});

afterEach(async () => {
  await listener.close();
  await engine.remove();
  expect(clock.pending.size).toBe(0);
  expect(log.lines.join('\n')).not.toMatch(/sig=|horse/);
});

interface Asked {
  readonly method?: string;
  readonly host?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
  /** Leaves the body without its end. */
  readonly unended?: boolean;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly code: unknown;
}

function ask(
  path: string,
  { method = 'GET', host = PUBLIC, headers = {}, body, unended }: Asked = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port: listener.port,
      method,
      path,
      agent: false,
      headers: { host, ...headers },
    });
    // A server that refuses may close while the rest of a body is still being written.
    let answered = false;
    outgoing.on('error', (error) => {
      if (!answered) reject(error);
    });
    outgoing.once('response', (response) => {
      answered = true;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
      response.once('close', () => {
        const whole = Buffer.concat(chunks);
        const isJson = response.headers['content-type'] === 'application/json';
        const { code = null } = isJson && whole.length > 0 ? JSON.parse(whole.toString()) : {};
        outgoing.destroy();
        resolve({ status: response.statusCode ?? 0, body: whole, code });
      });
    });
    if (unended) outgoing.write(body ?? '');
    else outgoing.end(body);
  });
}

const pathOf = (link: string): string => link.replace('http://controller.tunnel', '');

interface Form {
  readonly workerJobId?: string | null;
  readonly inputId?: string | null;
  readonly outputType?: string | null;
  readonly file?: Buffer | string | null;
  readonly fileName?: string;
  readonly more?: readonly (readonly [name: string, value: string])[];
  readonly fileFirst?: boolean;
}

const BOUNDARY = 'b0undary';

/** A form as python-requests writes it: fields first, then the file. */
function form({ fileFirst, more = [], fileName = 'file', ...parts }: Form = {}): Buffer {
  const { workerJobId = 'wk_1', inputId = 'in_1', outputType = 'json', file = '{"segments":[]}' } = parts;
  const fields = Object.entries({ workerJobId, inputId, outputType }).filter(([, value]) => value !== null);
  const fieldParts = [...fields, ...more].map(([name, value]) =>
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
  );
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${fileName}"; filename="../../a.json"\r\n\r\n`;
  const filePart = file === null ? [] : [Buffer.from(head), Buffer.from(file), Buffer.from('\r\n')];
  const all = fileFirst ? [...filePart, ...fieldParts] : [...fieldParts, ...filePart];
  return Buffer.concat([...all, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

const FORM_TYPE = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };

const upload = (
  body: Buffer,
  { path = pathOf(engine.outputLink()), headers = {}, ...more }: Asked & { path?: string } = {},
) => ask(path, { method: 'POST', body, headers: { ...BEARER, ...FORM_TYPE, ...headers }, ...more });

describe('a form', () => {
  test.each([false, true])('of a deployed worker is kept, file first: %s', async (fileFirst) => {
    const answer = await upload(form({ fileFirst }));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.toString())).toEqual({ stored: true });
    expect(engine.received).toEqual([
      { workerJobId: 'wk_1', inputId: 'in_1', outputType: 'json', file: Buffer.from('{"segments":[]}') },
    ]);
  });

  test('without the query of its link is let in by the token and the open attempt', async () => {
    expect((await upload(form(), { path: BARE })).status).toBe(200);
    engine.openAttempt = null;
    expect(await upload(form(), { path: BARE })).toMatchObject({ status: 409, code: 'ATTEMPT_SUPERSEDED' });
    expect(engine.received).toHaveLength(1);
  });

  test.each<[what: string, form: Form, status: number]>([
    ['no file', { file: null }, 400],
    ['no worker job', { workerJobId: null }, 400],
    ['an empty worker job', { workerJobId: '' }, 400],
    ['no input', { inputId: null }, 400],
    ['no type', { outputType: null }, 400],
    ['a type that is none', { outputType: 'exe' }, 400],
    ['a type that every object has', { outputType: 'constructor' }, 400],
    ['another input', { inputId: 'in_2' }, 403],
    ['a file of another name', { fileName: 'data' }, 400],
    ['a field twice', { more: [['inputId', 'in_1']] }, 400],
    ['too many fields', { more: Array.from({ length: 9 }, (_, index) => [`f${index}`, 'x'] as const) }, 400],
    ['a field without an end', { more: [['note', 'x'.repeat(2_000)]] }, 400],
    ['a field that is a book', { more: [['note', 'x'.repeat(2_000_000)]] }, 400],
    ['a file that is no text', { file: Buffer.from([0xff, 0xfe, 0x00]) }, 422],
    [
      'a speakers file beyond its cap',
      { outputType: 'diarization-json', file: Buffer.alloc(17 * 1024 * 1024, 32) },
      413,
    ],
    [
      'that and its type last',
      { outputType: 'markdown', fileFirst: true, file: Buffer.alloc(17 * 1024 * 1024, 32) },
      413,
    ],
    ['a transcript beyond its cap', { file: Buffer.alloc(65 * 1024 * 1024, 32) }, 413],
  ])('with %s is refused', async (_what, parts, status) => {
    expect((await upload(form(parts))).status).toBe(status);
    expect(engine.received).toEqual([]);
  });

  test('may weigh no more than its link says', async () => {
    const path = pathOf(engine.outputLink({ maxBytes: 100 }));
    expect((await upload(form({ file: 'x'.repeat(101) }), { path })).status).toBe(413);
    expect((await upload(form({ file: 'x'.repeat(100) }), { path })).status).toBe(200);
  });

  test.each<[what: string, body: Buffer, headers: Record<string, string>]>([
    ['no boundary', form(), { 'content-type': 'multipart/form-data' }],
    ['another boundary', form(), { 'content-type': 'multipart/form-data; boundary=other' }],
    ['no end', form().subarray(0, -20), {}],
    ['nothing in it', Buffer.alloc(0), {}],
    ['an encoding', form(), { 'content-encoding': 'gzip' }],
  ])('with %s is refused', async (_what, body, headers) => {
    const { status } = await upload(body, { headers });
    expect([400, 415]).toContain(status);
    expect(engine.received).toEqual([]);
  });

  test('that stops coming is given up', async () => {
    expect((await upload(form().subarray(0, 40), { unended: true })).status).toBe(408);
  });

  test('needs the token, the right one, and a link that is whole', async () => {
    const link = pathOf(engine.outputLink());
    const post = { method: 'POST', body: form(), headers: FORM_TYPE };
    expect((await ask(link, post)).status).toBe(401);
    expect((await ask(BARE, post)).status).toBe(401);
    const wrong = { ...FORM_TYPE, authorization: 'Bearer wrong' };
    expect((await ask(link, { ...post, headers: wrong })).status).toBe(403);
    expect((await ask(BARE, { ...post, headers: wrong })).status).toBe(403);
    for (const path of [
      link.replace('attempt=1', 'attempt=2'),
      link.replace('job_1', 'job_2'),
      link.slice(0, -1),
      `${BARE}?`,
      `${BARE}?inputId=in_1`,
      '/api/jobs/job_1%2f/worker/outputs',
    ])
      expect((await upload(form(), { path })).status, path).toBe(403);
    // Another job's id, with a token that is good for this one.
    expect((await upload(form(), { path: '/api/jobs/job_2/worker/outputs' })).status).toBe(409);
    expect(engine.received).toEqual([]);
  });

  test("of a superseded attempt, or of another run's, is refused in the engine's words", async () => {
    expect((await upload(form(), { path: pathOf(engine.outputLink({ attempt: 2 })) })).code).toBe('ATTEMPT_SUPERSEDED');
    engine.refusal = new AppError('CONFLICT', 'Another run.');
    expect((await upload(form())).status).toBe(409);
  });

  test('is needed where there is no link', async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await upload(Buffer.from('{}'), { path: BARE, headers })).status).toBe(415);
  });
});

test('a recording is sent and a callback taken as through the tunnel', async () => {
  const sent = await ask(pathOf(engine.inputLink()));
  expect(sent.body.equals(engine.bytes)).toBe(true);
  const body = JSON.stringify({ workerJobId: 'wk_1', controllerJobId: 'job_1', status: 'complete' });
  const headers = { ...BEARER, 'content-type': 'application/json' };
  expect((await ask(pathOf(engine.completeLink()), { method: 'POST', body, headers })).status).toBe(200);
  expect((await ask('/api/jobs/job_1/worker/complete', { method: 'POST', body, headers })).status).toBe(200);
  expect(engine.nudges).toEqual([1, 1]);
});

test('a recording is not sent without its link, whatever the token', async () => {
  expect((await ask('/api/jobs/job_1/inputs/in_1', { headers: BEARER })).status).toBe(403);
});

describe('what is not its own', () => {
  test('hosts: only the address that workers are given, and its own', async () => {
    const link = pathOf(engine.inputLink());
    for (const host of [PUBLIC, `127.0.0.1:${listener.port}`])
      expect((await ask(link, { host })).status, host).toBe(200);
    for (const host of [
      'evil.example',
      `${PUBLIC}.evil.example`,
      `evil.${PUBLIC}`,
      `${PUBLIC}:8478`,
      `${PUBLIC}.`,
      '127.0.0.1',
      `localhost:${listener.port}`,
      `0.0.0.0:${listener.port}`,
      `[::1]:${listener.port}`,
      'controller.tunnel',
    ])
      expect((await ask(link, { host })).status, host).toBe(421);
  });

  test('pages, paths and methods', async () => {
    const link = pathOf(engine.inputLink());
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }])
      expect((await ask(link, { headers })).status).toBe(403);
    for (const path of [
      '/',
      '/api/runtime',
      '/api/jobs',
      '/v1/ping',
      '//api/jobs/job_1/inputs/in_1',
      `http://${PUBLIC}${link}`,
    ])
      expect((await ask(path)).status, path).toBe(404);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])
      expect((await ask(link, { method })).status, method).toBe(405);
    expect((await ask(BARE, { headers: BEARER })).status).toBe(405);
  });

  test('tunnels and switches', async () => {
    for (const head of [
      `CONNECT evil.example:443 HTTP/1.1\r\nHost: ${PUBLIC}\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: ${PUBLIC}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    ])
      expect(await raw(head)).toBe('');
  });

  test('heads beyond 8 KiB', async () => {
    const head = `GET / HTTP/1.1\r\nHost: ${PUBLIC}\r\nX: ${'x'.repeat(9_000)}\r\n\r\n`;
    expect(await raw(head)).toMatch(/^HTTP\/1.1 431 /);
  });
});

test('no more than 64 sockets are held open, and a 65th is let go at once', async () => {
  const sockets = await Promise.all(
    Array.from({ length: 64 }, () => {
      const socket = connect(listener.port, '127.0.0.1').on('error', () => undefined);
      return new Promise<typeof socket>((resolve) => socket.once('connect', () => resolve(socket)));
    }),
  );
  expect(await raw('')).toBe('');
  for (const socket of sockets) socket.destroy();
});

test('no more than eight requests about one job are served at once', async () => {
  // Eight uploads whose ends are still to come.
  const open = Array.from({ length: 8 }, () => upload(form().subarray(0, 40), { unended: true }));
  await expect.poll(() => clock.pending.size).toBe(8);
  expect((await ask(pathOf(engine.inputLink()))).status).toBe(429);
  for (const { status } of await Promise.all(open)) expect(status).toBe(408);
  expect((await ask(pathOf(engine.inputLink()))).status).toBe(200);
});

test('a port that is taken is told by the name of its setting', async () => {
  const { verify } = engine;
  const again = listenAtAddress({ hosts, port: listener.port, verify, facing: engine, clock, log });
  await expect(again).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('CONTROLLER_LISTEN_PORT'),
  });
});

/** What comes back until the server closes. */
function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(listener.port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
    });
    socket.on('error', () => undefined).once('close', () => resolve(said));
  });
}
