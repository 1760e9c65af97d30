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
    return `\n${who}[${clockTime(startMs)}] ${escaped(text)}\n`;
  });
  return `# ${title}\n${parts.join('')}`;
}

/**
 * What could mean something within a line, and nothing else: the text is also read as it is. No line begins with what was said, so that marks
 * of blocks need no care; `&`, `:` and `#` only where an entity, an address or a picture's name would begin, or a heading would end.
 */
function escaped(text: string): string {
  return text
    .replace(/[\\`*_[\]<|~$^]|&(?=#?\w+;)|:(?=\/|[a-z+-][\w+-]*:)/gi, '\\$&')
    .replace(/(?<!#)#+$/, (marks) => marks.replaceAll('#', '\\#'));
}
