// Owns JSON as WhisperX writes it, for the programs that read that: trimmed texts, `score` for a word's probability, all words once more in a row.

import type { Segment, Transcript, Word } from '../contract/transcript.ts';

interface WhisperXWord {
  readonly word: string;
  readonly start: number;
  readonly end: number;
  readonly score: number;
  readonly speaker?: string;
}

/** WhisperX's JSON, ending in a line break. Speakers are labels, as there; names do not exist in it. */
export function writeWhisperX(transcript: Transcript): string {
  const segments = transcript.segments.map((segment) => ({
    start: segment.start,
    end: segment.end,
    text: segment.text,
    words: segment.words.map((word) => wordOf(word, segment)),
    ...(segment.speaker === undefined ? {} : { speaker: segment.speaker }),
    avg_logprob: segment.avg_logprob,
  }));
  const word_segments = segments.flatMap(({ words }) => words);
  return `${JSON.stringify({ segments, word_segments, language: transcript.language })}\n`;
}

function wordOf({ word, start, end, probability, speaker }: Word, segment: Segment): WhisperXWord {
  const who = speaker ?? segment.speaker;
  return { word: word.trim(), start, end, score: probability, ...(who === undefined ? {} : { speaker: who }) };
}
