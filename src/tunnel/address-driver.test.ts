import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { AddressDriver, type Listen } from './address-driver.ts';
import { listenAtAddress } from './address-listener.ts';
import { tunnelDriverCases } from './driver.cases.ts';
import { EngineStandIn, HastyClock, LogStandIn, WORKER_TOKEN } from './engine-stand-in.ts';
import { beginOver, fetchOver } from './fetch-over.cases.ts';

const WORKER = { url: 'http://worker.example', token: WORKER_TOKEN };

function listening(engine: EngineStandIn, clock: HastyClock, log: LogStandIn): Listen {
  return (hosts, port) => listenAtAddress({ hosts, port, verify: engine.verify, facing: engine, clock, log });
}

/** A port forward, as a router has it: bytes go to where `port` says when they come, and it can cut them all off. */
async function portForward(port: () => number) {
  const open = new Set<Socket>();
  const server = createServer((from) => {
    const to = connect(port(), '127.0.0.1');
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      open.add(one);
      one
        .on('error', () => undefined)
        .once('close', () => {
          open.delete(one);
          other.destroy();
        });
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      for (const socket of open) socket.destroy();
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

tunnelDriverCases('address', async (engine) => {
  const clock = new HastyClock();
  const log = new LogStandIn();
  let inner = 0;
  const forward = await portForward(() => inner);
  const driver = new AddressDriver({ baseUrl: 'http://transcribe.example', port: 0 }, async (hosts, port) => {
    const listener = await listening(engine, clock, log)(hosts, port);
    inner = listener.port;
    return listener;
  });
  await driver.start();
  return {
    driver,
    log,
    worker: WORKER,
    fetch: (link, request) => fetchOver(forward.port, link, request),
    begin: (link, headers) => beginOver(forward.port, link, { headers }),
    breakLine: () => forward.cut(),
    async close() {
      await driver.close();
      await forward.close();
      expect(clock.pending.size).toBe(0);
    },
  };
});

test('without an address it cannot be had, and listens nowhere', async () => {
  const engine = await EngineStandIn.make(10);
  const driver = new AddressDriver(null, () => Promise.reject(new Error('It listens.')));
  await driver.start();
  expect(driver.missing()).toContain('CONTROLLER_BASE_URL');
  expect(driver.open(WORKER, () => undefined)).toMatchObject({ state: 'closed', baseUrl: null });
  await driver.close();
  await engine.remove();
});

test('tunnels follow the listener: closed until it listens, closed when it does no more', async () => {
  const engine = await EngineStandIn.make(10);
  const address = { baseUrl: 'https://transcribe.example', port: 0 };
  const driver = new AddressDriver(address, listening(engine, new HastyClock(), new LogStandIn()));
  const states: string[] = [];
  const tunnel = driver.open(WORKER, (state) => states.push(state));
  expect(tunnel.state).toBe('closed');
  await driver.start();
  expect([tunnel.state, tunnel.baseUrl]).toEqual(['open', 'https://transcribe.example']);
  await driver.close();
  expect([tunnel.state, ...states]).toEqual(['closed', 'open', 'closed']);
  await engine.remove();
});
