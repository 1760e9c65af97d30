// Owns the worker-facing listener behind a public address: the three routes over plain HTTP on loopback. A reverse proxy or port forward of
// the user's own, or cloudflared, carries the address to it; nothing else is served here.

import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import type { FileRoutes } from './file-routes.ts';
import { createFileRoutes } from './file-routes.ts';

export interface AddressListenerOptions extends Pick<FileRoutes, 'verify' | 'facing' | 'clock' | 'log'> {
  /** Values of `Host` that are served beside its own on loopback: those of the public address. Asked at each request. */
  readonly hosts: () => readonly string[];
  /** On 127.0.0.1; 0 takes any free one. */
  readonly port: number;
}

export interface AddressListener {
  readonly port: number;
  /** Cuts what is under way and resolves when nothing listens any more. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** Against those who only hold connections open (reference/faults.md, A5). */
const MAX_HEAD_BYTES = 8 * 1024;
const HEAD_MS = 10_000;
const IDLE_MS = 30_000;
const MAX_SOCKETS = 64;
/** How often Node looks for heads that do not end. */
const LOOK_MS = 2_000;

/** @throws AppError CONFLICT when the port is taken */
export async function listenAtAddress(options: AddressListenerOptions): Promise<AddressListener> {
  const server = createServer({
    maxHeaderSize: MAX_HEAD_BYTES,
    headersTimeout: HEAD_MS,
    // Recordings and uploads take as long as they take; a silent socket is cut by `IDLE_MS`.
    requestTimeout: 0,
    keepAliveTimeout: IDLE_MS,
    connectionsCheckingInterval: LOOK_MS,
  });
  server.maxConnections = MAX_SOCKETS;
  server.setTimeout(IDLE_MS, (socket) => socket.destroy());
  const port = await listening(server, options.port);
  const { hosts: outer, ...routes } = options;
  const hosts = () => [...outer(), `${HOST}:${port}`];
  server.on('request', createFileRoutes({ ...routes, hosts, withoutLinks: true }));
  // Nothing here is switched to or tunnelled through.
  server.on('upgrade', (_request, socket) => socket.destroy());
  server.on('connect', (_request, socket) => socket.destroy());
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: Error & { code?: string }) => {
      const taken = cause.code === 'EADDRINUSE' || cause.code === 'EACCES';
      const message = say('port_taken', { port });
      reject(new AppError(taken ? 'CONFLICT' : 'INTERNAL', message, { cause }));
    });
    server.listen({ port, host: HOST, exclusive: true }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
