// Owns the shape of `<data-dir>/engine.json`, by which a command finds the engine that already runs in that data directory.

import * as z from 'zod';

/** Written after the engine listens, removed when it closes. `startedAt` in milliseconds since 1970. */
export const engineFileSchema = z.object({
  pid: z.number().int().positive(),
  port: z.number().int().min(1).max(65_535),
  version: z.string(),
  startedAt: z.number().int().nonnegative(),
});
export type EngineFile = z.infer<typeof engineFileSchema>;
