// Owns the word error rate: how far a transcript is from what was said.

/**
 * Lower-cased words without punctuation.
 * @param {string} text
 * @returns {string[]}
 */
export function words(text) {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}'\s]/gu, ' ')
    .split(/\s+/u)
    .filter((word) => word !== '');
}

/**
 * The fewest words to substitute, insert and delete, over the number of words said.
 * @param {string} reference what was said
 * @param {string} hypothesis what was written
 * @returns {number} 0 is perfect; above 1 where more was written than said; of no words said, 0 or Infinity
 */
export function wordErrorRate(reference, hypothesis) {
  const said = words(reference);
  const errors = wordErrors(said, words(hypothesis));
  if (said.length === 0) return errors === 0 ? 0 : Number.POSITIVE_INFINITY;
  return errors / said.length;
}

/**
 * Levenshtein's distance over words.
 * @param {readonly string[]} said
 * @param {readonly string[]} written
 * @returns {number}
 */
export function wordErrors(said, written) {
  let row = Array.from({ length: written.length + 1 }, (_, index) => index);
  for (const [index, word] of said.entries()) {
    const next = [index + 1];
    for (const [column, other] of written.entries()) {
      const kept = (row[column] ?? 0) + (word === other ? 0 : 1);
      next.push(Math.min(kept, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[written.length] ?? 0;
}
