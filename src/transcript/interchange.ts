// Owns small formats of other programs: Podcasting 2.0's JSON, Audacity's labels, and RTTM, in which diarization is compared.

import type { Transcript } from '../contract/transcript.ts';
import { spokenLines } from './lines.ts';
import { speakerName } from './speakers.ts';
import { spokenWords } from './spoken.ts';

/** Podcasting 2.0 (podcast-namespace, transcripts, version 1.0.0): a segment for each line, seconds, with the speaker where it is known. */
export function writePodcast(transcript: Transcript): string {
  const segments = spokenLines(transcript).map(({ startMs, endMs, speaker, text }) => ({
    ...(speaker === null ? {} : { speaker: speakerName(transcript, speaker) }),
    startTime: startMs / 1000,
    endTime: endMs / 1000,
    body: text,
  }));
  return `${JSON.stringify({ version: '1.0.0', segments })}\n`;
}

/** A label track of Audacity: `start<TAB>end<TAB>text`, seconds, the speaker in double brackets as WhisperX writes it. */
export function writeAudacity(transcript: Transcript): string {
  return spokenLines(transcript)
    .map(({ startMs, endMs, speaker, text }) => {
      const who = speaker === null ? '' : `[[${speakerName(transcript, speaker)}]]`;
      return `${seconds(startMs)}\t${seconds(endMs)}\t${who}${text.replaceAll('\t', ' ')}\n`;
    })
    .join('');
}

/** A silence of one speaker as long as this ends a turn, milliseconds. */
const PAUSE_MS = 500;

/** RTTM: a line for each turn of a speaker. Its fields are parted by spaces, so names have none. Empty where no speakers are known. */
export function writeRttm(transcript: Transcript): string {
  const file = plain(transcript.source.filename.replace(/\.[^.]*$/, '')) || 'recording';
  const turns: { startMs: number; endMs: number; speaker: string }[] = [];
  for (const { startMs, endMs, speaker } of spokenWords(transcript)) {
    if (speaker === null) continue;
    const turn = turns.at(-1);
    if (turn?.speaker === speaker && startMs - turn.endMs < PAUSE_MS) turn.endMs = Math.max(turn.endMs, endMs);
    else turns.push({ startMs, endMs, speaker });
  }
  return turns
    .map(({ startMs, endMs, speaker }) => {
      const name = plain(speakerName(transcript, speaker));
      return `SPEAKER ${file} 1 ${seconds(startMs)} ${seconds(endMs - startMs)} <NA> <NA> ${name} <NA> <NA>\n`;
    })
    .join('');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function plain(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, '_');
}
