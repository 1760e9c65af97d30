// Owns which tunnels this computer has: joins the drivers with the routes that all of them lead to.

import { join } from 'node:path';
import type { Chance, Clock, Log, TunnelDrivers, WorkerFacing } from '../controller/ports.ts';
import type { FixedAddress, Listen } from '../tunnel/address-driver.ts';
import { AddressDriver } from '../tunnel/address-driver.ts';
import { listenAtAddress } from '../tunnel/address-listener.ts';
import { CloudflaredDriver } from '../tunnel/cloudflared-driver.ts';
import type { NamedTunnel } from '../tunnel/cloudflared-program.ts';
import { createFileRoutes } from '../tunnel/file-routes.ts';
import type { VerifyLink } from '../tunnel/signed-link.ts';
import { createTunnelDialer } from '../tunnel/tunnel.ts';
import type { Environment } from './settings-source.ts';

export interface TunnelParts {
  readonly facing: WorkerFacing;
  readonly verify: VerifyLink;
  readonly installId: string;
  readonly dataDir: string;
  readonly env: Environment;
  readonly address: FixedAddress | null;
  readonly named: NamedTunnel | null;
  /** Port of 127.0.0.1 to which a named tunnel leads. */
  readonly port: number;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
}

export interface Tunnels {
  readonly drivers: TunnelDrivers;
  /** Opens what must listen from the beginning. @throws AppError CONFLICT when its port is taken */
  start(): Promise<void>;
  /** Listens no more, and ends what was started. */
  close(): Promise<void>;
}

export function makeTunnels(parts: TunnelParts): Tunnels {
  const { facing, verify, clock, chance, log, env, named, port } = parts;
  const listen: Listen = (hosts, at) => listenAtAddress({ hosts, port: at, verify, facing, clock, log });
  const address = new AddressDriver(parts.address, listen);
  const pidFile = join(parts.dataDir, 'cloudflared.pid');
  const cloudflared = new CloudflaredDriver({ listen, env, named, port, pidFile, clock, chance, log });
  const open = createTunnelDialer({
    controllerId: parts.installId,
    listener: createFileRoutes({ verify, facing, clock, log }),
    clock,
    chance,
    log,
  });
  return {
    drivers: { worker: { missing: () => null, open }, address, cloudflared },
    start: () => address.start(),
    async close() {
      await address.close();
      await cloudflared.close();
    },
  };
}
