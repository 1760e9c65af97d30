// Owns the way from one worker to this computer: which kind of tunnel it has, opened and closed, and what goes through it.

import { say } from '../contract/sentences.ts';
import type { TunnelChoice, TunnelKind } from '../contract/tunnel-wire.ts';
import type { WorkerView } from '../contract/worker-view.ts';
import type { Ping } from '../contract/worker-wire.ts';
import type { Clock, Log, Tunnel, TunnelDrivers, TunnelState, WorkerAddress } from './ports.ts';
import { Throughput } from './throughput.ts';
import { chooseTunnel } from './tunnel-choice.ts';

/** How a worker gets at recordings; `none` also while nothing is known of the worker. */
export type WorkerReach = TunnelKind | 'none';

/** Milliseconds that a tunnel may be away before nobody counts on it any more. */
export const TUNNEL_MS = 15_000;

export interface WorkerTunnelOptions {
  readonly workerId: string;
  readonly drivers: () => TunnelDrivers;
  /** Which of them this worker is to have. */
  readonly choice: () => TunnelChoice;
  readonly clock: Clock;
  readonly log: Log;
  /** Called after every change of state that the tunnel tells of. */
  readonly onChange: (state: TunnelState) => void;
}

export class WorkerTunnel {
  readonly #options: WorkerTunnelOptions;
  readonly #sent: Throughput;
  #tunnel: Tunnel | null = null;
  #reach: WorkerReach = 'none';
  /** Why there is no way to the worker, in a sentence. */
  #unreached: string | null = null;
  #since: number;

  constructor(options: WorkerTunnelOptions) {
    this.#options = options;
    this.#sent = new Throughput(options.clock);
    this.#since = options.clock.now();
  }

  get reach(): WorkerReach {
    return this.#reach;
  }

  /** Where links that go this way begin: an origin. Null while there is no way. */
  get baseUrl(): string | null {
    return this.#tunnel?.baseUrl ?? null;
  }

  get isOpen(): boolean {
    return this.#tunnel?.state === 'open' && this.#tunnel.baseUrl !== null;
  }

  /** True while it is open, or was made or lost so lately that it may be open in a moment. */
  get mayOpen(): boolean {
    if (this.#tunnel === null) return false;
    return this.#tunnel.state === 'open' || Math.abs(this.#options.clock.now() - this.#since) < TUNNEL_MS;
  }

  /** The worker refused the token. */
  get refused(): boolean {
    return this.#tunnel?.refused === true;
  }

  /** Opens the kind that the worker is to have now, unless it has it. @returns whether its kind changed, or why it has none */
  choose(ping: Ping, address: WorkerAddress): boolean {
    const { workerId, clock, log, choice } = this.#options;
    const before = { reach: this.#reach, unreached: this.#unreached };
    const drivers = this.#options.drivers();
    const chosen = chooseTunnel(ping, choice(), drivers);
    this.#unreached = chosen.kind === null ? chosen.why : null;
    if (this.#tunnel === null || this.#reach !== chosen.kind) {
      void this.close();
      if (chosen.kind !== null) {
        this.#reach = chosen.kind;
        this.#since = clock.now();
        log.info('tunnel_chosen', { workerId, kind: chosen.kind });
        this.#tunnel = drivers[chosen.kind].open(address, (state) => this.#changed(state));
      }
    }
    return before.reach !== this.#reach || before.unreached !== this.#unreached;
  }

  /** Why a worker that answers can still not be given work. */
  detail(): string | null {
    if (this.#tunnel === null) return this.#unreached;
    return this.#tunnel.state === 'open' ? null : (this.#tunnel.detail ?? say('tunnel_opening'));
  }

  /** Bytes of a recording left for the worker. */
  sent(bytes: number): void {
    this.#sent.add(bytes);
  }

  view(): WorkerView['tunnel'] {
    return {
      kind: this.#reach === 'none' ? null : this.#reach,
      state: this.#tunnel?.state ?? 'closed',
      since: this.#since,
      address: this.#reach === 'worker' ? null : this.baseUrl,
      bytesSent: this.#sent.total,
      bytesPerSecond: this.#sent.perSecond(),
    };
  }

  /** Resolves when it is closed; there is none at once. */
  async close(): Promise<void> {
    const tunnel = this.#tunnel;
    this.#tunnel = null;
    this.#reach = 'none';
    await tunnel?.close();
  }

  #changed(state: TunnelState): void {
    const { workerId, clock, log, onChange } = this.#options;
    this.#since = clock.now();
    log.info('tunnel_state', { workerId, state });
    onChange(state);
  }
}
