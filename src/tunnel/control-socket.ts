// Owns the control socket of one session: says hello, waits for the worker's, and passes on what the worker wishes.

import type { WebSocket } from 'ws';
import type { ControllerHello, WorkerControl } from '../contract/tunnel-wire.ts';
import { workerControlSchema } from '../contract/tunnel-wire.ts';
import type { Clock } from '../controller/ports.ts';
import { keepAlive } from './heartbeat.ts';

export interface ControlListener {
  /** The worker's hello came; the session is open. Called once. */
  opened(hello: Extract<WorkerControl, { type: 'hello' }>): void;
  /** The worker wishes so many data sockets. Only after `opened`. */
  wished(dataSockets: number): void;
  /** The socket is gone, with its close code (1006 when it was cut). Called once, after everything else. */
  closed(code: number): void;
}

/** The worker must have said hello by then. */
const HELLO_MS = 15_000;
const SILENT_PINGS = 2;

/** Runs the conversation on an open control socket until it closes. */
export function converse(socket: WebSocket, hello: ControllerHello, clock: Clock, listener: ControlListener): void {
  let opened = false;
  const stopWaiting = clock.after(HELLO_MS, () => socket.terminate());
  keepAlive(socket, clock, SILENT_PINGS);
  socket.on('message', (message, isBinary) => {
    const said = isBinary ? null : parse(message.toString());
    if (said?.type === 'hello' && !opened) {
      opened = true;
      stopWaiting();
      listener.opened(said);
    } else if (said?.type === 'need' && opened) listener.wished(said.dataSockets);
  });
  socket.once('close', (code) => {
    stopWaiting();
    listener.closed(code);
  });
  socket.resume();
  socket.send(JSON.stringify(hello), () => undefined);
}

/** Null for everything that this version does not know, which a newer worker may say. */
function parse(text: string): WorkerControl | null {
  try {
    return workerControlSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    // Not even JSON: the same as unknown.
    return null;
  }
}
