// Owns what passes through a MessagePort between the engine's process and whoever uses it: the two verbs, as functions on either end.

import * as z from 'zod';

/**
 * What the engine answers. Resolves with the call's result, or with `{error, code}` (`apiErrorSchema`): an Error loses its code when
 * it is cloned, so refusals are values.
 */
export interface EngineFunctions {
  call(name: string, params: unknown): Promise<unknown>;
}

/** What the engine calls: every event, beginning with `ready`. */
export interface ListenerFunctions {
  event(event: unknown): void;
}

/**
 * The frames that birpc exchanges, as far as they must be what they claim before it sees them: it would fall over others.
 * A request (`q`) names a function and its arguments, an answer (`s`) the request.
 */
export const portFrameSchema = z.union([
  z.object({
    t: z.literal('q'),
    m: z.string().max(100),
    a: z.array(z.unknown()).max(4),
    i: z.string().max(100).optional(),
  }),
  z.object({ t: z.literal('s'), i: z.string().max(100), r: z.unknown().optional(), e: z.unknown().optional() }),
]);
