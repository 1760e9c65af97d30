// Owns what the tunnel is measured against: a plain HTTP server, in a process of its own, that takes a PUT and looks at none of it.
//
//   node plain-server.ts        prints its port, and ends with its input

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, response) => {
  request.on('data', () => undefined).once('end', () => response.end());
}).listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
await once(process.stdin.resume(), 'end');
process.exit(0);
