// Owns a worker's end of the tunnel, for tests: takes the controller's WebSockets and makes HTTP requests through them.

import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { TUNNEL_CLOSE, TUNNEL_HOST } from '../contract/tunnel-wire.ts';
import { TunnelDuplex } from './duplex.ts';

export interface StandInOptions {
  readonly token: string;
  readonly port?: number;
  readonly dataSockets?: number;
}

export interface StandInAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface StandInRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
}

/** Hands an idle data socket to each request, and waits for one where there is none. */
class PoolAgent extends Agent {
  readonly idle: TunnelDuplex[] = [];
  readonly #waiters: ((duplex: TunnelDuplex) => void)[] = [];

  offer(duplex: TunnelDuplex): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.idle.push(duplex);
    else waiter(duplex);
  }

  override createConnection(_options: unknown, done?: (error: Error | null, stream: Duplex) => void): undefined {
    const ready = this.idle.find((duplex) => !duplex.destroyed);
    if (ready === undefined) {
      this.#waiters.push((duplex) => done?.(null, duplex));
      return;
    }
    this.idle.splice(0, this.idle.indexOf(ready) + 1);
    done?.(null, ready);
  }

  override keepSocketAlive(): boolean {
    return true;
  }

  override reuseSocket(): void {
    // Nothing to wake: a data socket has no timers of TCP.
  }
}

export class WorkerStandIn {
  readonly agent = new PoolAgent({ keepAlive: true, maxSockets: 4 });
  readonly data = new Set<TunnelDuplex>();
  readonly #options: StandInOptions;
  readonly #http = createServer((_request, response) => response.end('{}'));
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 256 * 1024 });
  readonly #listeners = new Set<() => void>();
  control: WebSocket | null = null;
  session = '';
  controller = '';
  /** Everything that reached the worker before an upgrade, newest last. */
  readonly upgrades: { readonly url: string; readonly headers: IncomingMessage['headers'] }[] = [];
  controlsSeen = 0;
  /** True makes it take the control socket and never say hello. */
  mute = false;

  constructor(options: StandInOptions) {
    this.#options = options;
    this.#http.on('upgrade', (incoming, socket, head) => {
      this.upgrades.push({ url: incoming.url ?? '', headers: incoming.headers });
      const authorization = incoming.headers.authorization;
      if (authorization !== `Bearer ${options.token}`) {
        socket.end(`HTTP/1.1 ${authorization === undefined ? 401 : 403} Refused\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      const query = new URL(incoming.url ?? '', 'http://worker').searchParams;
      this.#sockets.handleUpgrade(incoming, socket, head, (webSocket) => this.#take(webSocket, query));
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#http.listen(this.#options.port ?? 0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  #take(socket: WebSocket, query: URLSearchParams): void {
    if (query.get('channel') === 'control') {
      const controller = query.get('controller') ?? '';
      if (this.control !== null && controller !== this.controller) {
        socket.close(TUNNEL_CLOSE.otherController);
        return;
      }
      this.control?.close(1000);
      for (const duplex of this.data) duplex.destroy();
      this.control = socket;
      this.controller = controller;
      this.session = query.get('session') ?? '';
      this.controlsSeen += 1;
      socket.once('message', () => {
        if (this.mute) return;
        const { dataSockets = 2 } = this.#options;
        this.say({ type: 'hello', protocol: 2, bootId: 'boot', instanceId: 'instance', dataSockets });
      });
      socket.on('close', () => {
        if (this.control === socket) this.control = null;
        this.#changed();
      });
    } else if (query.get('session') !== this.session || this.control === null)
      socket.close(TUNNEL_CLOSE.sessionUnknown);
    else {
      const duplex = new TunnelDuplex(socket);
      // Node's client leaves a listener behind for every request on a connection of the agent's.
      duplex.setMaxListeners(0).on('error', () => undefined);
      this.data.add(duplex);
      duplex.once('close', () => {
        this.data.delete(duplex);
        this.#changed();
      });
      this.agent.offer(duplex);
    }
    this.#changed();
  }

  say(message: unknown): void {
    this.control?.send(JSON.stringify(message));
  }

  /** Resolves as soon as `holds` is true; it is asked again after every socket that comes or goes. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        const once = () => {
          this.#listeners.delete(once);
          resolve();
        };
        this.#listeners.add(once);
      });
    }
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** Begins a request through the tunnel; the caller reads the answer. */
  begin(url: string, { method = 'GET', headers = {} }: StandInRequest = {}): ClientRequest {
    const { pathname, search, hostname } = new URL(url);
    return request({
      agent: this.agent,
      method,
      path: `${pathname}${search}`,
      headers: { Host: hostname === '' ? TUNNEL_HOST : hostname, ...headers },
    });
  }

  /** A whole request through the tunnel. Rejects when it is cut. */
  fetch(url: string, options: StandInRequest = {}): Promise<StandInAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = this.begin(url, options);
      outgoing.once('error', reject);
      outgoing.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      });
      outgoing.end(options.body);
    });
  }

  async close(): Promise<void> {
    for (const client of this.#sockets.clients) client.terminate();
    this.agent.destroy();
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
      this.#http.closeAllConnections();
    });
  }
}
