// Owns WebVTT: writing it and reading it back.

import type { Transcript } from '../contract/transcript.ts';
import type { CueLimits } from './cues.ts';
import { DEFAULT_CUE_LIMITS, layOutCues } from './cues.ts';
import { speakerName } from './speakers.ts';
import type { ReadCue } from './srt.ts';
import { blocksOf, readTimes } from './srt.ts';
import { vttTime } from './times.ts';

/** A cue of a WebVTT file, with the name in its `<v>` or null. */
export interface ReadVttCue extends ReadCue {
  readonly voice: string | null;
}

/** WebVTT: `WEBVTT`, a blank line, then cues with `<v Name>` wherever the speaker is known. */
export function writeVtt(transcript: Transcript, limits: CueLimits = DEFAULT_CUE_LIMITS): string {
  const cues = layOutCues(transcript, limits).map(({ startMs, endMs, speaker, lines }) => {
    const voice = speaker === null ? '' : `<v ${escaped(speakerName(transcript, speaker))}>`;
    return `\n${vttTime(startMs)} --> ${vttTime(endMs)}\n${voice}${lines.map(escaped).join('\n')}\n`;
  });
  return `WEBVTT\n${cues.join('')}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The cues of a WebVTT file; notes, styles and regions are passed over, tags other than `<v>` dropped. Empty when it is no WebVTT. */
export function readVtt(text: string): readonly ReadVttCue[] {
  const [header, ...blocks] = blocksOf(text);
  if (header === undefined || !/^WEBVTT(?:[ \t]|$)/.test(header[0] ?? '')) return [];
  return blocks.flatMap((lines) => {
    const at = lines.findIndex((line) => line.includes('-->'));
    const times = readTimes(lines[at] ?? '');
    if (at > 1 || times === null) return [];
    const body = lines.slice(at + 1).join('\n');
    const voice = /<v(?:\.[^\s>]*)?\s([^>]*)>/.exec(body)?.[1];
    return [{ ...times, text: plain(body.replace(/<[^>]*>/g, '')), voice: voice === undefined ? null : plain(voice) }];
  });
}

const CHARACTERS: Record<string, string> = { amp: '&', lt: '<', gt: '>', nbsp: '\u00a0', lrm: '\u200e', rlm: '\u200f' };

function plain(text: string): string {
  return text.replace(/&(amp|lt|gt|nbsp|lrm|rlm);/g, (whole, name: string) => CHARACTERS[name] ?? whole);
}
