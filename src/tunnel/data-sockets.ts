// Owns the data sockets of one session: keeps as many dialled as the worker wishes, hands each to the HTTP server, and replaces each
// that ends. They live and die with the session; a new control socket gets a new set.

import type { Server } from 'node:http';
import type { WebSocket } from 'ws';
import { MAX_DATA_SOCKETS, TUNNEL_CLOSE } from '../contract/tunnel-wire.ts';
import type { Chance, Clock, Log } from '../controller/ports.ts';
import { redialDelay } from './backoff.ts';
import { type Traffic, TunnelDuplex } from './duplex.ts';
import { keepAlive } from './heartbeat.ts';
import { type Line, Pace } from './pace.ts';
import type { Dialling } from './websocket.ts';

export interface DataSocketsOptions {
  readonly dial: () => Dialling;
  readonly server: Server;
  readonly line: Line;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** Bytes that TCP took from us, HTTP around the recording included. */
  readonly onSent: (bytes: number) => void;
  /** The worker knows our session no more: the control socket is stale. */
  readonly onSessionUnknown: () => void;
}

/** A request's head must be whole so long after its first byte. An idle connection waits as long as it likes. */
const HEAD_MS = 10_000;
/**
 * A data socket that is full of bytes on a slow line answers late, and the control socket notices a dead line first. This one is only
 * for a proxy that forgot a single connection.
 */
const SILENT_PINGS = 6;
/** What `ws` gives as the close code of a socket that simply died. */
const CLOSED_WITHOUT_A_WORD = 1006;
/** A socket that ends in words so early, without a request, was no use: the next one waits. */
const USEFUL_MS = 1_000;
/** One that lasted so long shows that dialling works. */
const WELL_MS = 10_000;

export class DataSockets {
  readonly #options: DataSocketsOptions;
  readonly #open = new Set<TunnelDuplex>();
  /** Of those, the ones that carry a request now. */
  readonly #busy = new Set<TunnelDuplex>();
  readonly #dialling = new Set<Dialling>();
  readonly #waiting = new Set<() => void>();
  #wanted = 0;
  #failures = 0;
  #closed = false;

  constructor(options: DataSocketsOptions) {
    this.#options = options;
  }

  /**
   * How many are to lie idle, 1 to 4; with those at work there are never more than 4. Sockets beyond are not cut, since the worker may
   * just be taking them, only not replaced.
   */
  want(count: number): void {
    this.#wanted = Math.min(Math.max(count, 1), MAX_DATA_SOCKETS);
    this.#fill();
  }

  /** Cuts all of them and dials no more. */
  close(): void {
    if (!this.#closed && this.#busy.size > 0) this.#options.line.cut();
    this.#closed = true;
    for (const cancel of this.#waiting) cancel();
    this.#waiting.clear();
    for (const dialling of this.#dialling) dialling.abort();
    for (const duplex of this.#open) duplex.destroy();
  }

  #fill(): void {
    while (!this.#closed && this.#lacks()) {
      const dialling = this.#options.dial();
      this.#dialling.add(dialling);
      void this.#join(dialling);
    }
  }

  #lacks(): boolean {
    const total = this.#open.size + this.#dialling.size + this.#waiting.size;
    return total < MAX_DATA_SOCKETS && total - this.#busy.size < this.#wanted;
  }

  async #join(dialling: Dialling): Promise<void> {
    const dialled = await dialling.result;
    this.#dialling.delete(dialling);
    if (this.#closed) {
      dialling.abort();
      return;
    }
    if (dialled.kind !== 'open') {
      const why = dialled.kind === 'refused' ? `HTTP ${dialled.status}` : dialled.reason;
      this.#options.log.warn('tunnel_data_failed', { reason: why });
      this.#failed();
      return;
    }
    this.#serve(dialled.socket);
  }

  #serve(socket: WebSocket): void {
    const { clock, server, onSent, onSessionUnknown } = this.#options;
    const openedAt = clock.now();
    const alive = keepAlive(socket, clock, SILENT_PINGS);
    let used = false;
    let stopHeadWatch: (() => void) | null = null;
    const headEnds = () => {
      stopHeadWatch?.();
      stopHeadWatch = null;
    };
    const traffic: Traffic = {
      received: () => {
        if (!this.#busy.has(duplex)) stopHeadWatch ??= clock.after(HEAD_MS, () => duplex.destroy());
      },
      sent: (bytes) => {
        alive();
        onSent(bytes);
      },
      requestBegan: () => {
        headEnds();
        used = true;
        this.#failures = 0;
        this.#busy.add(duplex);
        this.#fill();
      },
      requestEnded: () => this.#busy.delete(duplex),
    };
    const duplex: TunnelDuplex = new TunnelDuplex(socket, traffic, new Pace(this.#options.line));
    this.#open.add(duplex);
    socket.once('close', (code) => {
      headEnds();
      this.#open.delete(duplex);
      if (this.#busy.delete(duplex) && code === CLOSED_WITHOUT_A_WORD && !this.#closed) this.#options.line.cut();
      if (this.#closed) return;
      if (code === TUNNEL_CLOSE.sessionUnknown) onSessionUnknown();
      const lastedMs = clock.now() - openedAt;
      if (lastedMs >= WELL_MS) this.#failures = 0;
      if (used || (code === 1000 && lastedMs >= USEFUL_MS)) this.#fill();
      else this.#failed();
    });
    server.emit('connection', duplex);
  }

  #failed(): void {
    if (this.#closed) return;
    this.#failures += 1;
    const { clock, chance } = this.#options;
    const cancel = clock.after(redialDelay(this.#failures, chance.fraction()), () => {
      this.#waiting.delete(cancel);
      this.#fill();
    });
    this.#waiting.add(cancel);
  }
}
