// Owns how long is waited before a socket is dialled, or a program started, again.

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/**
 * Milliseconds before the next try after `failures` failures in a row (from 1): somewhere between 0.5 s and a bound that doubles from
 * 1 s to `longestMs`, so that many sockets do not return at once. `chance` in [0, 1).
 */
export function redialDelay(failures: number, chance: number, longestMs = LONGEST_MS): number {
  const bound = Math.min(longestMs, 2 * FIRST_MS * 2 ** Math.min(failures - 1, 10));
  return Math.round(FIRST_MS + chance * (bound - FIRST_MS));
}
