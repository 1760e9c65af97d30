// Owns the edited transcripts that the tests of reading are made of: lines with times that a person can follow.

import type { EditedSegment, EditedTranscript } from '../contract/edits.ts';
import type { Transcript } from '../contract/transcript.ts';
import { applyEdits } from './edit.ts';
import { spoken, transcriptOf } from './transcript.cases.ts';

/** One segment a line, one after the other, a second apart; `Anna: text` says who. */
export function readingOf(lines: readonly string[], warnings: Transcript['warnings'] = []): EditedTranscript {
  let at = 0;
  const segments = lines.map((line, id) => {
    const [, speaker, text] = /^(?:(\w+): )?(.*)$/.exec(line) ?? [];
    const segment = spoken(at, ` ${text ?? ''}`, speaker);
    at = Math.round(segment.end + 1);
    return { ...segment, id };
  });
  return applyEdits({ ...transcriptOf(segments), warnings }, []);
}

/** The segment at a place; the test is wrong where there is none. */
export function segmentAt({ segments }: EditedTranscript, index: number): EditedSegment {
  const segment = segments[index];
  if (segment === undefined) throw new RangeError(`There is no segment ${index}.`);
  return segment;
}
