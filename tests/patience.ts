// Owns how long the tests wait for a condition: until it holds, on whatever machine, and not for ever.

/** Milliseconds. No test may depend on it: it is only how a failure ends. */
export const PATIENCE_MS = 120_000;
/** Milliseconds in which a queue is done, or a job where it is to be: within the limit of one test (vite.config.ts). */
export const QUEUE_MS = 240_000;
