import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppEvent } from '../contract/api.ts';
import { AppError } from '../contract/errors.ts';
import { loadApiToken } from './api-token.ts';
import { appApiCases, standInApi } from './app-api.cases.ts';
import { SAMPLES } from './app-api-samples.cases.ts';
import { engineClient, findEngine, findOrStart, readEvents } from './engine-client.ts';
import { readEngineFile, removeEngineFile, writeEngineFile } from './engine-file.ts';
import { createApiServer } from './http-server.ts';
import { manualClock } from './manual-clock.cases.ts';
import { Uploads } from './uploads.ts';

const token = 't'.repeat(43);
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function serve(api: ReturnType<typeof standInApi>, port = 0, theToken = token) {
  const uploads = new Uploads({ dataDir: join(tmpdir(), 'never-written') });
  const playback = { granted: () => null };
  return createApiServer({ api, token: theToken, uiDir: null, uploads, playback, port, log, clock: manualClock() });
}

appApiCases(async () => {
  const engine = standInApi();
  const server = await serve(engine);
  const client = engineClient({ url: server.url, token, clock: manualClock() });
  return {
    engine,
    client,
    async close() {
      client.close();
      await server.close();
    },
  };
});

describe('finding a running engine', () => {
  let dataDir = '';
  const servers: { close(): unknown }[] = [];
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'engine-'));
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
    rmSync(dataDir, { recursive: true });
  });

  const here = (port: number, pid = process.pid) =>
    writeEngineFile(dataDir, { pid, port, version: '0.1.0', startedAt: 1 });

  it('finds the one that wrote its address and answers', async () => {
    const server = await serve(standInApi(), 0, loadApiToken(dataDir));
    servers.push(server);
    here(server.port);
    const client = await findEngine(dataDir, manualClock());
    expect(client?.url).toBe(server.url);
    expect(await client?.call('listWorkers', {})).toEqual(SAMPLES.listWorkers.result);
  });

  it('finds none where nothing was written, nobody listens, or the process is gone', async () => {
    expect(await findEngine(dataDir, manualClock())).toBeNull();
    loadApiToken(dataDir);
    const server = await serve(standInApi(), 0, loadApiToken(dataDir));
    here(server.port, 2 ** 22 - 1);
    expect(await findEngine(dataDir, manualClock())).toBeNull();
    here(server.port);
    await server.close();
    expect(await findEngine(dataDir, manualClock())).toBeNull();
    writeFileSync(join(dataDir, 'engine.json'), '{"pid":');
    expect(await findEngine(dataDir, manualClock())).toBeNull();
  });

  it('starts one of its own only where none runs, and finds one that was only just starting', async () => {
    expect(await findOrStart(dataDir, manualClock(), async () => 'mine')).toEqual({ running: null, started: 'mine' });
    const taken = new AppError('ENGINE_RUNNING');
    await expect(findOrStart(dataDir, manualClock(), () => Promise.reject(taken))).rejects.toBe(taken);
    const found = await findOrStart(dataDir, manualClock(), async () => {
      const server = await serve(standInApi(), 0, loadApiToken(dataDir));
      servers.push(server);
      here(server.port);
      throw taken;
    });
    expect(found.running?.url).toMatch(/^http/);
    const again = await findOrStart(dataDir, manualClock(), () => Promise.reject(new Error('Not asked for.')));
    expect(again.running?.url).toBe(found.running?.url);
  });

  it('goes on with the next one, wherever that listens, and gives no other program the token meanwhile', async () => {
    const theToken = loadApiToken(dataDir);
    const first = await serve(standInApi(), 0, theToken);
    here(first.port);
    const clock = manualClock();
    const client = await findEngine(dataDir, clock);
    const seen: AppEvent[] = [];
    client?.subscribe((event) => seen.push(event));
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    await first.close();
    const headers: (string | undefined)[] = [];
    const stranger = createServer((req, res) => {
      headers.push(req.headers.authorization);
      res.end('{"service":"something else"}');
    });
    await new Promise<void>((resolve) => stranger.listen(first.port, '127.0.0.1', resolve));
    servers.push(stranger);
    await vi.waitFor(() => {
      clock.advance(5_000);
      expect(headers.length).toBeGreaterThan(1);
    });
    const second = await serve(standInApi(), 0, theToken);
    servers.push(second);
    here(second.port);
    await vi.waitFor(() => {
      clock.advance(5_000);
      expect(seen).toEqual([{ type: 'ready' }, { type: 'ready' }]);
    });
    expect(client?.url).toBe(second.url);
    expect(await client?.call('listWorkers', {})).toEqual(SAMPLES.listWorkers.result);
    expect(headers.every((header) => header === undefined)).toBe(true);
    client?.close();
  });

  it('never sends the token to another program that has taken the port', async () => {
    const headers: (string | undefined)[] = [];
    const stranger: Server = createServer((req, res) => {
      headers.push(req.headers.authorization);
      res.end('{"service":"something else"}');
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    servers.push(stranger);
    loadApiToken(dataDir);
    here((stranger.address() as AddressInfo).port);
    expect(await findEngine(dataDir, manualClock())).toBeNull();
    expect(headers).toEqual([undefined]);
  });

  it('keeps engine.json to its user, and removes only its own', () => {
    here(8476);
    expect(statSync(join(dataDir, 'engine.json')).mode & 0o777).toBe(0o600);
    removeEngineFile(dataDir, process.pid + 1);
    expect(readEngineFile(dataDir)?.port).toBe(8476);
    removeEngineFile(dataDir, process.pid);
    expect(existsSync(join(dataDir, 'engine.json'))).toBe(false);
  });
});

