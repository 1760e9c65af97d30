// Owns text for a terminal: how many columns it takes, and that a name can neither steer the terminal nor break a line.

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What terminals draw two columns wide: pictures, and the letters of East Asia in their usual and their wide forms. */
const WIDE =
  /\p{Emoji_Presentation}|\ufe0f|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;

/** Control characters, ends of lines, and marks that turn the direction of what follows. */
const STEERING = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** `text` without anything that a terminal would obey; each such character becomes `�`. */
export function printable(text: string): string {
  return text.toWellFormed().replace(STEERING, '\ufffd');
}

/** The same for a text that may have several lines, such as what a program said last. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map(printable).join('\n');
}

/** Columns that a text takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += WIDE.test(segment) ? 2 : 1;
  return columns;
}

/** `text` in exactly as many columns: filled up with spaces, or cut between two characters, with an ellipsis where `mark` is set. */
export function fitted(text: string, columns: number, mark = true): string {
  const whole = columnsOf(text);
  if (whole <= columns) return text + ' '.repeat(columns - whole);
  const room = mark ? columns - 1 : columns;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const next = used + (WIDE.test(segment) ? 2 : 1);
    if (next > room) break;
    kept += segment;
    used = next;
  }
  return `${kept}${mark ? '…' : ''}${' '.repeat(room - used)}`;
}
