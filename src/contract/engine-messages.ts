// Owns what Electron's main process and the engine's process tell each other beside the ports: start, secrets, stop. Both parse.

import * as z from 'zod';
import { errorReportSchema } from './errors.ts';

/** Main to engine. */
export const toEngineSchema = z.discriminatedUnion('type', [
  /** First. `resourcesDir` is where a packaged app keeps what is not code; null in a checkout. */
  z.object({
    type: z.literal('start'),
    resourcesDir: z.string().nullable(),
    secrets: z.record(z.string(), z.string()),
  }),
  /** Brings one MessagePort, on which the engine is to serve. Only after `started`. */
  z.object({ type: z.literal('connect') }),
  /** Stop in order and exit. */
  z.object({ type: z.literal('close') }),
]);
export type ToEngine = z.infer<typeof toEngineSchema>;

/** Engine to main. */
export const fromEngineSchema = z.discriminatedUnion('type', [
  /** `port`: where its local API listens on 127.0.0.1. `logDir`: the folder that it writes its log into. */
  z.object({
    type: z.literal('started'),
    port: z.number().int().min(1).max(65_535),
    logDir: z.string().max(32_768),
  }),
  /** It could not start and will exit; starting it again changes nothing. */
  z.object({ type: z.literal('failed'), error: errorReportSchema }),
  /** A secret that is to be kept, or with null forgotten. */
  z.object({ type: z.literal('secret'), name: z.string().min(1).max(200), value: z.string().max(100_000).nullable() }),
]);
export type FromEngine = z.infer<typeof fromEngineSchema>;
