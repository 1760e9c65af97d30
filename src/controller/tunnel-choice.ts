// Owns which way a worker reaches recordings: what is set for it, else the first that it and this computer both have. Pure.

import { say } from '../contract/sentences.ts';
import type { TunnelChoice, TunnelKind } from '../contract/tunnel-wire.ts';
import type { Ping } from '../contract/worker-wire.ts';
import type { TunnelDrivers } from './ports.ts';

/** `kind` null: there is none, and `why` says so in a sentence that names what to do. */
export type ChosenTunnel =
  | { readonly kind: TunnelKind }
  | {
      readonly kind: null;
      readonly why: string;
    };

/**
 * True for a worker of part 1 alone (docs/protocol.md): it sends forms when all is done, takes no newer links, and keeps to none of the limits
 * that it advertises.
 */
export function isDeployedBuild(ping: Pick<Ping, 'features'>): boolean {
  return !ping.features.includes('tunnel') && !ping.features.includes('delivery');
}

/** The way for the worker that answered `ping`. */
export function chooseTunnel(
  ping: Pick<Ping, 'features'>,
  choice: TunnelChoice,
  drivers: Readonly<Record<TunnelKind, Pick<TunnelDrivers['worker'], 'missing'>>>,
): ChosenTunnel {
  const has = (kind: TunnelKind): boolean =>
    (kind !== 'worker' || ping.features.includes('tunnel')) && drivers[kind].missing() === null;
  if (choice !== 'auto') return has(choice) ? { kind: choice } : { kind: null, why: whyNot(choice, drivers) };
  const kind = (['worker', 'address', 'cloudflared'] as const).find(has);
  if (kind !== undefined) return { kind };
  return {
    kind: null,
    why: say('tunnel_older'),
  };
}

function whyNot(
  kind: TunnelKind,
  drivers: Readonly<Record<TunnelKind, Pick<TunnelDrivers['worker'], 'missing'>>>,
): string {
  return drivers[kind].missing() ?? say('tunnel_older_chosen');
}
