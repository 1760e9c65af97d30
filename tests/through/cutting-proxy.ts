// Owns a TCP proxy that cuts: it passes bytes on between app and worker until so many have gone to the worker, then ends every connection.

import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';

export interface CuttingProxy {
  readonly url: string;
  /** How many times everything was cut so far. */
  readonly cuts: number;
  /** Bytes that went from the app to the worker. */
  readonly bytesToWorker: number;
  close(): Promise<void>;
}

/**
 * @param port of the worker on 127.0.0.1
 * @param cutAt bytes towards the worker, counted from the beginning, at which all connections are cut, in rising order
 * @param settled is awaited before a cut, with nothing passed on meanwhile: `bytes` have gone to the worker, `cuts` came before
 */
export async function startCuttingProxy(
  port: number,
  cutAt: readonly number[],
  settled: (bytes: number, cuts: number) => Promise<unknown>,
): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  const ahead = [...cutAt];
  let cuts = 0;
  let bytes = 0;
  const server = createServer((fromApp) => {
    const toWorker = dial({ host: '127.0.0.1', port });
    for (const [socket, other] of [
      [fromApp, toWorker],
      [toWorker, fromApp],
    ] as const) {
      open.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
    toWorker.pipe(fromApp);
    fromApp.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (!toWorker.write(chunk)) {
        fromApp.pause();
        toWorker.once('drain', () => fromApp.resume());
      }
      const next = ahead[0];
      if (next === undefined || bytes < next) return;
      ahead.shift();
      fromApp.pause();
      void settled(bytes, cuts).finally(() => {
        cuts += 1;
        for (const socket of open) socket.destroy();
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    get cuts() {
      return cuts;
    },
    get bytesToWorker() {
      return bytes;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
