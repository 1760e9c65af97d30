// Altered links and what is not served on both listeners: the one that workers reach, and the local API. `npm test` runs a part;
// `npm run test:attacks` a million links in process and twenty thousand over HTTP (reference/faults.md §4, A1, A2, A4; §7, goal 10).

import { randomBytes } from 'node:crypto';
import { rename, symlink, unlink, writeFile } from 'node:fs/promises';
import { type ClientRequest, Agent as HttpAgent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TUNNEL_BASE_URL } from '../../src/contract/tunnel-wire.ts';
import { type StandInApi, standInApi } from '../../src/host/app-api.cases.ts';
import { type ApiServer, createApiServer } from '../../src/host/http-server.ts';
import { manualClock } from '../../src/host/manual-clock.cases.ts';
import { Uploads } from '../../src/host/uploads.ts';
import { type AddressListener, listenAtAddress } from '../../src/tunnel/address-listener.ts';
import { EngineStandIn, HastyClock, LogStandIn, WORKER_TOKEN } from '../../src/tunnel/engine-stand-in.ts';
import { createLinkSigner, createLinkVerifier } from '../../src/tunnel/signed-link.ts';
import { chanceFrom } from '../small-whisper/speech/random.mjs';
import { alteredLink, type GoodLink } from './altered-links.ts';

/** `npm run test:attacks` sets it; otherwise a part of each runs. */
const ALL = process.env['ATTACKS'] === 'all';
const IN_PROCESS = ALL ? 1_000_000 : 30_000;
const OVER_HTTP = ALL ? 20_000 : 2_000;
const COMBINATIONS = ALL ? 20_000 : 2_000;
const RACES = ALL ? 1_000 : 60;
const SEED = Number(process.env['ATTACK_SEED'] ?? 20_261_125);
const AT_ONCE = 8;

interface Asked {
  readonly method: string;
  readonly target: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const agent = new HttpAgent({ keepAlive: true, maxSockets: AT_ONCE });
afterAll(() => agent.destroy());

/** Null where the client itself, or the server, would not have such a request. */
function ask(
  port: number,
  { method, target, headers = {}, body }: Asked,
): Promise<{ status: number; body: Buffer } | null> {
  return new Promise((resolve) => {
    let outgoing: ClientRequest;
    try {
      outgoing = request({ host: '127.0.0.1', port, method, path: target, headers, agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', () => resolve(null));
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
      });
    } catch {
      resolve(null);
      return;
    }
    outgoing.once('error', () => resolve(null));
    outgoing.end(body);
  });
}

/** Asks `count` times, a few at once. */
async function many(count: number, one: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < count) {
        next += 1;
        await one(next);
      }
    }),
  );
}

describe('links', () => {
  test(`of ${IN_PROCESS.toLocaleString('en')} altered links none is let through`, () => {
    const key = randomBytes(32);
    const signer = createLinkSigner(key, 'k1');
    const verify = createLinkVerifier(key, 'k1');
    const nowMs = 1_800_000_000_000;
    const chance = chanceFrom(SEED);
    const good: GoodLink[] = Array.from({ length: 40 }, (_, number) => {
      const link = { base: '', jobId: `job_${number}`, attempt: 1 + (number % 3), expiresSec: 1_800_000_900 + number };
      const inputId = `in_${1 + (number % 2)}`;
      return [
        {
          method: 'GET',
          target: signer.inputLink({
            ...link,
            inputId,
            sizeBytes: 1_000 + number,
            sha256: randomBytes(32).toString('hex'),
          }),
        },
        { method: 'POST', target: signer.outputLink({ ...link, inputId, maxBytes: 1_000 + number }) },
        { method: 'POST', target: signer.completeLink(link) },
      ];
    }).flat();
    for (const { method, target } of good) expect(verify(method, target, nowMs).ok).toBe(true);
    for (let tried = 0; tried < IN_PROCESS; tried += 1) {
      const { method, target } = alteredLink(good, chance);
      if (verify(method, target, nowMs).ok) expect.fail(`seed ${SEED}: ${method} ${target}`);
    }
    for (const { method, target } of good) expect(verify(method, target, nowMs).ok).toBe(true);
  }, 600_000);
});

