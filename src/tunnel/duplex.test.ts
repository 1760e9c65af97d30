import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { coalesce, TunnelDuplex } from './duplex.ts';
import { Line, Pace } from './pace.ts';

const KIB = 1024;
const LIMIT = 256 * KIB;

let server: WebSocketServer;
let near: WebSocket;
let far: WebSocket;

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  const joined = once(server, 'connection');
  near = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, { perMessageDeflate: false });
  [far] = (await joined) as [WebSocket];
  if (near.readyState !== near.OPEN) await once(near, 'open');
});

afterEach(async () => {
  near.terminate();
  far.terminate();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

async function readAll(duplex: TunnelDuplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of duplex) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('what is coalesced is the same bytes, in pieces of at most the limit', () => {
  const chunks = fc.array(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(chunks, fc.integer({ min: 1, max: 50 }), (given, limit) => {
      const pieces = coalesce(given, limit);
      expect(Buffer.concat(pieces).equals(Buffer.concat(given))).toBe(true);
      for (const piece of pieces) {
        expect(piece.length).toBeGreaterThan(0);
        expect(piece.length).toBeLessThanOrEqual(limit);
      }
    }),
    { numRuns: 300 },
  );
});

test('a large chunk goes out uncopied, small ones of one turn as one message', async () => {
  const large = Buffer.alloc(LIMIT);
  expect(coalesce([large], LIMIT)[0]?.buffer).toBe(large.buffer);
  const sizes: number[] = [];
  far.on('message', (message: Buffer) => sizes.push(message.length));
  const duplex = new TunnelDuplex(near);
  duplex.cork();
  for (let index = 0; index < 100; index += 1) duplex.write(Buffer.alloc(100));
  duplex.write(randomBytes(LIMIT + 5));
  duplex.uncork();
  duplex.end();
  await once(far, 'close');
  expect(sizes).toEqual([10_000, LIMIT, 5]);
});

test('a megabyte each way arrives', async () => {
  const [one, other] = [new TunnelDuplex(near), new TunnelDuplex(far)];
  const [there, back] = [randomBytes(KIB * KIB), randomBytes(KIB * KIB + 7)];
  const received = Promise.all([readAll(one), readAll(other)]);
  one.write(there);
  other.write(back, () => one.end());
  const [gotBack, gotThere] = await received;
  expect(gotThere?.equals(there)).toBe(true);
  // The far end's bytes were all on their way before the near end closed.
  expect(gotBack?.equals(back.subarray(0, gotBack.length))).toBe(true);
});

test('a writer is stopped while nobody reads at the other end, and goes on', async () => {
  far.pause();
  const duplex = new TunnelDuplex(near);
  let written = 0;
  while (duplex.write(Buffer.alloc(LIMIT))) written += LIMIT;
  expect(written).toBeLessThanOrEqual(KIB * KIB);
  expect(duplex.writableNeedDrain).toBe(true);
  far.resume();
  await once(duplex, 'drain');
  duplex.destroy();
});

test('a reader that stops stops the other end', async () => {
  const duplex = new TunnelDuplex(near);
  const reader = duplex[Symbol.asyncIterator]();
  for (let index = 0; index < 8; index += 1) far.send(Buffer.alloc(LIMIT));
  await reader.next();
  while (!near.isPaused) await new Promise((resolve) => setImmediate(resolve));
  expect(duplex.readableLength).toBeLessThan(3 * KIB * KIB);
  let total = LIMIT;
  while (total < 8 * LIMIT) total += ((await reader.next()).value as Buffer).length;
  expect(total).toBe(8 * LIMIT);
});

test('what came before the other end closed is still read', async () => {
  const duplex = new TunnelDuplex(near);
  far.send(Buffer.from('last words'));
  far.close(1000);
  await once(near, 'close');
  expect((await readAll(duplex)).toString()).toBe('last words');
  expect(duplex.destroyed).toBe(true);
});

test('a cut fails what was being written and ends both ways', async () => {
  far.pause();
  const duplex = new TunnelDuplex(near);
  const errors: unknown[] = [];
  duplex.on('error', (error) => errors.push(error));
  const failed = new Promise<unknown>((resolve) => {
    for (let index = 0; index < 200; index += 1) duplex.write(Buffer.alloc(LIMIT), (error) => error && resolve(error));
  });
  far.terminate();
  expect(await failed).toBeInstanceOf(Error);
  if (!duplex.closed) await once(duplex, 'close');
  if (near.readyState !== near.CLOSED) await once(near, 'close');
});

test('destroying it cuts the socket, and nothing is said afterwards', async () => {
  const duplex = new TunnelDuplex(near);
  duplex.destroy();
  const [code] = await once(far, 'close');
  expect(code).toBe(1006);
});

test('a text message is no part of the stream: the socket is cut', async () => {
  const duplex = new TunnelDuplex(near);
  far.send('hello');
  await once(duplex, 'close');
  expect(duplex.readableLength).toBe(0);
});

test('what is paced arrives whole and in order, and so does it at an end that answers no pings', async () => {
  for (const answers of [true, false]) {
    const mute = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, autoPong: answers });
    await once(mute, 'listening');
    const joined = once(mute, 'connection');
    const socket = new WebSocket(`ws://127.0.0.1:${(mute.address() as AddressInfo).port}`, {
      perMessageDeflate: false,
    });
    const [end] = (await joined) as [WebSocket];
    if (socket.readyState !== socket.OPEN) await once(socket, 'open');
    const line = new Line();
    const [from, to] = [new TunnelDuplex(socket, {}, new Pace(line)), new TunnelDuplex(end)];
    const sent = randomBytes(5 * 1024 * KIB);
    const arrived = readAll(to);
    from.end(sent);
    expect((await arrived).equals(sent)).toBe(true);
    expect(line.answers).toBe(answers);
    expect(line.shortestMs === null).toBe(!answers);
    await new Promise<void>((resolve) => mute.close(() => resolve()));
  }
});
