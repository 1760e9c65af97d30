import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MADE_BY } from '../contract/transcript.cases.ts';
import { layOutCues } from './cues.ts';
import { importTranscript } from './import.ts';
import { speakerName } from './speakers.ts';
import { subtitleCues } from './subtitle-cues.ts';
import { exportText } from './text-formats.ts';
import { anyTranscript } from './transcript.cases.ts';
import { readVtt } from './vtt.ts';

/** `npm run test:formats` asks for 100,000. */
const CASES = Number(process.env['FORMAT_CASES'] ?? 1_500);
const from = {
  source: { filename: 'a.srt', sizeBytes: 1, sha256: 'a'.repeat(64) },
  durationSec: null,
  createdAt: MADE_BY.createdAt,
};
const arrows = (text: string) => text.replace(/-{2,}>/g, '->');

describe(`there and back, ${CASES} transcripts each`, () => {
  it(
    'SRT keeps every cue, its times and its text',
    () => {
      fc.assert(
        fc.property(anyTranscript, (transcript) => {
          const cues = layOutCues(transcript, undefined, (speaker) => arrows(`${speakerName(transcript, speaker)}:`));
          expect(subtitleCues(exportText(transcript, 'srt').text)).toEqual(
            cues.map(({ startMs, endMs, lines }) => ({ startMs, endMs, text: lines.map(arrows).join('\n') })),
          );
        }),
        { numRuns: CASES },
      );
    },
    CASES * 20,
  );

  it(
    'WebVTT keeps every cue, its times, its text and who speaks',
    () => {
      fc.assert(
        fc.property(anyTranscript, (transcript) => {
          const cues = layOutCues(transcript);
          expect(readVtt(exportText(transcript, 'vtt').text)).toEqual(
            cues.map(({ startMs, endMs, speaker, lines }) => ({
              startMs,
              endMs,
              text: lines.join('\n'),
              voice: speaker === null ? null : speakerName(transcript, speaker),
            })),
          );
        }),
        { numRuns: CASES },
      );
    },
    CASES * 20,
  );

  it(
    'what was written is taken in again as the same lines',
    () => {
      fc.assert(
        fc.property(anyTranscript, (transcript) => {
          const cues = layOutCues(transcript);
          fc.pre(cues.length > 0);
          const { transcript: again } = importTranscript(exportText(transcript, 'vtt').text, from);
          // Marks of style are no speech, so a word that looks like one is not taken in.
          const said = cues.filter(({ lines }) => !/[<{]/.test(lines.join('')));
          const starts = new Set(again.segments.map(({ start }) => Math.round(start * 1000)));
          for (const { startMs } of said) expect(starts.has(startMs)).toBe(true);
        }),
        { numRuns: Math.ceil(CASES / 5) },
      );
    },
    CASES * 20,
  );
});
