// Owns WebVTT: writing it and reading it back.

import type { Transcript } from '../contract/transcript.ts';
import type { Cue, CueLimits } from './cues.ts';
import { DEFAULT_CUE_LIMITS, layOutCues } from './cues.ts';
import { speakerName } from './speakers.ts';
import { spokenWords } from './spoken.ts';
import type { ReadCue } from './subtitle-cues.ts';
import { linesOf, readTimes } from './subtitle-cues.ts';
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

/**
 * Lays times between the words of cues, which come in the order of their speaker. A time lies within its cue and after the one before it, as
 * players want.
 */
function wordTimes(transcript: Transcript): (cue: Cue) => readonly string[] {
  const ofSpeaker = Map.groupBy(spokenWords(transcript), ({ speaker }) => speaker);
  const nextOf = new Map<string | null, number>();
  return ({ startMs, endMs, lines, speaker }) => {
    const words = ofSpeaker.get(speaker) ?? [];
    let next = nextOf.get(speaker) ?? 0;
    let before = startMs;
    const timed = lines.map((line) => {
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
    nextOf.set(speaker, next);
    return timed;
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * The cues of a WebVTT file: as players want it, a blank line ends one, and as they bear it, the times of the next do. Notes, styles and regions
 * are passed over, tags other than `<v>` dropped. Empty when it is no WebVTT.
 */
export function readVtt(text: string): readonly ReadVttCue[] {
  const lines = linesOf(text);
  if (!/^WEBVTT(?:[ \t]|$)/i.test(lines[0] ?? '')) return [];
  const cues: { startMs: number; endMs: number; lines: string[] }[] = [];
  let open: string[] | null = null;
  for (const line of lines) {
    const times = readTimes(line);
    if (times !== null) {
      open = [];
      cues.push({ ...times, lines: open });
    } else if (line === '') open = null;
    else open?.push(line);
  }
  const kept = ROLLING.test(text) ? withoutRepeats(cues) : cues;
  return kept.map(({ startMs, endMs, lines: said }) => {
    const body = said.join('\n');
    // No tag holds a "<": one that does not end would be looked for to the file's end from each of them.
    const voice = /<v(?:\.[^\s<>]*)?\s([^<>]*)>/.exec(body)?.[1];
    return {
      startMs,
      endMs,
      text: plain(body.replace(/<[^<>]*>/g, '')),
      voice: voice === undefined ? null : plain(voice),
    };
  });
}

/** How YouTube marks the words of captions that roll: each line is shown again above the next one. */
const ROLLING = /<\d{2}:\d{2}:\d{2}\.\d{3}><c>/;

interface VttLines {
  readonly startMs: number;
  readonly endMs: number;
  readonly lines: readonly string[];
}

/** Rolling captions with every line where it is said first. */
function withoutRepeats(cues: readonly VttLines[]): readonly VttLines[] {
  let shown = '';
  return cues.flatMap((cue) => {
    const lines = cue.lines.filter((line) => line.trim() !== '');
    const plainLines = lines.map((line) => line.replace(/<[^<>]*>/g, '').trim());
    const fresh = plainLines[0] === shown ? lines.slice(1) : lines;
    shown = plainLines.at(-1) ?? shown;
    return fresh.length === 0 ? [] : [{ ...cue, lines: fresh }];
  });
}

const CHARACTERS: Record<string, string> = { amp: '&', lt: '<', gt: '>', nbsp: '\u00a0', lrm: '\u200e', rlm: '\u200f' };

function plain(text: string): string {
  return text.replace(/&(amp|lt|gt|nbsp|lrm|rlm);/g, (whole, name: string) => CHARACTERS[name] ?? whole);
}
