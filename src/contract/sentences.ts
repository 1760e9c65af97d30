// Owns the sentences that the engine makes for people: a closed list of keys, each with its English template, in the files beside. A sentence
// is a key and values. It crosses the wire, the disk and the log as its English text, which the command line and scripts read as it is; a
// face that speaks another language reads key and values back out of that text with the same templates (readSentences).

import { DOCTOR_SENTENCES } from './sentences/doctor.ts';
import { JOB_SENTENCES } from './sentences/jobs.ts';
import { PHRASES } from './sentences/phrases.ts';
import { POD_SENTENCES } from './sentences/pods.ts';
import { REQUEST_SENTENCES } from './sentences/requests.ts';
import { WORKER_SENTENCES } from './sentences/workers.ts';

/** Every sentence, with `{name}` where a value goes. A name that ends in `Number` is written as the language writes numbers. */
export const SENTENCES = {
  ...DOCTOR_SENTENCES,
  ...JOB_SENTENCES,
  ...POD_SENTENCES,
  ...REQUEST_SENTENCES,
  ...WORKER_SENTENCES,
} as const;

export { PHRASES };

export type SentenceKey = keyof typeof SENTENCES;
export type PhraseKey = keyof typeof PHRASES;

type NamesIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
type ValuesOf<Key extends SentenceKey> = Readonly<Record<NamesIn<(typeof SENTENCES)[Key]>, string | number>>;
type Given<Key extends SentenceKey> = [NamesIn<(typeof SENTENCES)[Key]>] extends [never] ? [] : [values: ValuesOf<Key>];

declare const sentence: unique symbol;
/** English text that was made from templates of the list, or the words of somebody else ({@link quoted}). */
export type Sentence = string & { readonly [sentence]: true };

/** The English text of a sentence. */
export function say<Key extends SentenceKey>(key: Key, ...[values]: Given<Key>): Sentence {
  return fill(SENTENCES[key], values ?? {}) as Sentence;
}

/** Several sentences, one after the other; empty ones are left out. */
export function sayAll(...sentences: readonly Sentence[]): Sentence {
  return sentences.filter((each) => each !== '').join(' ') as Sentence;
}

/** Words that are none of this app's: of a worker, a provider, the system. They are shown as they came. */
export function quoted(words: string): Sentence {
  return words as Sentence;
}

/** `template` with its values put in. */
export function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replaceAll(PLACE, (place, name: string) => String(values[name] ?? place));
}

/** The names of the values that `template` asks for, in its order. */
export function namesIn(template: string): string[] {
  return Array.from(template.matchAll(PLACE), ([, name = '']) => name);
}

const PLACE = /\{(\w+)\}/g;
