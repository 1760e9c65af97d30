import type { IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Chance, TunnelState } from '../controller/ports.ts';
import { EngineStandIn, HastyClock, LogStandIn, sha256, WORKER_TOKEN } from './engine-stand-in.ts';
import { createFileRoutes } from './file-routes.ts';
import type { WorkerTunnel } from './tunnel.ts';
import { createTunnelDialer } from './tunnel.ts';
import { WorkerStandIn } from './worker-stand-in.ts';

const MIB = 1024 * 1024;
const SIZE = 24 * MIB + 12_345;

let ids = 0;
const chance: Chance = { fraction: () => 0.5, id: (prefix) => `${prefix}_${ids++}` };
/** Delays before a redial and goodbyes; the others (pings, limits) stay. */
const redialsAtOnce = (delayMs: number) => (delayMs >= 400 && delayMs < 10_000 ? 5 : delayMs);

let engine: EngineStandIn;
beforeAll(async () => {
  engine = await EngineStandIn.make(SIZE);
});
afterAll(() => engine.remove());

interface Rig {
  readonly worker: WorkerStandIn;
  readonly tunnel: WorkerTunnel;
  readonly clock: HastyClock;
  readonly log: LogStandIn;
  readonly states: TunnelState[];
  reached(state: TunnelState): Promise<void>;
}

interface RigOptions {
  readonly zeroMask?: boolean;
  readonly token?: string;
  readonly controllerId?: string;
  readonly worker?: WorkerStandIn;
  readonly hurry?: (delayMs: number) => number;
}

const rigs: Rig[] = [];
const workers = new Set<WorkerStandIn>();
afterEach(async () => {
  for (const { tunnel, clock, log } of rigs.splice(0)) {
    await tunnel.close();
    expect(tunnel.state).toBe('closed');
    expect(clock.pending.size).toBe(0);
    expect(log.lines.join('\n')).not.toMatch(/sig=|horse/);
  }
  for (const worker of workers) await worker.close();
  workers.clear();
});

async function listening(port = 0): Promise<WorkerStandIn> {
  const worker = new WorkerStandIn({ token: WORKER_TOKEN, port });
  await worker.listen();
  workers.add(worker);
  return worker;
}

async function rig(options: RigOptions = {}): Promise<Rig> {
  const worker = options.worker ?? (await listening());
  const clock = new HastyClock(options.hurry ?? redialsAtOnce);
  const log = new LogStandIn();
  const listener = createFileRoutes({ verify: engine.verify, facing: engine, clock, log });
  const { controllerId = 'controller-1', zeroMask } = options;
  const open = createTunnelDialer({ controllerId, listener, clock, chance, log, zeroMask });
  const states: TunnelState[] = [];
  const waiters: (() => void)[] = [];
  const address = { url: `http://127.0.0.1:${worker.port}`, token: options.token ?? WORKER_TOKEN };
  const tunnel = open(address, (state) => {
    states.push(state);
    for (const look of waiters.splice(0)) look();
  });
  const reached = async (state: TunnelState) => {
    while (tunnel.state !== state) await new Promise<void>((resolve) => waiters.push(resolve));
  };
  const made = { worker, tunnel, clock, log, states, reached };
  rigs.push(made);
  return made;
}

const begun = (worker: WorkerStandIn, url: string, headers: Record<string, string> = {}) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = worker.begin(url, { headers });
    outgoing.once('response', resolve).once('error', reject);
    outgoing.end();
  });

const some = (response: IncomingMessage, atLeast: number) =>
  new Promise<Buffer>((resolve) => {
    const chunks: Buffer[] = [];
    let total = 0;
    const take = (chunk: Buffer) => {
      chunks.push(chunk);
      total += chunk.length;
      if (total < atLeast) return;
      response.off('data', take).pause();
      resolve(Buffer.concat(chunks));
    };
    response.on('data', take);
  });

const rest = (response: IncomingMessage) =>
  new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.once('end', () => resolve(Buffer.concat(chunks))).once('error', reject);
    response.resume();
  });

