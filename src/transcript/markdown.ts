// Owns Markdown: a heading, then a paragraph a turn with the speaker and the time in front.

import type { Transcript } from '../contract/transcript.ts';
import { paragraphs } from './lines.ts';
import { speakerName } from './speakers.ts';
import { oneLine } from './spoken.ts';
import { clockTime } from './times.ts';

/** Markdown (CommonMark), LF. Whatever was said is shown as it was said: nothing of it becomes markup. */
export function writeMarkdown(transcript: Transcript): string {
  const title = escaped(oneLine(transcript.source.filename)) || 'Transcript';
  const parts = paragraphs(transcript).map(({ startMs, speaker, text }) => {
    const who = speaker === null ? '' : `**${escaped(speakerName(transcript, speaker))}** `;
    return `\n${who}\\[${clockTime(startMs)}\\] ${escaped(text)}\n`;
  });
  return `# ${title}\n${parts.join('')}`;
}

/** ASCII punctuation that could mean something anywhere in a line. No line begins with what was said, so that block marks need no care. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~&$^!:]/g, '\\$&');
}
