// Owns Electron's message ports in the stand-in: two ends that queue until they are started, and that can be handed to a page or a process.

import { EventEmitter } from 'node:events';

export interface PortMessage {
  readonly data: unknown;
  readonly ports: readonly PortMain[];
}

/** `MessagePortMain`, as far as the app uses it. What is sent is cloned, as it is on its way between processes. */
export class PortMain extends EventEmitter<{ message: [PortMessage]; close: [] }> {
  other: PortMain | null = null;
  #waiting: unknown[] | null = [];
  #closed = false;

  postMessage(data: unknown): void {
    const sent = structuredClone(data);
    // As between processes: never in the middle of what the sender is doing.
    setImmediate(() => this.other?.receive(sent));
  }

  receive(data: unknown): void {
    if (this.#closed) return;
    if (this.#waiting === null) this.emit('message', { data, ports: [] });
    else this.#waiting.push(data);
  }

  start(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const data of waiting) this.emit('message', { data, ports: [] });
  }

  /** Closes both ends; the other one is told. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    setImmediate(() => {
      this.other?.close();
      this.emit('close');
    });
  }
}

export class MessageChannelMain {
  readonly port1 = new PortMain();
  readonly port2 = new PortMain();

  constructor() {
    this.port1.other = this.port2;
    this.port2.other = this.port1;
  }
}

/** What carries the messages of handed-over ports to another place: a process or a page. Each port has a number there. */
export interface PortCarrier {
  send(frame: { readonly port: number; readonly data?: unknown; readonly close?: true }): void;
}

/** The near end of ports that were handed over. */
export class PortExchange {
  readonly #carrier: PortCarrier;
  readonly #ports = new Map<number, PortMain>();
  #last = 0;

  constructor(carrier: PortCarrier) {
    this.#carrier = carrier;
  }

  /** Hands a port over. @returns its number at the other place */
  hand(port: PortMain): number {
    this.#last += 1;
    const number = this.#last;
    this.#ports.set(number, port);
    port.on('message', ({ data }) => this.#carrier.send({ port: number, data }));
    port.on('close', () => {
      if (this.#ports.delete(number)) this.#carrier.send({ port: number, close: true });
    });
    port.start();
    return number;
  }

  /** Takes what came back from the other place. */
  take(frame: { readonly port: number; readonly data?: unknown; readonly close?: boolean | undefined }): void {
    const port = this.#ports.get(frame.port);
    if (port === undefined) return;
    if (frame.close === true) {
      this.#ports.delete(frame.port);
      port.close();
    } else port.postMessage(frame.data);
  }

  /** The other place is gone, and its ports with it. */
  closeAll(): void {
    const ports = [...this.#ports.values()];
    this.#ports.clear();
    for (const port of ports) port.close();
  }
}
