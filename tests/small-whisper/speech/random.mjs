// Owns chance: a seeded generator, so that a seed names one recording for ever.

/**
 * @typedef {object} Chance
 * @property {() => number} unit a number in [0, 1)
 * @property {(low: number, high: number) => number} between a number in [low, high)
 * @property {<T>(choices: readonly T[]) => T} pick one of the choices, each equally likely
 */

/**
 * mulberry32: 32 bits of state are plenty for choosing sentences and pauses.
 * @param {number} seed
 * @returns {Chance}
 */
export function chanceFrom(seed) {
  let state = seed >>> 0;
  const unit = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    unit,
    between: (low, high) => low + (high - low) * unit(),
    pick: (choices) => {
      if (choices.length === 0) throw new RangeError('nothing to pick from');
      return /** @type {any} */ (choices[Math.floor(unit() * choices.length)]);
    },
  };
}
