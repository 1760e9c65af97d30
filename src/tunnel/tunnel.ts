// Owns the tunnel to one worker: dials the control socket, keeps the session's data sockets, starts over with patience when the line
// is cut, and waits long where the worker said no. HTTP is served through it by a server that listens nowhere.
//
// closed      not dialled: the token was refused, and only a person can end that; or another controller is served, and it is tried again after a minute.
// connecting  being dialled, or waiting to be dialled again after a cut.
// open        both have said hello; data sockets are kept.

import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { WebSocket } from 'ws';
import { say } from '../contract/sentences.ts';
import { TUNNEL_BASE_URL, TUNNEL_CLOSE, TUNNEL_MESSAGE_BYTES } from '../contract/tunnel-wire.ts';
import type { Chance, Clock, Log, Tunnel, TunnelState, WorkerAddress } from '../controller/ports.ts';
import { redialDelay } from './backoff.ts';
import { converse } from './control-socket.ts';
import { DataSockets } from './data-sockets.ts';
import { TunnelDuplex } from './duplex.ts';
import { Line } from './pace.ts';
import type { Dialling, DialOptions } from './websocket.ts';
import { dial } from './websocket.ts';

export interface TunnelDialer {
  /** Tells this install from others at the worker; the same over restarts. */
  readonly controllerId: string;
  /** What answers inside the tunnel (file-routes.ts). */
  readonly listener: RequestListener;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** Default `bulk-transcribe`. */
  readonly userAgent?: string | undefined;
  /** Default true (websocket.ts says why). */
  readonly zeroMask?: boolean | undefined;
}

const MAX_HEAD_BYTES = 8 * 1024;
const MAX_CONTROL_BYTES = 64 * 1024;
/** Room for a peer that frames its messages a little larger than agreed. */
const MAX_DATA_BYTES = 4 * TUNNEL_MESSAGE_BYTES;
/** While another controller is served. */
const TAKEN_MS = 60_000;
/** A session that lasted so long shows that the worker is well: the next cut is dialled again soon. */
const WELL_MS = 10_000;
/** How long the worker may take to answer our goodbye. */
const GOODBYE_MS = 1_000;

export interface WorkerTunnel extends Tunnel {
  /** Bytes that TCP took from us in the tunnel's life: recordings, and the few bytes of HTTP around them. */
  readonly bytesSent: number;
}

/** Makes the `open` of the driver `worker`. All tunnels share one HTTP server. */
export function createTunnelDialer(
  dialer: TunnelDialer,
): (address: WorkerAddress, onChange: (state: TunnelState) => void) => WorkerTunnel {
  const server = createServer({ maxHeaderSize: MAX_HEAD_BYTES, keepAliveTimeout: 0 });
  server.on('request', (request, response) => {
    const connection: unknown = request.socket;
    if (connection instanceof TunnelDuplex) connection.carries(response);
    dialer.listener(request, response);
  });
  return (address, onChange) => {
    const tunnel = new DialledTunnel(dialer, server, address, onChange);
    tunnel.dial();
    return tunnel;
  };
}

class DialledTunnel implements WorkerTunnel {
  readonly baseUrl = TUNNEL_BASE_URL;
  readonly #dialer: TunnelDialer;
  readonly #server: Server;
  readonly #address: WorkerAddress;
  readonly #onChange: (state: TunnelState) => void;
  #state: TunnelState = 'closed';
  #detail: string | null = null;
  #refused = false;
  #bytesSent = 0;
  #failures = 0;
  #ended = false;
  #dialling: Dialling | null = null;
  #control: WebSocket | null = null;
  #data: DataSockets | null = null;
  #line = new Line();
  #cancelRedial = (): void => undefined;

  constructor(dialer: TunnelDialer, server: Server, address: WorkerAddress, onChange: (state: TunnelState) => void) {
    this.#dialer = dialer;
    this.#server = server;
    this.#address = address;
    this.#onChange = onChange;
  }

  get state(): TunnelState {
    return this.#state;
  }

  get detail(): string | null {
    return this.#detail;
  }

  get refused(): boolean {
    return this.#refused;
  }

