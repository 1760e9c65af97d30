// Owns SubRip: writing it and reading it back.

import type { ExportOptions } from '../contract/export-options.ts';
import type { Transcript } from '../contract/transcript.ts';
import type { CueLimits } from './cues.ts';
import { DEFAULT_CUE_LIMITS, layOutCues } from './cues.ts';
import { speakerName } from './speakers.ts';
import { oneLine } from './spoken.ts';
import { readTime, srtTime } from './times.ts';

/** A cue as a subtitle file holds it. `text` may have several lines. */
export interface ReadCue {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

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

/** The cues of an SRT file in their order, as lenient as players are: any line ends, index lines optional, a byte-order mark skipped. */
export function readSrt(text: string): readonly ReadCue[] {
  return blocksOf(text).flatMap((lines) => {
    const at = lines.findIndex((line) => line.includes('-->'));
    const times = readTimes(lines[at] ?? '');
    return at > 1 || times === null ? [] : [{ ...times, text: lines.slice(at + 1).join('\n') }];
  });
}

/** The parts of a subtitle file between blank lines. */
export function blocksOf(text: string): readonly (readonly string[])[] {
  return text
    .replace(/^\ufeff/, '')
    .replace(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .map((block) => block.split('\n').filter((line) => line !== ''))
    .filter((lines) => lines.length > 0);
}

/** A line `start --> end`, with or without settings behind it. */
export function readTimes(line: string): { readonly startMs: number; readonly endMs: number } | null {
  const found = /^\s*(\S+)\s+-->\s+(\S+)/.exec(line);
  if (found === null) return null;
  const startMs = readTime(found[1] ?? '');
  const endMs = readTime(found[2] ?? '');
  return startMs === null || endMs === null ? null : { startMs, endMs };
}
