import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GrantedFile } from '../controller/playback-calls.ts';
import { identify } from '../media/identity.ts';
import { standInApi } from './app-api.cases.ts';
import { type ApiServer, createApiServer } from './http-server.ts';
import { manualClock } from './manual-clock.cases.ts';
import { Uploads } from './uploads.ts';

const JOB = 'job_1';
const GRANT = 'play_0123456789abcdefghjk';
const bytes = randomBytes(300_000);

let dir = '';
let path = '';
let server: ApiServer;
let granted: GrantedFile;
const logged: string[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bt-player-'));
  path = join(dir, 'a.m4a');
  writeFileSync(path, bytes);
  granted = await identify(path);
  const note = (event: string, fields?: Record<string, unknown>) => logged.push(`${event} ${JSON.stringify(fields)}`);
  server = await createApiServer({
    api: standInApi(),
    token: 'B'.repeat(43),
    uiDir: null,
    uploads: new Uploads({ dataDir: dir }),
    playback: { granted: (jobId, grant) => (jobId === JOB && grant === GRANT ? granted : null) },
    port: 0,
    log: { info: note, warn: note, error: note },
    clock: manualClock(),
  });
});
afterEach(async () => {
  await server.close();
  rmSync(dir, { recursive: true });
});

const ask = (query = `?grant=${GRANT}`, init: RequestInit = {}, job = JOB) =>
  fetch(`${server.url}/api/jobs/${job}/media${query}`, init);
const body = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

describe('a recording that was granted', () => {
  it('is served whole, with its type and without being kept', async () => {
    const answer = await ask();
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'audio/mp4',
      'content-length': '300000',
      'accept-ranges': 'bytes',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect((await body(answer)).equals(bytes)).toBe(true);
    const head = await ask(undefined, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), (await body(head)).length]).toEqual([200, '300000', 0]);
  });

  it('is served in the ranges that a player asks for', async () => {
    for (const [range, start, end] of [
      ['bytes=0-', 0, 300_000],
      ['bytes=1000-1999', 1000, 2000],
      ['bytes=-7', 299_993, 300_000],
      ['bytes=299999-', 299_999, 300_000],
    ] as const) {
      const answer = await ask(undefined, { headers: { range } });
      expect([range, answer.status, answer.headers.get('content-range')]).toEqual([
        range,
        206,
        `bytes ${start}-${end - 1}/300000`,
      ]);
      expect((await body(answer)).equals(bytes.subarray(start, end))).toBe(true);
    }
    const past = await ask(undefined, { headers: { range: 'bytes=300000-' } });
    expect([past.status, past.headers.get('content-range')]).toEqual([416, 'bytes */300000']);
    const etag = (await ask(undefined, { method: 'HEAD' })).headers.get('etag') ?? '';
    const same = await ask(undefined, { headers: { range: 'bytes=0-0', 'if-range': etag } });
    const other = await ask(undefined, { headers: { range: 'bytes=0-0', 'if-range': '"other"' } });
    expect([same.status, (await body(same)).length]).toEqual([206, 1]);
    expect([other.status, (await body(other)).length]).toEqual([200, 300_000]);
  });

  it('may be given up in the middle', async () => {
    writeFileSync(path, Buffer.alloc(64 * 1024 * 1024));
    granted = await identify(path);
    for (let times = 0; times < 20; times += 1) {
      const stop = new AbortController();
      const answer = await ask(undefined, { signal: stop.signal });
      await answer.body?.getReader().read();
      stop.abort();
    }
    expect((await ask(undefined, { headers: { range: 'bytes=-1' } })).status).toBe(206);
    expect(logged.filter((line) => line.startsWith('api_call_failed'))).toEqual([]);
  });

  it('is refused without its grant, whatever else is shown', async () => {
    const authorization = `Bearer ${'B'.repeat(43)}`;
    const flipped = [...GRANT].map(
      (_, at) => `${GRANT.slice(0, at)}${GRANT[at] === 'z' ? 'y' : 'z'}${GRANT.slice(at + 1)}`,
    );
    for (const grant of [...flipped, '', `${GRANT}x`, GRANT.toUpperCase(), `${GRANT}%00`, '../x']) {
      expect([grant, (await ask(`?grant=${grant}`, { headers: { authorization } })).status]).toEqual([grant, 403]);
    }
    expect((await ask('')).status).toBe(403);
    expect((await ask(`?grant=${GRANT}&grant=${GRANT}`)).status).toBe(403);
    expect((await ask(undefined, {}, 'job_2')).status).toBe(403);
    expect((await ask(undefined, { method: 'POST' })).status).toBe(401);
    expect((await ask(undefined, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    const rebound = await new Promise<number | undefined>((resolve, reject) => {
      const asked = request(`${server.url}/api/jobs/${JOB}/media?grant=${GRANT}`, {
        headers: { host: 'evil.example' },
      });
      asked.once('response', (answer) => resolve(answer.resume().statusCode)).once('error', reject);
      asked.end();
    });
    expect(rebound).toBe(403);
  });

  it('is not served any more when another file took its place', async () => {
    const spoils: readonly (() => void)[] = [
      () => appendFileSync(path, 'x'),
      () => utimesSync(path, 1, 1),
      () => {
        writeFileSync(join(dir, 'other'), bytes);
        renameSync(join(dir, 'other'), path);
      },
      () => {
        renameSync(path, join(dir, 'moved'));
        symlinkSync(join(dir, 'moved'), path);
      },
    ];
    for (const spoil of spoils) {
      rmSync(path, { force: true });
      writeFileSync(path, bytes);
      granted = await identify(path);
      expect((await ask(undefined, { method: 'HEAD' })).status).toBe(200);
      spoil();
      const answer = await ask();
      expect([answer.status, await answer.json()]).toEqual([
        422,
        { code: 'SOURCE_CHANGED', error: expect.any(String) },
      ]);
    }
    unlinkSync(path);
    const gone = await ask();
    expect([gone.status, await gone.json()]).toMatchObject([404, { code: 'SOURCE_MISSING' }]);
  });
});
