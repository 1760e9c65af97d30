// Owns WebVTT: writing it and reading it back.

import type { Transcript } from '../contract/transcript.ts';
import type { Cue, CueLimits } from './cues.ts';
import { DEFAULT_CUE_LIMITS, layOutCues } from './cues.ts';
import { speakerName } from './speakers.ts';
import { spokenWords } from './spoken.ts';
import type { ReadCue } from './srt.ts';
import { blocksOf, readTimes } from './srt.ts';
import { vttTime } from './times.ts';

/** A cue of a WebVTT file, with the name in its `<v>` or null. */
export interface ReadVttCue extends ReadCue {
  readonly voice: string | null;
}

/**
 * WebVTT: `WEBVTT`, a blank line, then cues with `<v Name>` wherever the speaker is known.
 * @param words whether every word after a cue's first has its time before it
 */
export function writeVtt(transcript: Transcript, limits: CueLimits = DEFAULT_CUE_LIMITS, words = false): string {
  const clock = words ? wordTimes(transcript) : null;
  const cues = layOutCues(transcript, limits).map((cue) => {
    const { startMs, endMs, speaker, lines } = cue;
    const voice = speaker === null ? '' : `<v ${escaped(speakerName(transcript, speaker))}>`;
    const text = (clock === null ? lines.map(escaped) : clock(cue)).join('\n');
    return `\n${vttTime(startMs)} --> ${vttTime(endMs)}\n${voice}${text}\n`;
  });
  return `WEBVTT\n${cues.join('')}`;
}

/** Lays times between the words of cues, which come in their order. A time lies within its cue and after the one before it, as players want. */
function wordTimes(transcript: Transcript): (cue: Cue) => readonly string[] {
  const words = spokenWords(transcript);
  let next = 0;
  return ({ startMs, endMs, lines }) => {
    let before = startMs;
    return lines.map((line) => {
      let at = 0;
      let text = '';
      for (let word = words[next]; word !== undefined; word = words[next]) {
        const found = line.indexOf(word.text, at);
        // What lies between two words is at most a space.
        if (found === -1 || line.slice(at, found).trim() !== '') break;
        const time = word.startMs > before && word.startMs < endMs ? `<${vttTime(word.startMs)}>` : '';
        if (time !== '') before = word.startMs;
        text += escaped(line.slice(at, found)) + time + escaped(word.text);
        at = found + word.text.length;
        next += 1;
      }
      return text + escaped(line.slice(at));
    });
  };
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
    // No tag holds a "<": one that does not end would be looked for to the file's end from each of them.
    const voice = /<v(?:\.[^\s<>]*)?\s([^<>]*)>/.exec(body)?.[1];
    return [{ ...times, text: plain(body.replace(/<[^<>]*>/g, '')), voice: voice === undefined ? null : plain(voice) }];
  });
}

const CHARACTERS: Record<string, string> = { amp: '&', lt: '<', gt: '>', nbsp: '\u00a0', lrm: '\u200e', rlm: '\u200f' };

function plain(text: string): string {
  return text.replace(/&(amp|lt|gt|nbsp|lrm|rlm);/g, (whole, name: string) => CHARACTERS[name] ?? whole);
}
