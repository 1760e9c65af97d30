// Owns the real clock and the real chance.

import { randomBytes, randomInt } from 'node:crypto';
import type { Chance, Clock } from '../controller/ports.ts';

/** The longest delay that a timer of Node takes; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** `after` counts by the monotonic clock: a jump of the wall clock neither fires nor delays anything. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** Crockford's alphabet in small letters: no letter is taken for another. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

export const SYSTEM_CHANCE: Chance = {
  fraction: () => randomInt(2 ** 32) / 2 ** 32,
  // 20 characters of 5 bits: 100 bits.
  id: (prefix) => `${prefix}_${[...randomBytes(20)].map((byte) => ALPHABET[byte % 32]).join('')}`,
};
