// Owns a line that is cut at given bytes, in a process of its own: what came up to the byte arrives, what comes after is lost, and both ends see
// their connection die. It counts what the app had put on the line by then.
//
//   node cutter.ts PORT CUTS BYTES SEED       prints the port it listens on; after "count" on stdin, one line of JSON

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { chanceFrom } from '../small-whisper/speech/random.mjs';

const [port = 0, cuts = 0, bytes = 0, seed = 0] = process.argv.slice(2).map(Number);
const chance = chanceFrom(seed);
/** Bytes that arrived in all connections together at which the next one is cut. */
const cutAt = Array.from({ length: cuts }, () => Math.floor(chance.unit() * bytes)).sort((a, b) => a - b);
const open = new Set<Socket>();
let left = 0;
let arrived = 0;
let done = 0;

const server = createServer({ noDelay: true }, (near) => {
  const far = connect({ host: '127.0.0.1', port, noDelay: true });
  open.add(near);
  near.on('data', (chunk: Buffer) => {
    left += chunk.length;
    const most = (cutAt[0] ?? Number.POSITIVE_INFINITY) - arrived;
    const whole = chunk.length <= most;
    const through = whole ? chunk : chunk.subarray(0, Math.max(0, most));
    arrived += through.length;
    if (!far.write(through) && whole) {
      near.pause();
      far.once('drain', () => near.resume());
    }
    if (whole) return;
    while ((cutAt[0] ?? Number.POSITIVE_INFINITY) <= arrived) {
      cutAt.shift();
      done += 1;
    }
    far.end();
    near.destroy();
    // One in ten takes all connections along.
    if (chance.unit() < 0.1) for (const other of [...open]) other.destroy();
  });
  far.pipe(near);
  near
    .on('error', () => undefined)
    .once('close', () => {
      open.delete(near);
      far.end();
    });
  far.on('error', () => undefined).once('close', () => near.destroy());
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
for await (const _line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify({ left, arrived, cuts: done })}\n`);
process.exit(0);
