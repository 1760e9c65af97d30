// Owns sentences: draws them from grammar.json, the closed language that the small Whisper knows.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** @typedef {string | [weight: number, text: string]} Alternative */
/** @typedef {{ lexicon: Record<string, string[]>, rules: Record<string, Alternative[]>, sentences: string[] }} Grammar */

/** @type {Grammar} */
const grammar = JSON.parse(readFileSync(new URL('../grammar.json', import.meta.url), 'utf8'));

/** Every word that the model can write, each once. */
export const WORDS = Object.freeze([...new Set(Object.values(grammar.lexicon).flat())]);

/**
 * One sentence of the grammar, with its capital letter and its full stop or question mark.
 * @param {import('./random.mjs').Chance} chance
 * @param {{ heldOut?: boolean, minWords?: number }} [options] heldOut (default true): only sentences that training never saw
 * @returns {string}
 */
export function drawSentence(chance, { heldOut = true, minWords = 1 } = {}) {
  for (;;) {
    const plain = expand(chance.pick(grammar.sentences), chance);
    const sentence = plain.charAt(0).toUpperCase() + plain.slice(1);
    if (sentence.split(' ').length >= minWords && (!heldOut || isHeldOut(sentence))) return sentence;
  }
}

/**
 * Whether training left this sentence out: the same rule as is_held_out in training/grammar.py.
 * @param {string} sentence
 */
export function isHeldOut(sentence) {
  const digest = createHash('md5').update(sentence.toLowerCase()).digest('hex');
  return BigInt(`0x${digest}`) % 20n === 0n;
}

/**
 * @param {string} template
 * @param {import('./random.mjs').Chance} chance
 * @returns {string}
 */
function expand(template, chance) {
  return template.replace(/\{(\w+)\}/g, (_, name) => expand(choose(name, chance), chance));
}

/**
 * @param {string} name
 * @param {import('./random.mjs').Chance} chance
 */
function choose(name, chance) {
  const alternatives = grammar.rules[name] ?? grammar.lexicon[name];
  if (alternatives === undefined) throw new Error(`grammar.json has no rule or word group "${name}"`);
  const weighted = alternatives.map((one) =>
    typeof one === 'string' ? { weight: 1, text: one } : { weight: one[0], text: one[1] },
  );
  let left = chance.unit() * weighted.reduce((sum, { weight }) => sum + weight, 0);
  for (const { weight, text } of weighted) {
    left -= weight;
    if (left < 0) return text;
  }
  throw new Error(`no alternative of "${name}" was reached`);
}
