// Owns the spoken text as lines and paragraphs: a line is what one person says in one segment, a paragraph what belongs together on paper.

import type { Transcript } from '../contract/transcript.ts';
import { spokenWords } from './spoken.ts';

/** Integer milliseconds; one line of text, never empty. */
export interface SpokenLine {
  readonly startMs: number;
  readonly endMs: number;
  /** The speaker's label, or null. */
  readonly speaker: string | null;
  readonly text: string;
}

/** A line for each segment, or more where several people speak in it. */
export function spokenLines(transcript: Transcript): readonly SpokenLine[] {
  const lines: SpokenLine[] = [];
  for (const word of spokenWords(transcript)) {
    const line = lines.at(-1);
    const { startMs, endMs, speaker, text } = word;
    if (line === undefined || word.first || line.speaker !== speaker) lines.push({ startMs, endMs, speaker, text });
    else lines[lines.length - 1] = joined(line, { startMs, endMs, speaker, text }, word.spaced);
  }
  return lines;
}

/** Characters after which a paragraph ends with its sentence. */
const LONG = 600;
/** A silence as long as this begins a paragraph, milliseconds. */
const PAUSE_MS = 2_000;

/** Lines of one speaker as paragraphs that a person can read. */
export function paragraphs(transcript: Transcript): readonly SpokenLine[] {
  const found: SpokenLine[] = [];
  // Of the line before: a paragraph may be as long as the recording, and is not read again for each line.
  let said = '';
  for (const line of spokenLines(transcript)) {
    const before = found.at(-1);
    const ends =
      before === undefined ||
      before.speaker !== line.speaker ||
      line.startMs - before.endMs >= PAUSE_MS ||
      (before.text.length >= LONG && /[.!?…。！？]["'”’»)\]]*$/u.test(said));
    said = line.text;
    if (ends) found.push(line);
    else found[found.length - 1] = joined(before, line, true);
  }
  return found;
}

function joined(one: SpokenLine, other: SpokenLine, spaced: boolean): SpokenLine {
  const text = one.text + (spaced ? ' ' : '') + other.text;
  return { ...one, endMs: Math.max(one.endMs, other.endMs), text };
}
