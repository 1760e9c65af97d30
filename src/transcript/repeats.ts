// Owns the recognition of a loop of the model: the same phrase over and over, where one was said once or not at all.

import type { Segment } from '../contract/transcript.ts';

/** The longest phrase whose repetition is looked for, in words. */
const LONGEST_PHRASE = 24;
/** As often as this a phrase has to stand there. */
const LEAST_TIMES = 3;
/** So much of the text has to be that phrase. */
const LEAST_SHARE = 0.8;

export interface Repeats {
  /** As it is written where it stands first. */
  readonly phrase: string;
  readonly times: number;
}

/** The phrase that these segments are made of, or null when they say something. */
export function repeatsIn(segments: readonly Pick<Segment, 'text'>[]): Repeats | null {
  const words = segments.flatMap(({ text }) => text.trim().split(/\s+/u)).filter((word) => bare(word) !== '');
  const units = words.map(bare);
  for (let period = 1; period <= Math.min(LONGEST_PHRASE, units.length / LEAST_TIMES); period += 1) {
    let same = 0;
    for (let at = period; at < units.length; at += 1) if (units[at] === units[at - period]) same += 1;
    if (same < LEAST_SHARE * (units.length - period)) continue;
    return { phrase: words.slice(0, period).join(' '), times: Math.round(units.length / period) };
  }
  return null;
}

/** Without case and punctuation. */
export function bare(word: string): string {
  return word.replace(/[\p{P}\p{S}\s]+/gu, '').toLowerCase();
}
