// Owns the words that subtitles leave out where there is no time to read them: sounds of hesitation, and a word said twice.

import { oneLine } from './spoken.ts';

const HESITATION: Readonly<Record<string, RegExp>> = {
  en: /^(?:u+h+|u+m+|e+r+m*|a+h+|h+m+|m+h+m+)$/iu,
  de: /^(?:ä+h+m*|ö+h+m*|h+m+|a+h+)$/iu,
  fr: /^(?:e+u+h+|h+e+u+|h+m+|a+h+)$/iu,
  es: /^(?:e+h+|e+m+|a+h+|h+m+)$/iu,
};

export interface Tightened {
  readonly text: string;
  /** What goes, in order. */
  readonly dropped: readonly string[];
}

/** The text without what nobody misses; null where there is no such thing. `language`: two letters. */
export function tightened(text: string, language: string): Tightened | null {
  const hesitation = HESITATION[language];
  const dropped: string[] = [];
  const kept: string[] = [];
  for (const word of oneLine(text).split(' ')) {
    const bare = word.replace(/[\p{P}\p{S}]+/gu, '');
    const before = kept.at(-1) ?? '';
    if (bare !== '' && hesitation?.test(bare) === true) {
      dropped.push(bare);
      // The sign that ended the sentence is still its end.
      const end = /(?<![.!?…])[.!?…]+$/u.exec(word)?.[0];
      if (end !== undefined && kept.length > 0)
        kept[kept.length - 1] = before.replace(/(?<![,;:–-])[,;:–-]+$/u, '') + end;
    } else if (bare !== '' && bare.length < 5 && bare.toLowerCase() === before.toLowerCase()) {
      // "the the": the second one keeps its signs.
      kept[kept.length - 1] = /^\p{Lu}/u.test(before) ? before.charAt(0) + word.slice(1) : word;
      dropped.push(bare);
    } else kept.push(word);
  }
  if (dropped.length === 0 || kept.length === 0) return null;
  const [first = '', ...rest] = kept;
  const capital = /^\p{Lu}/u.test(oneLine(text)) ? first.charAt(0).toUpperCase() + first.slice(1) : first;
  return { text: [capital, ...rest].join(' '), dropped };
}
