import type { IncomingMessage } from 'node:http';
import { expect } from 'vitest';
import type { Chance } from '../controller/ports.ts';
import { tunnelDriverCases } from './driver.cases.ts';
import { HastyClock, LogStandIn, WORKER_TOKEN } from './engine-stand-in.ts';
import { createFileRoutes } from './file-routes.ts';
import { createTunnelDialer } from './tunnel.ts';
import { WorkerStandIn } from './worker-stand-in.ts';

let ids = 0;
const chance: Chance = { fraction: () => 0.5, id: (prefix) => `${prefix}_${ids++}` };

tunnelDriverCases('worker', async (engine) => {
  const far = new WorkerStandIn({ token: WORKER_TOKEN });
  const url = await far.listen();
  const clock = new HastyClock((delayMs) => (delayMs >= 400 && delayMs < 10_000 ? 5 : delayMs));
  const log = new LogStandIn();
  const listener = createFileRoutes({ verify: engine.verify, facing: engine, clock, log });
  const dial = createTunnelDialer({ controllerId: 'controller-1', listener, clock, chance, log });
  const open: ReturnType<typeof dial>[] = [];
  return {
    driver: {
      missing: () => null,
      open: (address, onChange) => {
        const tunnel = dial(address, onChange);
        open.push(tunnel);
        return tunnel;
      },
    },
    log,
    worker: { url, token: WORKER_TOKEN },
    fetch: (link, request) => far.fetch(link, request),
    begin: (link, headers) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        far.begin(link, { headers }).once('response', resolve).once('error', reject).end();
      }),
    breakLine: () => far.control?.terminate(),
    async close() {
      for (const tunnel of open) await tunnel.close();
      await far.close();
      expect(clock.pending.size).toBe(0);
    },
  };
});
