// Owns saying the engine's sentences in another language: key and values are read back out of the English text with the templates that it was
// made of, and put into those of the language. What no template fits (words of a worker, a provider, the system) stays as it came.

import type { ErrorAdvice } from '../../contract/error-advice.ts';
import { ERROR_ADVICE, ERROR_CODES, type ErrorCode } from '../../contract/errors.ts';
import { PHRASES } from '../../contract/sentences/phrases.ts';
import { WORKER_SAYS } from '../../contract/sentences/said-by-workers.ts';
import { fill, namesIn, type PhraseKey, SENTENCES, type SentenceKey } from '../../contract/sentences.ts';

/** A language's templates, under the keys of the English ones. */
export interface EngineWords {
  /** For numbers (BCP 47). */
  readonly locale: string;
  readonly sentences: Readonly<Record<SentenceKey, string>>;
  readonly workerSays: Readonly<Record<keyof typeof WORKER_SAYS, string>>;
  readonly phrases: Readonly<Record<PhraseKey, string>>;
  readonly advice: Readonly<Record<ErrorCode, ErrorAdvice>>;
}

/** A text, said anew, and how many of its characters were known. */
interface Reading {
  readonly said: string;
  readonly known: number;
}

interface Template {
  readonly names: readonly string[];
  readonly other: string;
  /** Characters that are the template's own. */
  readonly literal: number;
  readonly whole: RegExp;
  /** Finds it at the beginning of more text; null where it would not be known where it ends. */
  readonly first: RegExp | null;
}

/** Texts that are remembered: those on a screen are asked for at every drawing. */
const KEPT = 500;

export class EngineReader {
  readonly #words: EngineWords;
  readonly #templates: readonly Template[];
  readonly #phrases: ReadonlyMap<string, string>;
  readonly #kept = new Map<string, Reading>();

  constructor(words: EngineWords) {
    this.#words = words;
    this.#templates = templatesOf(words);
    this.#phrases = new Map(
      Object.entries(PHRASES).map(([key, english]) => [english, words.phrases[key as PhraseKey]]),
    );
  }

  /** The text in the other language; null where nothing of it is the engine's own. */
  read(text: string): string | null {
    const { said, known } = this.#best(text);
    return known > 0 ? said : null;
  }

  /** Of all ways to read it, the one that knows most of it. */
  #best(text: string): Reading {
    const kept = this.#kept.get(text);
    if (kept !== undefined) return kept;
    let best: Reading = { said: text, known: 0 };
    for (const template of this.#templates) {
      const whole = template.whole.exec(text);
      if (whole !== null) best = better(best, this.#put(template, whole));
      const first = template.first?.exec(text) ?? null;
      if (first === null) continue;
      const rest = this.#best(text.slice(first[0].length + 1));
      const head = this.#put(template, first);
      const between = text[first[0].length] ?? ' ';
      best = better(best, { said: `${head.said}${between}${rest.said}`, known: head.known + rest.known });
    }
    if (this.#kept.size >= KEPT) this.#kept.clear();
    this.#kept.set(text, best);
    return best;
  }

  #put({ names, other, literal }: Template, [, ...found]: RegExpExecArray): Reading {
    let known = literal;
    const values = names.map((name, index): [string, string] => {
      const value = found[index] ?? '';
      if (name.endsWith('Number')) return [name, this.#number(value)];
      const phrase = this.#phrases.get(value);
      if (phrase !== undefined) return [name, phrase];
      const reading = this.#inner(value);
      known += reading.known;
      return [name, reading.said];
    });
    return { said: fill(other, Object.fromEntries(values)), known };
  }

  /** A value: a sentence that was put into another one has lost its full stop. */
  #inner(value: string): Reading {
    const plain = this.#best(value);
    if (/[.:!?]$/.test(value)) return plain;
    const { said, known } = this.#best(`${value}.`);
    return better(plain, { said: said.replace(/\.$/, ''), known: known - 1 });
  }

  #number(value: string): string {
    const digits = value.split('.')[1]?.length ?? 0;
    return Number(value).toLocaleString(this.#words.locale, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  }
}

function better(one: Reading, other: Reading): Reading {
  return other.known > one.known ? other : one;
}

function templatesOf(words: EngineWords): Template[] {
  const pairs = new Map<string, string>();
  for (const code of ERROR_CODES) {
    for (const part of ['what', 'lost', 'todo'] as const) pairs.set(ERROR_ADVICE[code][part], words.advice[code][part]);
  }
  for (const [key, english] of Object.entries(SENTENCES)) pairs.set(english, words.sentences[key as SentenceKey]);
  for (const [key, english] of Object.entries(WORKER_SAYS))
    pairs.set(english, words.workerSays[key as keyof typeof WORKER_SAYS]);
  return Array.from(pairs, ([english, other]) => {
    const own = english.split(/\{\w+\}/).map(escaped);
    const middle = own.join('([\\s\\S]+?)');
    return {
      names: namesIn(english),
      other,
      literal: english.replaceAll(/\{\w+\}/g, '').length,
      whole: new RegExp(`^${middle}$`),
      first: /[.:?]$/.test(english) ? new RegExp(`^${middle}(?=[ \\n])`) : null,
    };
  });
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
