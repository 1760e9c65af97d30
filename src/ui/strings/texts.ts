// Owns which language the interface speaks. `t` is the catalogue in force: read it when something is drawn, never keep a part of it.

import type { ErrorAdvice } from '../../contract/error-advice.ts';
import { ERROR_ADVICE, type ErrorReport } from '../../contract/errors.ts';
import { de } from './de.ts';
import { en } from './en.ts';

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

/** The texts in force. */
export let t: Texts = en;

/** Speaks `language` from the next drawing on. */
export function speak(language: Language): void {
  t = CATALOGUES[language];
  document.documentElement.lang = language;
}

/** The three sentences of an error, in the language in force; what the engine says of this one case stays in its words. */
export function explain(report: ErrorReport): ErrorAdvice {
  const { what, lost, todo } = t.advice[report.code];
  const usual = ERROR_ADVICE[report.code].what;
  if (report.message === '' || report.message === usual) return { what, lost, todo };
  return {
    what: report.message.startsWith(`${usual} `) ? what + report.message.slice(usual.length) : report.message,
    lost,
    todo,
  };
}
