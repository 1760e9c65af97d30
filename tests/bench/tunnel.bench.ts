// Measures the worker's tunnel: against a plain PUT, over a long line, beside calls on a thin one, after cancels, beside a reader that stopped.

import { createReadStream } from 'node:fs';
import { request } from 'node:http';
import type { TunnelState } from '../../src/controller/ports.ts';
import { SYSTEM_CHANCE, SYSTEM_CLOCK } from '../../src/host/system.ts';
import { EngineStandIn, LogStandIn } from '../../src/tunnel/engine-stand-in.ts';
import { createFileRoutes } from '../../src/tunnel/file-routes.ts';
import { createTunnelDialer } from '../../src/tunnel/tunnel.ts';
import { Helper } from './helper.ts';
import { conditions, inTurn, median, print, quantile, wanted } from './measure.ts';

const MB = 1_000_000;
const ROUNDS = 7;

/** The app's end of the tunnel to `port`, with a recording of `size` bytes. */
async function app(engine: EngineStandIn, port: number): Promise<{ close(): Promise<void> }> {
  const log = new LogStandIn();
  const listener = createFileRoutes({ verify: engine.verify, facing: engine, clock: SYSTEM_CLOCK, log });
  const open = createTunnelDialer({ controllerId: 'bench', listener, clock: SYSTEM_CLOCK, chance: SYSTEM_CHANCE, log });
  return new Promise((resolve) => {
    const tunnel = open({ url: `http://127.0.0.1:${port}`, token: 'bench' }, (state: TunnelState) => {
      if (state === 'open') resolve(tunnel);
    });
  });
}

function put(path: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const outgoing = request({ host: '127.0.0.1', port, method: 'PUT', agent: false }, (response) => {
      response.resume().once('end', () => resolve(performance.now() - began));
    });
    outgoing.once('error', reject);
    createReadStream(path, { highWaterMark: 256 * 1024 }).pipe(outgoing);
  });
}

const far = new Helper('receiver.py');
const farPort = Number(await far.line());
const fetch = (link: string) => far.ask({ do: 'fetch', link });

if (wanted('loopback')) {
  const size = 1_024 * MB;
  const engine = await EngineStandIn.make(size);
  const tunnel = await app(engine, farPort);
  const fetchIt = () => fetch(engine.inputLink());
  await fetchIt();
  // The worker's server takes a PUT slowly: one of Node, which only counts, is the harder measure.
  const plain = new Helper('plain-server.ts');
  const plainPort = Number(await plain.line());
  for (const [port, server] of [
    [plainPort, 'a server of Node'],
    [farPort, "the worker's server"],
  ] as const) {
    const { one, other } = await inTurn(ROUNDS, fetchIt, () => put(engine.path, port));
    print({
      name: `loopback: tunnel / plain PUT to ${server}, bytes a second`,
      value: median(other) / median(one),
      goal: { atLeast: 0.8 },
      how: `${size / MB} MB, ${ROUNDS} rounds in turn, medians ${Math.round((size / median(one)) * 1e-3)} and ${Math.round((size / median(other)) * 1e-3)} MB/s; the tunnel to the worker's own end; nobody hashes or keeps anything`,
    });
  }
  plain.end();
  // Two workers, one of which has seen the cancels: what the machine does meanwhile is in both.
  const canceled = new Helper('receiver.py');
  const second = await app(engine, Number(await canceled.line()));
  // As warm as the other.
  for (let round = 0; round < ROUNDS; round += 1) await canceled.ask({ do: 'fetch', link: engine.inputLink() });
  await canceled.ask({ do: 'cancel', link: engine.inputLink(), times: 100 });
  const cancels = await inTurn(ROUNDS, () => canceled.ask({ do: 'fetch', link: engine.inputLink() }), fetchIt);
  print({
    name: 'after 100 early cancels / without them, bytes a second',
    value: median(cancels.other) / median(cancels.one),
    goal: { atLeast: 0.95 },
    how: `the same recording to two workers, one of which canceled it 100 times, ${ROUNDS} rounds in turn, medians`,
  });
  await second.close();
  canceled.end();
  const beside = await inTurn(
    ROUNDS,
    async () => {
      await far.ask({ do: 'pause', link: engine.inputLink() });
      return fetchIt();
    },
    fetchIt,
  );
  print({
    name: 'beside a reader that stopped / alone, bytes a second',
    value: median(beside.other) / median(beside.one),
    goal: { atLeast: 0.9 },
    how: `the same recording, ${ROUNDS} rounds in turn, medians`,
  });
  await tunnel.close();
  await engine.remove();
}

if (wanted('long-line')) {
  const [rate, roundTrip] = [60 * MB, 80];
  const link = new Helper('link.ts', [farPort, rate, roundTrip, (rate * roundTrip) / 1000]);
  const engine = await EngineStandIn.make(300 * MB);
  const tunnel = await app(engine, Number(await link.line()));
  await fetch(engine.inputLink());
  const taken: number[] = [];
  for (let round = 0; round < 5; round += 1) taken.push(await fetch(engine.inputLink()));
  print({
    name: 'long line: tunnel / line, bytes a second',
    value: (300 * MB * 1000) / median(taken) / rate,
    goal: { atLeast: 0.95 },
    how: 'line of 60 MB/s and 80 ms in a process of its own, 300 MB, median of 5, the first round trip included',
  });
  await tunnel.close();
  link.end();
  await engine.remove();
}

if (wanted('thin-line')) {
  const [rate, roundTrip] = [5 * MB, 80];
  const link = new Helper('link.ts', [farPort, rate, roundTrip, (2 * rate * roundTrip) / 1000]);
  const engine = await EngineStandIn.make(60 * MB);
  const linkPort = Number(await link.line());
  const tunnel = await app(engine, linkPort);
  // A call to the worker's own port goes over the same line as the recording.
  const call = () =>
    new Promise<number>((resolve) => {
      const began = performance.now();
      const asked = request({ host: '127.0.0.1', port: linkPort, path: '/v1/ping', agent: keep }, (response) => {
        response.resume().once('end', () => resolve(performance.now() - began));
      });
      asked.once('error', () => resolve(Number.NaN)).end();
    });
  const { Agent } = await import('node:http');
  const keep = new Agent({ keepAlive: true, maxSockets: 1 });
  const sample = async (until: Promise<unknown>): Promise<number[]> => {
    const times: number[] = [];
    let over = false;
    void until.then(() => {
      over = true;
    });
    while (!over) {
      times.push(await call());
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return times.slice(1).filter((ms) => !Number.isNaN(ms));
  };
  const idle = await sample(new Promise((resolve) => setTimeout(resolve, 4_000)));
  let loaded: number[] = [];
  const sending = fetch(engine.inputLink());
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  loaded = await sample(sending);
  const took = await sending;
  print({
    name: 'thin line: p99 of a call beside a full-rate recording / idle p50',
    value: quantile(loaded, 0.99) / median(idle),
    goal: { atMost: 2 },
    how: `line of 5 MB/s and 80 ms that all connections share, router buffer of 160 ms; idle p50 ${median(idle).toFixed(0)} ms, loaded p50 ${median(loaded).toFixed(0)} p99 ${quantile(loaded, 0.99).toFixed(0)} ms of ${loaded.length} calls; the recording at ${((60 * MB) / took / 1000 / 5).toFixed(2)} of the line`,
  });
  keep.destroy();
  await tunnel.close();
  link.end();
  await engine.remove();
}

far.end();
conditions();