describe('the listener for workers', () => {
  const PUBLIC = 'transcribe.example';
  let engine: EngineStandIn;
  let listener: AddressListener;
  const log = new LogStandIn();
  const pathOf = (link: string) => link.slice(TUNNEL_BASE_URL.length);
  const host = { host: PUBLIC };
  beforeAll(async () => {
    engine = await EngineStandIn.make(2_000);
    const clock = new HastyClock();
    listener = await listenAtAddress({
      hosts: () => [PUBLIC],
      port: 0,
      verify: engine.verify,
      facing: engine,
      clock,
      log,
    });
    return async () => {
      agent.destroy();
      await listener.close();
      await engine.remove();
      expect(log.lines.join('\n')).not.toMatch(/sig=|horse/);
    };
  });

  test(`of ${OVER_HTTP.toLocaleString('en')} altered links over HTTP none is served`, async () => {
    const chance = chanceFrom(SEED + 1);
    const authorization = `Bearer ${WORKER_TOKEN}`;
    // The two POSTs may come here without their query, by the token alone: so nobody of these has it.
    const good: GoodLink[] = [
      { method: 'GET', target: pathOf(engine.inputLink()) },
      { method: 'POST', target: pathOf(engine.outputLink()) },
      { method: 'POST', target: pathOf(engine.completeLink()) },
    ];
    await many(OVER_HTTP, async () => {
      const link = alteredLink(good, chance);
      const answer = await ask(listener.port, {
        ...link,
        headers: host,
        ...(link.method === 'POST' ? { body: '{}' } : {}),
      });
      if (answer === null) return;
      expect([400, 401, 403, 404, 405, 409, 421, 501], `${link.method} ${link.target}`).toContain(answer.status);
      expect(answer.body.equals(engine.bytes)).toBe(false);
    });
    expect([engine.delivered, engine.received, engine.nudges]).toEqual([[], [], []]);
    // And one that is good still is.
    const served = await ask(listener.port, {
      method: 'GET',
      target: pathOf(engine.inputLink()),
      headers: { ...host, authorization },
    });
    expect(served?.body.equals(engine.bytes)).toBe(true);
  }, 600_000);

  test(`of ${COMBINATIONS.toLocaleString('en')} hosts, origins, methods and paths only the three routes of its own host are served`, async () => {
    const chance = chanceFrom(SEED + 2);
    const own = [PUBLIC, `127.0.0.1:${listener.port}`];
    const hosts = [
      'evil.example',
      `${PUBLIC}.`,
      `${PUBLIC}:80`,
      `x.${PUBLIC}`,
      `${PUBLIC}.evil.example`,
      PUBLIC.toUpperCase(),
      '127.0.0.1',
      `localhost:${listener.port}`,
      `0.0.0.0:${listener.port}`,
      `[::1]:${listener.port}`,
      'controller.tunnel',
      `127.0.0.1:${listener.port}@evil.example`,
    ];
    const origins = [
      'null',
      'https://evil.example',
      `https://${PUBLIC}`,
      `http://127.0.0.1:${listener.port}`,
      'file://',
      '',
    ];
    const link = pathOf(engine.inputLink());
    const query = link.split('?')[1] ?? '';
    const targets = [
      link,
      '/',
      '/api/runtime',
      '/api/jobs',
      `/api/jobs/job_1?${query}`,
      '/index.html',
      '/../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/api/jobs/job_1/inputs/..%2f..%2fetc%2fpasswd',
      `/api/jobs/job_1/inputs/in_1/../../../..${'/..'.repeat(4)}/etc/passwd?${query}`,
      '/api/jobs/job_1/inputs/%00',
      `/api/jobs/job_1/inputs/in_1\\..\\x?${query}`,
      '/v1/ping',
      '*',
      'http://evil.example/',
    ];
    let served = 0;
    await many(COMBINATIONS, async () => {
      const method = chance.pick([
        'GET',
        'GET',
        'GET',
        'HEAD',
        'POST',
        'PUT',
        'DELETE',
        'PATCH',
        'OPTIONS',
        'TRACE',
        'PROPFIND',
      ]);
      const target = chance.unit() < 0.4 ? link : chance.pick(targets);
      const at = chance.unit() < 0.6 ? chance.pick(own) : chance.pick(hosts);
      const origin = chance.unit() < 0.6 ? undefined : chance.pick(origins);
      const site = chance.unit() < 0.8 ? undefined : chance.pick(['cross-site', 'same-origin', 'none']);
      const headers = {
        host: at,
        ...(origin === undefined ? {} : { origin }),
        ...(site === undefined ? {} : { 'sec-fetch-site': site }),
      };
      const answer = await ask(listener.port, { method, target, headers });
      const may =
        own.includes(at) &&
        origin === undefined &&
        site === undefined &&
        target === link &&
        (method === 'GET' || method === 'HEAD');
      const is = answer !== null && answer.status < 300;
      expect(is, JSON.stringify({ method, target, headers, status: answer?.status })).toBe(may);
      if (is) served += 1;
    });
    expect(served).toBeGreaterThan(COMBINATIONS / 100);
  }, 600_000);

  test(`a recording that is exchanged for a link to another file while it is asked for, ${RACES} times: never a byte of the other`, async () => {
    const secret = join(engine.folder, 'secret');
    const aside = join(engine.folder, 'aside');
    const link = pathOf(engine.inputLink());
    // Of the same length, and what it holds is found again in any answer.
    await writeFile(secret, Buffer.alloc(engine.bytes.length, 'SECRET'));
    for (let race = 0; race < RACES; race += 1) {
      const answers = Promise.all(
        Array.from({ length: 4 }, () => ask(listener.port, { method: 'GET', target: link, headers: host })),
      );
      await rename(engine.path, aside);
      await symlink(secret, engine.path);
      await new Promise((resolve) => setImmediate(resolve));
      const later = ask(listener.port, { method: 'GET', target: link, headers: host });
      for (const answer of [...(await answers), await later]) {
        expect(answer?.body.includes('SECRET')).toBe(false);
        if (answer?.status === 200) expect(answer.body.equals(engine.bytes)).toBe(true);
      }
      await unlink(engine.path);
      await rename(aside, engine.path);
    }
  });
});

