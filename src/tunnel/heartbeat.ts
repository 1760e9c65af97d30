// Owns knowing that a WebSocket is alive: a ping every 20 s, and an end to a socket that shows no life for several of them.

import type { WebSocket } from 'ws';
import type { Clock } from '../controller/ports.ts';

/** Proxies close what is silent for about 100 s. */
export const PING_MS = 20_000;

/**
 * Pings `socket` until it closes and cuts it when `patience` pings in a row brought no sign of life.
 * @returns `alive`, to be called for signs that the socket itself does not show (bytes that TCP took).
 */
export function keepAlive(socket: WebSocket, clock: Clock, patience: number): () => void {
  let silent = 0;
  let cancel = (): void => undefined;
  const alive = () => {
    silent = 0;
  };
  const tick = () => {
    if (silent >= patience) {
      socket.terminate();
      return;
    }
    silent += 1;
    if (socket.readyState === socket.OPEN) socket.ping(undefined, undefined, () => undefined);
    cancel = clock.after(PING_MS, tick);
  };
  socket.on('pong', alive).on('ping', alive).on('message', alive);
  socket.once('close', () => cancel());
  cancel = clock.after(PING_MS, tick);
  return alive;
}
