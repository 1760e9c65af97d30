// Owns how the text of one cue is broken into lines: how wide text is, and where a line ends best.

/** What is never broken: a word, or words written as one. */
export interface Chunk {
  readonly text: string;
  /** Columns that the text takes. */
  readonly width: number;
  /** True when a space is written before it within a line. */
  readonly spaced: boolean;
}

const ASCII = /^[\x20-\x7e]*$/;
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** East Asian wide characters and emoji take two columns. */
const WIDE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]$/u;

/** Columns that `text` takes on the screen: characters, wide ones twice, combining ones not at all. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

/** Columns of a line of these chunks. */
export function lineWidth(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, chunk, index) => sum + chunk.width + (index > 0 && chunk.spaced ? 1 : 0), 0);
}

/** The fewest lines of at most `limit` columns into which the chunks go; a wider chunk has a line of its own. */
export function linesNeeded(chunks: readonly Chunk[], limit: number): number {
  let lines = 0;
  let width = 0;
  for (const chunk of chunks) {
    const joined = width + (chunk.spaced ? 1 : 0) + chunk.width;
    if (lines > 0 && joined <= limit) width = joined;
    else {
      lines += 1;
      width = chunk.width;
    }
  }
  return lines;
}

/** The text in the fewest lines, these as even as they can be, a line ending rather after a comma than elsewhere. */
export function breakLines(chunks: readonly Chunk[], limit: number): readonly string[] {
  return bestLines(chunks, limit, linesNeeded(chunks, limit)).lines.map(lineText);
}

interface Broken {
  readonly cost: number;
  readonly lines: readonly (readonly Chunk[])[];
}

/** Added where a line ends within a phrase, in squared columns. */
const WITHIN_PHRASE = 40;

function bestLines(chunks: readonly Chunk[], limit: number, count: number): Broken {
  if (count <= 1) return { cost: lineWidth(chunks) ** 2, lines: chunks.length === 0 ? [] : [chunks] };
  let best: Broken = { cost: Number.POSITIVE_INFINITY, lines: [chunks] };
  for (let end = 1; end < chunks.length; end += 1) {
    const line = chunks.slice(0, end);
    const width = lineWidth(line);
    if (end > 1 && width > limit) break;
    const rest = chunks.slice(end);
    if (linesNeeded(rest, limit) > count - 1) continue;
    const after = bestLines(rest, limit, count - 1);
    const cost = width ** 2 + (/\p{P}$/u.test(line.at(-1)?.text ?? '') ? 0 : WITHIN_PHRASE) + after.cost;
    if (cost < best.cost) best = { cost, lines: [line, ...after.lines] };
  }
  return best;
}

function lineText(chunks: readonly Chunk[]): string {
  return chunks.map((chunk, index) => (index > 0 && chunk.spaced ? ' ' : '') + chunk.text).join('');
}
