// Owns the driver `address`: workers reach this computer at a public address that its user set, which leads to the listener here.

import { say } from '../contract/sentences.ts';
import type { Tunnel, TunnelDriver, TunnelState, WorkerAddress } from '../controller/ports.ts';
import type { AddressListener } from './address-listener.ts';

/** Opens the worker-facing listener on a port of 127.0.0.1, for the public hosts that `hosts` gives. */
export type Listen = (hosts: () => readonly string[], port: number) => Promise<AddressListener>;

/** CONTROLLER_BASE_URL, an origin, and the port of 127.0.0.1 to which it leads. */
export interface FixedAddress {
  readonly baseUrl: string;
  readonly port: number;
}

export class AddressDriver implements TunnelDriver {
  readonly #address: FixedAddress | null;
  readonly #listen: Listen;
  readonly #open = new Set<(state: TunnelState) => void>();
  #listener: AddressListener | null = null;

  /** @param address null where none is set: then there is no listener either. */
  constructor(address: FixedAddress | null, listen: Listen) {
    this.#address = address;
    this.#listen = listen;
  }

  missing(): string | null {
    return this.#address === null ? say('address_missing') : null;
  }

  /** Listens, where an address is set. @throws AppError CONFLICT when the port is taken */
  async start(): Promise<void> {
    const address = this.#address;
    if (address === null || this.#listener !== null) return;
    const host = new URL(address.baseUrl).host;
    this.#listener = await this.#listen(() => [host], address.port);
    for (const tell of this.#open) tell('open');
  }

  readonly open = (_worker: WorkerAddress, onChange: (state: TunnelState) => void): Tunnel => {
    const driver = this;
    this.#open.add(onChange);
    return {
      get state() {
        return driver.#open.has(onChange) && driver.#listener !== null ? 'open' : 'closed';
      },
      baseUrl: this.#address?.baseUrl ?? null,
      detail: null,
      refused: false,
      close: async () => {
        const wasOpen = driver.#listener !== null;
        if (driver.#open.delete(onChange) && wasOpen) onChange('closed');
      },
    };
  };

  /** Cuts what is under way, and listens no more. */
  async close(): Promise<void> {
    const listener = this.#listener;
    this.#listener = null;
    if (listener === null) return;
    for (const tell of this.#open) tell('closed');
    await listener.close();
  }
}
