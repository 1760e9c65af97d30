// Owns when a worker is asked next how it is.

import type { WorkerHealth } from '../contract/worker-view.ts';

/** Milliseconds between pings of a worker that answers. */
const ANSWERING_MS = 5_000;
/** Milliseconds to wait after so many unanswered pings in a row; the last one repeats. */
const SILENT_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000] as const;
/** The same for one that has just started and still tries what it can do: a job may wait for just that. */
const TRYING_MS = 1_000;
/** One that refused the token is left alone: asking more often would not make it another. */
const REFUSING_MS = 60_000;

/**
 * Milliseconds until the next ping.
 * @param missed pings in a row that were not answered well
 * @param chance in [0, 1): many controllers do not come back at the same moment
 * @param trying whether it still tries what it can do
 */
export function untilNextPing(health: WorkerHealth, missed: number, chance: number, trying: boolean): number {
  if (health === 'unauthorized') return REFUSING_MS;
  if (health !== 'unreachable') return trying ? TRYING_MS : ANSWERING_MS;
  return (SILENT_MS[missed - 1] ?? SILENT_MS[SILENT_MS.length - 1] ?? ANSWERING_MS) * (0.75 + 0.5 * chance);
}
