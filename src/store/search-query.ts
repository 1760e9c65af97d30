// Owns how words of a person become a query of the index, which has a language of its own: nothing that is typed may be taken for it.

/** A letter of a script that is written without spaces; each is a word of the index. */
const UNSPACED =
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}]';
const BETWEEN_UNSPACED = new RegExp(
  `(?<=${UNSPACED}\\p{M}*)(?=[\\p{L}\\p{N}])|(?<=[\\p{L}\\p{N}])(?=${UNSPACED})`,
  'gu',
);

/** Zero width, and no letter to the index. */
export const PARTING = '\u200b';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
const NOT_TEXT = /[\u0000-\u001f\u007f\u200b\u2028\u2029\ufeff]+/gu;

/** Text as it lies in the index: one line, letters of scripts without spaces parted. */
export function indexed(text: string): string {
  return text.toWellFormed().replace(NOT_TEXT, ' ').trim().replaceAll(BETWEEN_UNSPACED, PARTING);
}

/** More words than anybody types. */
const MOST_TERMS = 32;

/** The query for the index, or null when there is no word in it. */
export function matchExpression(query: string): string | null {
  const terms: string[] = [];
  for (const [, quoted, bare = ''] of query.toWellFormed().matchAll(/"([^"]*)"?|([^\s"]+)/gu)) {
    const words = indexed(quoted ?? bare);
    // Without a letter or digit there is nothing that the index could know.
    if (!/[\p{L}\p{N}]/u.test(words)) continue;
    const beginning = quoted === undefined && /[\p{L}\p{N}\p{M}]\*$/u.test(words);
    terms.push(`"${words.replace(/(?<!\*)\*+$/u, '')}"${beginning ? '*' : ''}`);
    if (terms.length === MOST_TERMS) break;
  }
  return terms.length === 0 ? null : terms.join(' AND ');
}
