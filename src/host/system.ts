// Owns the real clock and the real chance.

import { randomFillSync, randomInt } from 'node:crypto';
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
/** Of an id, 5 bits each: 100 bits. */
const ID_LETTERS = 20;

/** Random bytes drawn ahead, for a hundred ids at a time: ten thousand recordings that come at once need as many. Each is used once. */
const drawn = Buffer.alloc(100 * ID_LETTERS);
let left = 0;

export const SYSTEM_CHANCE: Chance = {
  fraction: () => randomInt(2 ** 32) / 2 ** 32,
  id(prefix) {
    if (left === 0) left = randomFillSync(drawn).length;
    let id = `${prefix}_`;
    for (const end = left - ID_LETTERS; left > end; left -= 1) id += ALPHABET[(drawn[left - 1] ?? 0) % 32];
    return id;
  },
};
