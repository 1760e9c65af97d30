// Owns the far end of the tunnel benches, in a process of its own: a worker's end of the tunnel that fetches what it is told to, and a plain
// HTTP server that takes a PUT. Both count bytes and look at none, so that they cost the same.
//
//   node receiver.ts        prints {tunnel, plain} ports; then a line of JSON for each command on stdin, answered by one

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { WorkerStandIn } from '../../src/tunnel/worker-stand-in.ts';

const worker = new WorkerStandIn({ token: 'bench' });
await worker.listen();
const plain = createServer((request, response) => {
  request.on('data', () => undefined).once('end', () => response.end());
}).listen(0, '127.0.0.1');
await once(plain, 'listening');

type Command =
  | { readonly do: 'fetch'; readonly link: string }
  /** Begins so many, and throws each away after its first bytes. */
  | { readonly do: 'cancel'; readonly link: string; readonly times: number }
  /** Begins one and reads it no further, until the next command ends. */
  | { readonly do: 'pause'; readonly link: string };

let release: (() => void) | null = null;

/** @returns bytes that came */
function fetched(link: string): Promise<number> {
  return new Promise((resolve, reject) => {
    worker
      .begin(link)
      .once('response', (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        });
        response.once('end', () => resolve(bytes)).once('error', reject);
      })
      .once('error', reject)
      .end();
  });
}

function begun(link: string, keep: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    worker
      .begin(link)
      .once('response', (response) => {
        response.on('error', () => undefined);
        response.once('data', () => {
          response.pause();
          if (keep) release = () => response.destroy();
          else response.destroy();
          resolve();
        });
      })
      .once('error', reject)
      .end();
  });
}

async function done(command: Command): Promise<number> {
  switch (command.do) {
    case 'fetch': {
      const began = performance.now();
      await fetched(command.link);
      const took = performance.now() - began;
      release?.();
      release = null;
      return took;
    }
    case 'cancel':
      for (let left = command.times; left > 0; left -= 1) await begun(command.link, false);
      return 0;
    case 'pause':
      await begun(command.link, true);
      return 0;
    default:
      return command satisfies never;
  }
}

const port = (plain.address() as AddressInfo).port;
process.stdout.write(`${JSON.stringify({ tunnel: worker.port, plain: port })}\n`);
for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify({ ms: await done(JSON.parse(line) as Command) })}\n`);
process.exit(0);