describe('the local API', () => {
  const token = 'A'.repeat(43);
  let api: StandInApi;
  let server: ApiServer;
  beforeAll(async () => {
    api = standInApi();
    server = await createApiServer({
      api,
      token,
      uiDir: null,
      uploads: new Uploads({ dataDir: join(tmpdir(), 'never-written') }),
      port: 0,
      log: new LogStandIn(),
      playback: { granted: () => null },
      clock: manualClock(),
    });
    return () => server.close();
  });

  test(`of ${COMBINATIONS.toLocaleString('en')} requests with a wrong host, origin or token, or for what is none of its, none reaches the engine`, async () => {
    const chance = chanceFrom(SEED + 3);
    const own = `127.0.0.1:${server.port}`;
    const targets = [
      '/api/jobs',
      '/api/jobs/x',
      '/api/settings',
      '/api/workers',
      '/api/uploads',
      '/api/events',
      '/api/jobs/../settings',
      '/api/%6aobs',
      '//api/jobs',
      '/api/jobs/%2e%2e%2fsettings',
      '/../api/jobs',
      `http://${own}/api/jobs`,
      '/api/jobs\\..\\x',
      '/api/jobs/x/transcript',
      '/etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/index.html%00.png',
    ];
    const wrong: readonly (() => Record<string, string>)[] = [
      () => ({
        host: chance.pick([
          'evil.example',
          '127.0.0.1',
          `0.0.0.0:${server.port}`,
          `127.0.0.1:${server.port + 1}`,
          `${own}.evil.example`,
          `x@${own}`,
          'controller.tunnel',
        ]),
      }),
      () => ({
        host: own,
        origin: chance.pick([
          'https://evil.example',
          'null',
          'file://',
          `https://${own}`,
          `http://127.0.0.1:${server.port + 1}`,
        ]),
      }),
      () => ({ host: own, 'sec-fetch-site': 'cross-site' }),
      () => ({
        host: own,
        authorization: chance.pick([
          '',
          'Bearer',
          'Bearer x',
          `Bearer ${token}x`,
          `Bearer ${token.slice(1)}`,
          `Basic ${token}`,
          `Bearer ${token.toLowerCase()}`,
        ]),
      }),
    ];
    await many(COMBINATIONS, async () => {
      const method = chance.pick(['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH']);
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...chance.pick(wrong)() };
      const asked = {
        method,
        target: chance.pick(targets),
        headers,
        ...(method === 'POST' || method === 'PUT' ? { body: '{}' } : {}),
      };
      const answer = await ask(server.port, asked);
      if (answer !== null) expect(answer.status, JSON.stringify(asked)).toBeGreaterThanOrEqual(400);
      expect(api.calls, JSON.stringify(asked)).toEqual([]);
    });
  }, 600_000);
});
