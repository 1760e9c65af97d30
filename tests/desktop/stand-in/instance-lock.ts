// Owns that there is one stand-in app a profile: the first one listens on a socket, a second one sends its data there and is told no. The
// answer is needed at once, as Electron gives it, so the second one asks in a small process and waits for it.

import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';

const ASK = `
const socket = require('node:net').connect(process.argv[1]);
socket.on('error', () => process.exit(1));
socket.on('connect', () => socket.end(process.argv[2]));
socket.on('close', () => process.exit(0));
socket.resume();
`;

/** @returns true for the first; it is told by `later` what each further one sends. */
export function lockInstance(path: string, data: unknown, later: (sent: unknown) => void): boolean {
  const asked = spawnSync(process.execPath, ['-e', ASK, path, JSON.stringify(data)]);
  if (asked.status === 0) return false;
  rmSync(path, { force: true });
  createServer((socket) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    socket.on('end', () => {
      socket.end();
      later(JSON.parse(text));
    });
  })
    .listen(path)
    .unref();
  return true;
}