describe('a recording through the tunnel', () => {
  test.each([true, false])('arrives whole, byte for byte (zero mask: %s)', async (zeroMask) => {
    const { worker, tunnel } = await rig({ zeroMask });
    const answer = await worker.fetch(engine.inputLink());
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ etag: `"sha256-${engine.prepared.sha256}"`, 'accept-ranges': 'bytes' });
    expect(sha256(answer.body)).toBe(engine.prepared.sha256);
    expect(engine.sentUpTo.at(-1)).toBe(SIZE);
    expect(tunnel.bytesSent).toBeGreaterThanOrEqual(SIZE);
    expect(tunnel.bytesSent).toBeLessThan(SIZE + 4_096);
  });

  test('goes on where it was cut, on another data socket', async () => {
    const { worker } = await rig();
    const response = await begun(worker, engine.inputLink());
    const first = await some(response, 5 * MIB);
    response.on('error', () => undefined).destroy();
    const headers = { Range: `bytes=${first.length}-`, 'If-Range': response.headers.etag ?? '' };
    const second = await worker.fetch(engine.inputLink(), { headers });
    expect(second.status).toBe(206);
    expect(second.headers['content-range']).toBe(`bytes ${first.length}-${SIZE - 1}/${SIZE}`);
    expect(sha256(Buffer.concat([first, second.body]))).toBe(engine.prepared.sha256);
  });

  test('can be fetched four times at once', async () => {
    const { worker } = await rig();
    const link = engine.inputLink();
    const answers = await Promise.all([1, 2, 3, 4].map(() => worker.fetch(link)));
    for (const { body } of answers) expect(sha256(body)).toBe(engine.prepared.sha256);
  });

  test('survives a hundred downloads that were begun and thrown away', async () => {
    const { worker, tunnel } = await rig();
    for (let round = 0; round < 100; round += 1) {
      const response = await begun(worker, engine.inputLink());
      response.on('error', () => undefined).destroy();
    }
    // No more than the window and what the kernel holds was wasted on each.
    expect(tunnel.bytesSent).toBeLessThan(100 * 16 * MIB);
    const { body } = await worker.fetch(engine.inputLink());
    expect(sha256(body)).toBe(engine.prepared.sha256);
    await worker.until(() => worker.data.size >= 2);
    expect(worker.data.size).toBeLessThanOrEqual(4);
  });

  test('does not wait for a sibling whose reader stopped', async () => {
    const { worker } = await rig();
    const paused = await begun(worker, engine.inputLink());
    const first = await some(paused, 1);
    const { body } = await worker.fetch(engine.inputLink());
    expect(sha256(body)).toBe(engine.prepared.sha256);
    const second = await rest(paused);
    expect(sha256(Buffer.concat([first, second]))).toBe(engine.prepared.sha256);
  });
});

