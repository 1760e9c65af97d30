// Owns what becomes of the words' times when a person writes a segment anew: words that are still there keep theirs, a word in place of
// another takes its time, and only what was added or written in another number of words is laid between its neighbours.

import type { Word } from '../contract/transcript.ts';
import { UNSPACED_LETTER } from './spoken.ts';
import { commonWords } from './word-diff.ts';

/** Seconds between which new words lie when there are no neighbours. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The words of `text`, timed by `before`. Each carries the white space in front of it, so that joined they are `text` again.
 * @param text without control characters
 * @param before the words as they were, in order
 */
export function realign(text: string, before: readonly Word[], span: Span): Word[] {
  const old = atomsOf(before);
  const fresh = tokensOf(text);
  const kept = new Map(
    commonWords(
      old.map((atom) => comparable(atom.text)),
      fresh.map(comparable),
    ).map(([was, is]) => [is, was]),
  );
  const words: Word[] = [];
  for (let at = 0, done = 0; at < fresh.length; ) {
    const was = kept.get(at);
    if (was !== undefined) {
      words.push(...keptWords(old, was, fresh, at));
      done = was + 1;
      at += 1;
      continue;
    }
    let end = at + 1;
    while (end < fresh.length && !kept.has(end)) end += 1;
    const next = kept.get(end) ?? old.length;
    words.push(...written(fresh.slice(at, end), old.slice(done, next), old[done - 1], old[next], span));
    done = next;
    at = end;
  }
  return rejoined(words);
}

/** What is compared: words written as one, or one character of a script without spaces. */
interface Atom {
  readonly text: string;
  readonly words: readonly Word[];
}

/** A character of a longer word, with the word that it is part of. */
interface Part extends Word {
  readonly whole: Word;
  readonly at: number;
  readonly of: number;
}

const TOKEN = new RegExp(
  `(?<!\\s)\\s*(?:${UNSPACED_LETTER.source}\\p{M}*|(?:(?!${UNSPACED_LETTER.source})\\S)+)`,
  'gu',
);

/** Words with the white space before them. White space at the end goes to the last one. */
function tokensOf(text: string): string[] {
  const tokens: string[] = text.match(TOKEN) ?? [];
  const rest = /(?<!\s)\s+$/u.exec(text)?.[0] ?? '';
  const last = tokens.pop();
  return last === undefined ? [] : [...tokens, last + rest];
}

function atomsOf(words: readonly Word[]): readonly Atom[] {
  const atoms: Atom[] = [];
  let open = true;
  for (const word of words) {
    for (const part of partsOf(word)) {
      const before = atoms.at(-1);
      const parted =
        open || before === undefined || /^\s/u.test(part.word) || isUnspaced(part.word) || isUnspaced(before.text);
      open = /\s$/u.test(part.word);
      if (parted || before === undefined) atoms.push({ text: part.word, words: [part] });
      else atoms[atoms.length - 1] = { text: before.text + part.word, words: [...before.words, part] };
    }
  }
  return atoms;
}

const UNSPACED = new RegExp(`^\\s*${UNSPACED_LETTER.source}`, 'u');

function isUnspaced(text: string): boolean {
  return UNSPACED.test(text);
}

function partsOf(word: Word): readonly Word[] {
  const tokens = tokensOf(word.word);
  if (tokens.length < 2) return [word];
  const long = word.end - word.start;
  return tokens.map((token, at): Part => {
    const start = seconds(word.start + (long * at) / tokens.length);
    const end = seconds(word.start + (long * (at + 1)) / tokens.length);
    return { ...word, word: token, start, end, interpolated: true, whole: word, at, of: tokens.length };
  });
}

/** Case and punctuation may be corrected without a word becoming another one. */
function comparable(text: string): string {
  const bare = text.replace(/[\p{P}\p{S}\s]+/gu, '').toLowerCase();
  return bare === '' ? text.trim() : bare;
}

function keptWords(old: readonly Atom[], was: number, fresh: readonly string[], at: number): readonly Word[] {
  const { text, words } = old[was] ?? { text: '', words: [] };
  const token = fresh[at] ?? '';
  // Only the white space in front differs at most: the machine's own words stay, however many they are.
  if (text.trim() === token.trim() && text.trimEnd() === text && token.trimEnd() === token) {
    const [first, ...others] = words;
    return first === undefined ? [] : [first.word === token ? first : spacedAs(first, token, text), ...others];
  }
  return [over(words, token)];
}

function spacedAs(first: Word, token: string, text: string): Word {
  if (token === text) return first;
  const space = /^\s*/u.exec(token)?.[0] ?? '';
  return { ...first, word: space + first.word.trimStart() };
}

/** One word in the place of others: it has their time, measured as theirs was, and a person has seen to it. */
function over(words: readonly Word[], token: string): Word {
  const [first] = words;
  const last = words.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('There is no word to take the place of.');
  const { interpolated: _, ...timed } = bare(first);
  const guessed = words.some((word) => word.interpolated === true);
  const end = Math.max(first.start, last.end);
  return { ...timed, word: token, end, probability: 1, ...(guessed ? { interpolated: true } : {}) };
}

/** New words in the place of `old` ones (or of none). */
function written(
  tokens: readonly string[],
  old: readonly Atom[],
  before: Atom | undefined,
  after: Atom | undefined,
  span: Span,
): readonly Word[] {
  if (tokens.length === old.length) return tokens.map((token, at) => over(old[at]?.words ?? [], token));
  const from = old[0]?.words[0]?.start ?? before?.words.at(-1)?.end ?? span.start;
  const to = old.at(-1)?.words.at(-1)?.end ?? after?.words[0]?.start ?? span.end;
  const like = old[0]?.words[0] ?? before?.words.at(-1) ?? after?.words[0];
  const speaker = like?.speaker === undefined ? {} : { speaker: like.speaker };
  const lengths = tokens.map((token) => Math.max(1, token.trim().length));
  const whole = lengths.reduce((sum, length) => sum + length, 0);
  const share = Math.max(0, to - from) / whole;
  let passed = 0;
  return tokens.map((word, at): Word => {
    const start = seconds(from + passed * share);
    passed += lengths[at] ?? 0;
    return {
      word,
      start,
      end: Math.max(start, seconds(from + passed * share)),
      probability: 1,
      ...speaker,
      interpolated: true,
    };
  });
}

/** Characters of one word that all came through, in order, are that word again. */
function rejoined(words: readonly Word[]): Word[] {
  const joined: Word[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    if (!isPart(word)) {
      joined.push(word);
      continue;
    }
    const { whole, of } = word;
    const run = words.slice(at, at + of);
    const through =
      run.length === of && run.every((part, place) => isPart(part) && part.whole === whole && part.at === place);
    if (through && run.map((part) => part.word).join('') === whole.word) {
      joined.push(whole);
      at += of - 1;
    } else joined.push(bare(word));
  }
  return joined;
}

function isPart(word: Word): word is Part {
  return 'whole' in word;
}

function bare(word: Word): Word {
  const { word: text, start, end, probability, speaker, interpolated } = word;
  return {
    word: text,
    start,
    end,
    probability,
    ...(speaker === undefined ? {} : { speaker }),
    ...(interpolated === undefined ? {} : { interpolated }),
  };
}

/** 3 decimals, as everywhere in a transcript. */
function seconds(value: number): number {
  return Math.round(value * 1000) / 1000;
}
