// Owns time as an argument, as main needs it.

export interface Clock {
  /** Milliseconds of a clock that never jumps. */
  now(): number;
  /** Calls `run` once after `delayMs`; the result cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