describe('the tunnel', () => {
  test('says who it is, with the token in a header and nowhere else', async () => {
    const { worker, reached } = await rig();
    await reached('open');
    await worker.until(() => worker.data.size === 2);
    expect(worker.upgrades).toHaveLength(3);
    for (const { url, headers } of worker.upgrades) {
      expect(headers.authorization).toBe(`Bearer ${WORKER_TOKEN}`);
      expect(headers['user-agent']).toBe('bulk-transcribe');
      expect(headers['sec-websocket-extensions']).toBeUndefined();
      expect(url).not.toContain(WORKER_TOKEN);
    }
    expect(worker.controller).toBe('controller-1');
  });

  test('keeps as many idle data sockets as the worker wishes, at most four', async () => {
    const { worker } = await rig();
    await worker.until(() => worker.data.size === 2);
    worker.say({ type: 'something-new' });
    worker.say({ type: 'need', dataSockets: 99 });
    worker.say({ type: 'need', dataSockets: 4 });
    await worker.until(() => worker.data.size === 4);
  });

  test('dials again after the control socket was cut, with a new session', async () => {
    const { worker, states, reached } = await rig();
    await worker.until(() => worker.data.size === 2);
    const session = worker.session;
    const response = await begun(worker, engine.inputLink());
    const cut = expect(rest(response)).rejects.toThrow();
    worker.control?.terminate();
    await cut;
    await worker.until(() => worker.controlsSeen === 2 && worker.data.size === 2);
    expect(worker.session).not.toBe(session);
    await reached('open');
    expect(states).toEqual(['connecting', 'open', 'connecting', 'open']);
    expect(sha256((await worker.fetch(engine.inputLink())).body)).toBe(engine.prepared.sha256);
  });

  test('finds a worker again that was away', async () => {
    const { worker, reached } = await rig();
    await reached('open');
    const { port } = worker;
    await worker.close();
    workers.delete(worker);
    await reached('connecting');
    const again = await listening(port);
    await reached('open');
    expect(sha256((await again.fetch(engine.inputLink())).body)).toBe(engine.prepared.sha256);
  });

  test('starts over when the worker knows its session no more', async () => {
    const { worker, reached } = await rig();
    await worker.until(() => worker.data.size === 2);
    worker.session = 'forgotten';
    for (const duplex of worker.data) duplex.end();
    await worker.until(() => worker.controlsSeen === 2 && worker.data.size === 2);
    await reached('open');
  });

  test('does not dial again after a refused token, and says so', async () => {
    const { worker, tunnel, clock, states, reached } = await rig({ token: 'wrong' });
    await reached('closed');
    expect(worker.upgrades).toHaveLength(1);
    expect(states).toEqual(['connecting', 'closed']);
    expect(clock.asked).not.toContain(60_000);
    expect(tunnel).toMatchObject({ state: 'closed', refused: true });
  });

  test('rests while another controller is served, and does not disturb it', async () => {
    const first = await rig();
    await first.reached('open');
    const second = await rig({ worker: first.worker, controllerId: 'controller-2' });
    await second.reached('closed');
    expect(second.clock.asked.at(-1)).toBe(60_000);
    expect(first.worker.controlsSeen).toBe(1);
    expect((await first.worker.fetch(engine.inputLink())).status).toBe(200);
  });

  test('gives up a worker that says nothing after the upgrade', async () => {
    const { clock, worker } = await rig({ hurry: (delayMs) => (delayMs === 15_000 ? 20 : 5) });
    worker.mute = true;
    await worker.until(() => worker.controlsSeen >= 2);
    expect(clock.asked).toContain(15_000);
  });

  test('cuts a line on which no pong comes', async () => {
    const { worker, states, reached } = await rig({ hurry: (delayMs) => (delayMs === 20_000 ? 15 : 5) });
    await reached('open');
    worker.control?.pause();
    await worker.until(() => worker.controlsSeen >= 2);
    expect(states.slice(0, 3)).toEqual(['connecting', 'open', 'connecting']);
  });

  test('asks at once whether the line still stands when the computer slept', async () => {
    const { clock, worker, states, reached } = await rig({ hurry: (delayMs) => (delayMs >= 5_000 ? 15 : 5) });
    await reached('open');
    worker.control?.pause();
    clock.skewMs = 3_600_000;
    await worker.until(() => worker.controlsSeen >= 2);
    expect(clock.asked).toContain(5_000);
    expect(states.slice(0, 3)).toEqual(['connecting', 'open', 'connecting']);
  });

  test('cannot be dialled at an address that is none, and goes on trying', async () => {
    const { clock, states, log } = await rig({
      worker: { port: 'nonsense' } as unknown as WorkerStandIn,
      hurry: () => 1,
    });
    while (clock.asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(states).toEqual(['connecting']);
    expect(log.lines[0]).toContain('not one');
  });

  test('cuts a request whose head does not end', async () => {
    const { worker } = await rig({ hurry: (delayMs) => (delayMs === 10_000 ? 20 : redialsAtOnce(delayMs)) });
    await worker.until(() => worker.data.size === 2);
    const [duplex] = worker.data;
    const gone = new Promise<void>((resolve) => duplex?.once('close', () => resolve()));
    duplex?.write('GET / HTTP/1.1\r\nHost: ');
    await gone;
  });

  test('refuses a head that is too large', async () => {
    const { worker } = await rig();
    const headers = { 'X-Filler': 'x'.repeat(9_000) };
    expect((await worker.fetch(engine.inputLink(), { headers })).status).toBe(431);
    expect((await worker.fetch(engine.inputLink())).status).toBe(200);
  });
});

test('redials wait longer and longer, and never more than 15 s', async () => {
  const worker = await listening();
  const { port } = worker;
  await worker.close();
  workers.delete(worker);
  const made = await rig({ worker: { port } as WorkerStandIn, hurry: () => 1 });
  while (made.clock.asked.length < 8) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(made.clock.asked.slice(0, 7)).toEqual([750, 1_250, 2_250, 4_250, 7_750, 7_750, 7_750]);
  expect(made.states).toEqual(['connecting']);
});
