// Owns a TCP proxy that does what bad lines do, between app and worker: it delays, slows, stalls, cuts, flips a byte, swallows, or
// answers in the worker's place. What happens to each connection is drawn by the caller's plan, so that a seed tells the whole story.

import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';

/** `up` is from the app to the worker. Offsets are bytes of one connection in one direction. */
export type Fault =
  | { readonly kind: 'pass' }
  | { readonly kind: 'cut'; readonly direction: 'up' | 'down'; readonly at: number }
  /** The line is cut so many bytes later: a connection is struck once, and one that lived for ever would be the last. */
  | { readonly kind: 'flip'; readonly direction: 'up' | 'down'; readonly at: number; readonly cutAfter: number }
  | { readonly kind: 'stall'; readonly direction: 'up' | 'down'; readonly at: number; readonly ms: number }
  | { readonly kind: 'slow'; readonly delayMs: number; readonly bytesPerSecond: number }
  /** Takes everything and says nothing. */
  | { readonly kind: 'hole' }
  | { readonly kind: 'answer'; readonly status: number; readonly contentType: string; readonly body: string };

/** What a connection is for, by its first bytes. */
export type Purpose = 'call' | 'control' | 'data';

export interface FaultProxy {
  readonly url: string;
  /** How often each kind really struck (a cut at a byte that never came does not count). */
  readonly struck: Readonly<Record<string, number>>;
  /** Ends all connections, as a router that starts anew. */
  cutAll(): void;
  close(): Promise<void>;
}

/** @param plan is asked once for each connection, with the first bytes that came over it. */
export async function startFaultProxy(
  port: number,
  plan: (purpose: Purpose, first: Buffer) => Fault,
): Promise<FaultProxy> {
  const open = new Set<Socket>();
  const struck: Record<string, number> = {};
  const strike = (kind: string) => {
    struck[kind] = (struck[kind] ?? 0) + 1;
  };
  const server = createServer((fromApp) => {
    keep(open, fromApp);
    fromApp.once('data', (first: Buffer) => {
      fromApp.pause();
      const fault = plan(purposeOf(first), first);
      if (fault.kind === 'hole') {
        strike('hole');
        fromApp.resume();
      } else if (fault.kind === 'answer') {
        strike(String(fault.status));
        const head = `HTTP/1.1 ${fault.status} From A Proxy\r\nContent-Type: ${fault.contentType}\r\n`;
        fromApp.end(
          `${head}Content-Length: ${Buffer.byteLength(fault.body)}\r\nConnection: close\r\n\r\n${fault.body}`,
        );
      } else {
        if (fault.kind === 'slow') strike('slow');
        const toWorker = dial({ host: '127.0.0.1', port });
        keep(open, toWorker);
        fromApp.once('close', () => toWorker.destroy());
        toWorker.once('close', () => fromApp.destroy());
        fromApp.unshift(first);
        carry(fromApp, toWorker, faultOf(fault, 'up'), strike);
        carry(toWorker, fromApp, faultOf(fault, 'down'), strike);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    struck,
    cutAll() {
      for (const socket of open) socket.destroy();
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

type LineFault = Exclude<Fault, { kind: 'hole' | 'answer' }>;

/** The fault as one direction sees it. */
function faultOf(fault: LineFault, direction: 'up' | 'down'): LineFault {
  return 'direction' in fault && fault.direction !== direction ? { kind: 'pass' } : fault;
}

/** Passes bytes on in order, each piece when the one before is through. */
function carry(from: Socket, to: Socket, fault: LineFault, strike: (kind: string) => void): void {
  let passed = 0;
  let stalled = false;
  const pass = async (chunk: Buffer): Promise<void> => {
    const at = 'at' in fault ? fault.at - passed : -1;
    const here = at >= 0 && at < chunk.length;
    passed += chunk.length;
    if (fault.kind === 'cut' && here) {
      strike('cut');
      to.write(chunk.subarray(0, at), () => {
        from.destroy();
        to.destroy();
      });
      return;
    }
    if (fault.kind === 'flip' && here) {
      strike('flip');
      chunk[at] = (chunk[at] ?? 0) ^ 0x10;
    }
    if (fault.kind === 'flip' && passed > fault.at + fault.cutAfter) {
      to.write(chunk, () => {
        from.destroy();
        to.destroy();
      });
      return;
    }
    if (fault.kind === 'stall' && here && !stalled) {
      stalled = true;
      strike('stall');
      await wait(fault.ms);
    }
    if (fault.kind === 'slow') await wait(fault.delayMs + (1000 * chunk.length) / fault.bytesPerSecond);
    if (to.destroyed || to.writableEnded) return;
    if (!to.write(chunk)) await Promise.race([once(to, 'drain'), once(to, 'close')]).catch(() => undefined);
  };
  from.on('data', (chunk: Buffer) => {
    from.pause();
    void pass(chunk).then(() => from.resume());
  });
  from.on('end', () => to.end());
  from.resume();
}

function purposeOf(first: Buffer): Purpose {
  const line = first.toString('latin1').split('\r\n', 1)[0] ?? '';
  if (line.includes('channel=control')) return 'control';
  return line.includes('channel=data') ? 'data' : 'call';
}

function keep(open: Set<Socket>, socket: Socket): void {
  open.add(socket);
  socket.on('error', () => undefined);
  socket.once('close', () => open.delete(socket));
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
