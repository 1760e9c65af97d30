// Owns reading JSON as Python writes it: `NaN`, `Infinity` and `-Infinity` stand in it bare, and mean that there is no number.

const BARE = /(?:-?Infinity|NaN)/y;

/** @throws SyntaxError when the text is no JSON otherwise either. */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    return JSON.parse(withoutBareWords(text));
  }
}

/** The text with `null` in place of each such word that is not inside a string. */
function withoutBareWords(text: string): string {
  const parts: string[] = [];
  let kept = 0;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === '"') at = endOfString(text, at);
    else if (letter === 'N' || letter === 'I' || letter === '-') {
      BARE.lastIndex = at;
      if (!BARE.test(text)) continue;
      parts.push(text.slice(kept, at), 'null');
      kept = BARE.lastIndex;
      at = kept - 1;
    }
  }
  parts.push(text.slice(kept));
  return parts.join('');
}

/** Where the string that begins at `start` has its closing quote; the text's end when it has none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}
