// Owns scripts: who says what after which pause, for a length in seconds and a seed.
import { drawSentence } from './grammar.mjs';
import { chanceFrom } from './random.mjs';

/** @typedef {import('./espeak.mjs').Voice & { name: string }} Speaker */
/** @typedef {{ speaker: string, text: string, pause?: number }} Line pause: seconds of silence before the line, default 0.9 */

/** Voices that training heard, women and men in turn; each variant sounds like another person, accents do not. */
export const SPEAKERS = Object.freeze(
  /** @type {const} */ ([
    { name: 'Anna', voice: 'en-us+f4', rate: 150, pitch: 55 },
    { name: 'Ben', voice: 'en-us+m1', rate: 150, pitch: 40 },
    { name: 'Carol', voice: 'en-gb+f2', rate: 155, pitch: 50 },
    { name: 'David', voice: 'en-us+m3', rate: 145, pitch: 45 },
  ]),
);

/** Seconds that a line of the grammar takes on average, its pause left out; only used to know how many lines to write. */
const SECONDS_PER_LINE = 2.4;

/**
 * @param {{ seed: number, seconds: number, speakers?: readonly Speaker[], pauses?: readonly [number, number], heldOut?: boolean }} options
 *   pauses: the shortest and the longest silence before a line, in seconds, default 0.7 to 1.3
 * @returns {Line[]} a few lines more than the seconds need; speak() stops at them
 */
export function writeScript({ seed, seconds, speakers = SPEAKERS.slice(0, 2), pauses = [0.7, 1.3], heldOut = true }) {
  const chance = chanceFrom(seed);
  const count = Math.ceil((1.5 * seconds) / (SECONDS_PER_LINE + pauses[0])) + 2;
  let speaker = chance.pick(speakers);
  return Array.from({ length: count }, () => {
    const others = speakers.filter((one) => one !== speaker);
    if (others.length > 0 && chance.unit() < 0.8) speaker = chance.pick(others);
    const pause = Math.round(100 * chance.between(...pauses)) / 100;
    return { speaker: speaker.name, text: drawSentence(chance, { heldOut, minWords: 3 }), pause };
  });
}
