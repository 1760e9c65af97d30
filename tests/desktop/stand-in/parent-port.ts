// Loaded first in the engine's process of the stand-in: gives it `process.parentPort`, made of the channel to the process that forked it.

import { EventEmitter } from 'node:events';
import type { ParentFrame } from './engine-process.ts';
import { PortMain } from './ports.ts';

/** The far end of a port that was handed over. */
class HandedPort extends PortMain {
  readonly #number: number;

  constructor(number: number) {
    super();
    this.#number = number;
  }

  override postMessage(data: unknown): void {
    send({ kind: 'port', port: this.#number, data });
  }

  override close(): void {
    if (!ports.delete(this.#number)) return;
    send({ kind: 'port', port: this.#number, close: true });
    setImmediate(() => this.emit('close'));
  }
}

const ports = new Map<number, HandedPort>();

function send(frame: ParentFrame): void {
  if (process.connected) process.send?.(frame, undefined, undefined, () => undefined);
}

function handed(number: number): HandedPort {
  const port = new HandedPort(number);
  ports.set(number, port);
  return port;
}

const parentPort = Object.assign(new EventEmitter(), {
  postMessage: (data: unknown) => send({ kind: 'message', data, ports: [] }),
});

process.on('message', (frame: ParentFrame) => {
  if (frame.kind === 'message') {
    parentPort.emit('message', { data: frame.data, ports: frame.ports.map(handed) });
    return;
  }
  const port = ports.get(frame.port);
  if (port === undefined) return;
  if (frame.close !== true) port.receive(frame.data);
  else {
    ports.delete(frame.port);
    port.emit('close');
  }
});
// An engine without the app around it has nobody to serve.
process.on('disconnect', () => process.exit(1));
Object.assign(process, { parentPort });
