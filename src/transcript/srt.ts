// Owns SubRip as it is written; subtitle-cues.ts reads it.

import type { ExportOptions } from '../contract/export-options.ts';
import type { Transcript } from '../contract/transcript.ts';
import type { CueLimits } from './cues.ts';
import { DEFAULT_CUE_LIMITS, layOutCues } from './cues.ts';
import { speakerName } from './speakers.ts';
import { oneLine } from './spoken.ts';
import { srtTime } from './times.ts';

/** SRT: index from 1, LF, speakers as `speakers` says. No byte-order mark; empty when nothing was said. */
export function writeSrt(
  transcript: Transcript,
  limits: CueLimits = DEFAULT_CUE_LIMITS,
  speakers: ExportOptions['srtSpeakers'] = 'change',
): string {
  const named = (speaker: string) =>
    srtText(speakers === 'brackets' ? `[${oneLine(speaker)}]:` : `${speakerName(transcript, speaker)}:`);
  const always = speakers === 'always' || speakers === 'brackets';
  const cues = layOutCues(transcript, limits, (speaker) => (speakers === 'never' ? null : named(speaker)), always);
  return cues
    .map(({ startMs, endMs, lines }, index) => {
      const text = lines.map(srtText).join('\n');
      return `${index + 1}\n${srtTime(startMs)} --> ${srtTime(endMs)}\n${text}\n`;
    })
    .join('\n');
}

/** An arrow inside the text would be taken for a line of times. */
function srtText(text: string): string {
  return text.replace(/(?<!-)-{2,}>/g, '->');
}