  get bytesSent(): number {
    return this.#bytesSent;
  }

  dial(): void {
    if (this.#ended) return;
    this.#become('connecting');
    void this.#connect();
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelRedial();
    this.#dialling?.abort();
    this.#data?.close();
    await this.#sayGoodbye();
    this.#become('closed');
  }

  async #connect(): Promise<void> {
    const { controllerId, chance, clock } = this.#dialer;
    const session = chance.id('session');
    const query = { channel: 'control', controller: controllerId, session };
    this.#dialling = dial(this.#address, query, this.#dialOptions(MAX_CONTROL_BYTES));
    const dialled = await this.#dialling.result;
    if (this.#ended) {
      this.#dialling.abort();
      return;
    }
    this.#dialling = null;
    if (dialled.kind === 'refused') {
      this.#dialer.log.warn('tunnel_refused', { status: dialled.status });
      if (dialled.status === 401 || dialled.status === 403) this.#refuse();
      else this.#redial();
    } else if (dialled.kind === 'failed') {
      this.#dialer.log.warn('tunnel_dial_failed', { reason: dialled.reason });
      this.#redial();
    } else {
      const { socket } = dialled;
      let openedAt: number | null = null;
      this.#control = socket;
      converse(socket, { type: 'hello', controller: controllerId, session }, clock, {
        opened: ({ dataSockets, bootId }) => {
          openedAt = clock.now();
          this.#dialer.log.info('tunnel_open', { bootId, dataSockets });
          this.#data = this.#dataSockets(session, socket);
          this.#data.want(dataSockets);
          this.#detail = null;
          this.#become('open');
        },
        wished: (dataSockets) => this.#data?.want(dataSockets),
        closed: (code) => this.#cut(code, openedAt !== null && clock.now() - openedAt >= WELL_MS),
      });
    }
  }

  #dataSockets(session: string, control: WebSocket): DataSockets {
    const { clock, chance, log } = this.#dialer;
    this.#line = new Line(this.#line);
    return new DataSockets({
      line: this.#line,
      dial: () => dial(this.#address, { channel: 'data', session }, this.#dialOptions(MAX_DATA_BYTES)),
      server: this.#server,
      clock,
      chance,
      log,
      onSent: (bytes) => {
        this.#bytesSent += bytes;
      },
      onSessionUnknown: () => control.terminate(),
    });
  }

  #dialOptions(maxMessageBytes: number): DialOptions {
    const { userAgent = 'bulk-transcribe', zeroMask = true } = this.#dialer;
    return { userAgent, zeroMask, maxMessageBytes };
  }

  #cut(code: number, wasWell: boolean): void {
    this.#control = null;
    this.#data?.close();
    this.#data = null;
    if (this.#ended) return;
    this.#dialer.log.warn('tunnel_cut', { code });
    if (code === TUNNEL_CLOSE.otherController) {
      this.#rest(say('tunnel_taken'));
      return;
    }
    if (wasWell) this.#failures = 0;
    this.#redial();
  }

  #redial(): void {
    this.#failures += 1;
    this.#become('connecting');
    this.#later(redialDelay(this.#failures, this.#dialer.chance.fraction()));
  }

  #refuse(): void {
    this.#refused = true;
    this.#detail = say('tunnel_token');
    this.#become('closed');
  }

  #rest(detail: string): void {
    this.#failures = 0;
    this.#detail = detail;
    this.#become('closed');
    this.#later(TAKEN_MS);
  }

  #later(delayMs: number): void {
    this.#cancelRedial = this.#dialer.clock.after(delayMs, () => this.dial());
  }

  /** Ends the control socket in words, so that the worker knows at once; a worker that does not answer is cut. */
  async #sayGoodbye(): Promise<void> {
    const control = this.#control;
    if (control === null || control.readyState === control.CLOSED) return;
    await new Promise<void>((resolve) => {
      const giveUp = this.#dialer.clock.after(GOODBYE_MS, () => control.terminate());
      control.once('close', () => {
        giveUp();
        resolve();
      });
      control.close(1000);
    });
  }

  #become(state: TunnelState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#onChange(state);
  }
}
