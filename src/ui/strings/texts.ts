// Owns which language the interface speaks. `t` is the catalogue in force: read it when something is drawn, never keep a part of it.

import type { ErrorAdvice } from '../../contract/error-advice.ts';
import { ERROR_ADVICE, type ErrorReport } from '../../contract/errors.ts';
import { de } from './de.ts';
import { deEngine } from './de-engine.ts';
import { en } from './en.ts';
import { EngineReader, type EngineWords } from './engine-words.ts';

/** A catalogue's shape: the English keys and arguments, any words. */
export type Words<Text> = Text extends string
  ? string
  : Text extends (...values: infer Values) => string
    ? (...values: Values) => string
    : { readonly [Key in keyof Text]: Words<Text[Key]> };

/** What every language has to say. */
export type Texts = Words<typeof en>;

/** The languages of the interface, by their own names. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

const CATALOGUES: Readonly<Record<Language, Texts>> = { en, de };
/** What the engine says is English; its words in every other language. */
const ENGINE: Readonly<Record<Language, EngineWords | null>> = { en: null, de: deEngine };

/** The texts in force. */
export let t: Texts = en;
/** Reads what the engine says; null where the language is its own. */
let reader: EngineReader | null = null;

/** Speaks `language` from the next drawing on. */
export function speak(language: Language): void {
  t = CATALOGUES[language];
  const words = ENGINE[language];
  reader = words === null ? null : new EngineReader(words);
  document.documentElement.lang = language;
}

/** The three sentences of an error, in the language in force. What somebody else said of this one case is quoted after the first. */
export function explain({ code, message }: ErrorReport): ErrorAdvice {
  const { what, lost, todo } = t.advice[code];
  if (message === '' || message === ERROR_ADVICE[code].what) return { what, lost, todo };
  if (reader === null) return { what: message, lost, todo };
  return { what: reader.read(message) ?? t.quoted(what, message), lost, todo };
}

/** A sentence of the engine's in the language in force; what is none of its own stays as it came. */
export function engineText(english: string): string {
  return reader?.read(english) ?? english;
}
