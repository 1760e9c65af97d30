// Owns knowing that a WebSocket is alive: a ping every 20 s, and an end to a socket that shows no life for several of them.

import type { WebSocket } from 'ws';
import type { Clock } from '../controller/ports.ts';

/** Proxies close what is silent for about 100 s. */
const PING_MS = 20_000;
/** A tick that comes so much later than it should tells that the computer slept, and that the line is probably gone. */
const SLEPT_MS = 10_000;
const AWAKE_PING_MS = 5_000;

/**
 * Pings `socket` until it closes and cuts it when `patience` pings in a row brought no sign of life; after a sleep one is enough.
 * @returns `alive`, to be called for signs that the socket itself does not show (bytes that TCP took).
 */
export function keepAlive(socket: WebSocket, clock: Clock, patience: number): () => void {
  let silent = 0;
  let cancel = (): void => undefined;
  const alive = () => {
    silent = 0;
  };
  let due = clock.now() + PING_MS;
  const tick = () => {
    const slept = clock.now() - due > SLEPT_MS;
    if (slept) silent = patience - 1;
    if (silent >= patience) {
      socket.terminate();
      return;
    }
    silent += 1;
    if (socket.readyState === socket.OPEN) socket.ping(undefined, undefined, () => undefined);
    const pause = slept ? AWAKE_PING_MS : PING_MS;
    due = clock.now() + pause;
    cancel = clock.after(pause, tick);
  };
  socket.on('pong', alive).on('ping', alive).on('message', alive);
  socket.once('close', () => cancel());
  cancel = clock.after(PING_MS, tick);
  return alive;
}
