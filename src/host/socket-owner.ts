// Owns the question whose a connection from this computer is. Linux tells the user of every socket; elsewhere nobody is asked.

import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

/** An established connection, in the state column of /proc/net/tcp. */
const ESTABLISHED = '01';
const ROOT_UID = 0;

/** Whether another user of this computer, who is not root, holds the other end. False where that is not known. */
export function isAnotherUsers({ localPort, remotePort }: Pick<Socket, 'localPort' | 'remotePort'>): boolean {
  const own = process.getuid?.();
  if (process.platform !== 'linux' || own === undefined || localPort === undefined || remotePort === undefined)
    return false;
  const owners = ['tcp', 'tcp6'].flatMap((name) => ownersIn(table(name), remotePort, localPort));
  return owners.some((owner) => owner !== own && owner !== ROOT_UID);
}

/** The users of the sockets in a table of Linux that are connected from port `from` to port `to`. */
export function ownersIn(text: string, from: number, to: number): readonly number[] {
  return text.split('\n').flatMap((line) => {
    const [, local = '', remote = '', state, , , , uid = ''] = line.trim().split(/\s+/);
    const isIt = state === ESTABLISHED && portOf(local) === from && portOf(remote) === to;
    return isIt && /^\d+$/.test(uid) ? [Number(uid)] : [];
  });
}

/** `0100007F:211C`: address and port in hexadecimal. */
function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16);
}

function table(name: string): string {
  try {
    return readFileSync(`/proc/self/net/${name}`, 'utf8');
  } catch {
    // Hidden from this process: then nothing is known.
    return '';
  }
}
