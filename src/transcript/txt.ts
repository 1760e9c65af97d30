// Owns plain text: one line a sentence group as the model heard it, a blank line and a name where the speaker changes.

import type { Transcript } from '../contract/transcript.ts';
import { speakerName } from './speakers.ts';
import { spokenWords } from './spoken.ts';

/** The spoken text, LF, ending in a line break; empty when nothing was said. */
export function writeTxt(transcript: Transcript): string {
  const lines: string[] = [];
  let speaker: string | null = null;
  for (const word of spokenWords(transcript)) {
    const changes = word.speaker !== speaker;
    if (changes && lines.length > 0) lines.push('');
    if (changes || word.first || lines.length === 0) {
      const name = changes && word.speaker !== null ? `${speakerName(transcript, word.speaker)}: ` : '';
      lines.push(name + word.text);
    } else {
      lines.push(`${lines.pop() ?? ''}${word.spaced ? ' ' : ''}${word.text}`);
    }
    speaker = word.speaker;
  }
  return lines.map((line) => `${line}\n`).join('');
}