describe('a broken event stream', () => {
  it('is opened again and begins with ready', async () => {
    const engine = standInApi();
    const first = await serve(engine);
    const clock = manualClock();
    const client = engineClient({ url: first.url, token, clock });
    const seen: AppEvent[] = [];
    client.subscribe((event) => seen.push(event));
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    await first.close();
    const second = await serve(engine, first.port);
    await vi.waitFor(() => {
      clock.advance(5_000);
      expect(seen).toEqual([{ type: 'ready' }, { type: 'ready' }]);
    });
    client.close();
    await second.close();
  });

  it('is how one learns that the engine went away, came back, or says nothing any more', async () => {
    const engine = standInApi();
    const first = await serve(engine);
    const clock = manualClock();
    const client = engineClient({ url: first.url, token, clock });
    const seen: boolean[] = [];
    const unwatch = client.onPresence((isThere) => {
      if (seen.at(-1) !== isThere) seen.push(isThere);
    });
    client.subscribe(() => undefined);
    await vi.waitFor(() => expect(seen).toEqual([true]));
    await first.close();
    await vi.waitFor(() => expect(seen).toEqual([true, false]));
    const second = await serve(engine, first.port);
    await vi.waitFor(() => {
      clock.advance(5_000);
      expect(seen).toEqual([true, false, true]);
    });
    // Its clock stands still, so not even a sign of life comes.
    clock.advance(60_000);
    await vi.waitFor(() => expect(seen.slice(3)).toContain(false));
    unwatch();
    client.close();
    await second.close();
  });

  it('reads events wherever the stream was cut into chunks, and passes over what it does not know', async () => {
    const text =
      ': beat\n\ndata: {"type":"ready"}\n\ndata: {"type":"from-the-future"}\n\ndata: {"type":"job-removed","id":"ü"}\n\n';
    const bytes = Buffer.from(text);
    for (let size = 1; size <= bytes.length; size += 1) {
      const chunks = async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      };
      const events: AppEvent[] = [];
      for await (const event of readEvents(chunks())) events.push(event);
      expect(events).toEqual([{ type: 'ready' }, { type: 'job-removed', id: 'ü' }]);
    }
  });
});
