// Owns the words on the tunnel's control socket and the constants both ends hold to (docs/protocol.md, "Tunnel").

import * as z from 'zod';

/**
 * The ways in which a worker gets at recordings. `worker`: its own WebSocket tunnel, which this computer dials. `address`: a public address
 * of this computer. `cloudflared`: the tunnel of Cloudflare's program, where it is installed.
 */
export const TUNNEL_KINDS = ['worker', 'address', 'cloudflared'] as const;
export const tunnelKindSchema = z.enum(TUNNEL_KINDS);
export type TunnelKind = z.infer<typeof tunnelKindSchema>;

/** `auto`: the worker's own where it has one, else the address, else cloudflared. */
export const TUNNEL_CHOICES = ['auto', ...TUNNEL_KINDS] as const;
export const tunnelChoiceSchema = z.enum(TUNNEL_CHOICES);
export type TunnelChoice = z.infer<typeof tunnelChoiceSchema>;

/** Host name under which the worker reaches the controller through the tunnel; it exists in no DNS. */
export const TUNNEL_HOST = 'controller.tunnel';
export const TUNNEL_BASE_URL = `http://${TUNNEL_HOST}`;

/** WebSocket close codes of the tunnel. */
export const TUNNEL_CLOSE = { sessionUnknown: 4404, otherController: 4409 } as const;

/** Bytes: the largest binary message on a data socket. */
export const TUNNEL_MESSAGE_BYTES = 256 * 1024;
export const MAX_DATA_SOCKETS = 4;

/** First message, from the controller. */
export interface ControllerHello {
  readonly type: 'hello';
  readonly controller: string;
  readonly session: string;
}

/** What the worker says on the control socket. Anything else is ignored by the reader. */
export const workerControlSchema = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('hello'),
    protocol: z.number().int(),
    bootId: z.string(),
    instanceId: z.string(),
    dataSockets: z.number().int().min(1).max(MAX_DATA_SOCKETS),
  }),
  z.looseObject({ type: z.literal('need'), dataSockets: z.number().int().min(1).max(MAX_DATA_SOCKETS) }),
]);
export type WorkerControl = z.infer<typeof workerControlSchema>;
