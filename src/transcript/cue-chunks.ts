// Owns laying out subtitles part by part: a change in one line of a long transcript lays out its part anew, and no other. The parts end
// where a cue has to end anyway, so that they give the very cues that laying out everything at once gives.

import type { EditedSegment } from '../contract/edits.ts';
import type { Transcript } from '../contract/transcript.ts';
import type { Cue, CueLimits } from './cues.ts';
import { layOutCues } from './cues.ts';
import { wordsOf } from './piece.ts';
import { toMs } from './times.ts';

export interface CueChunk {
  readonly segments: readonly EditedSegment[];
  /** Where what follows begins, seconds; null at the end. */
  readonly nextStart: number | null;
}

/** A part may begin at every so-many-th segment of the machine, so that a split or a merge does not move all later parts. */
const EVERY = 8;

/** The parts of a transcript. */
export function cueChunks(segments: readonly EditedSegment[], limits: CueLimits): readonly CueChunk[] {
  const chunks: CueChunk[] = [];
  let from = 0;
  let latest = 0;
  for (let at = 1; at <= segments.length; at += 1) {
    const before = segments[at - 1];
    const here = segments[at];
    latest = Math.max(latest, before?.end ?? 0);
    if (before === undefined || (here !== undefined && !(mayBegin(here.key) && parted(before, here, latest, limits))))
      continue;
    chunks.push({
      segments: segments.slice(from, at),
      nextStart: here === undefined ? null : (wordsOf(here)[0]?.start ?? here.start),
    });
    from = at;
  }
  return chunks;
}

function mayBegin(key: string): boolean {
  return !key.includes('.') && Number(key) % EVERY === 0;
}

/** Whether a cue has to end between two segments: a long silence, or another speaker; and nothing of what was before reaches over. */
function parted(before: EditedSegment, here: EditedSegment, latest: number, limits: CueLimits): boolean {
  if (here.start <= latest) return false;
  const last = wordsOf(before).at(-1);
  const first = wordsOf(here)[0];
  if (last === undefined || first === undefined || last.word.trim() === '' || first.word.trim() === '') return false;
  if (toMs(here.start) - toMs(latest) >= limits.pauseMs) return true;
  return voiceOf(last, before) !== voiceOf(first, here);
}

function voiceOf(word: object, segment: EditedSegment): string | null {
  const own = 'speaker' in word && typeof word.speaker === 'string' ? word.speaker : undefined;
  return own ?? segment.speaker ?? null;
}

/** The cues of one part. */
export function layOutChunk(
  transcript: Transcript,
  { segments, nextStart }: CueChunk,
  limits: CueLimits,
): readonly Cue[] {
  const duration = nextStart ?? transcript.duration;
  const cues = layOutCues({ ...transcript, segments: [...segments], duration }, limits);
  if (nextStart === null) return cues;
  // Between two cues there is a little dark time, here as everywhere. Of those that are shown together at the end, each is such a one.
  const nextMs = toMs(nextStart);
  const latest = cues.at(-1)?.startMs ?? 0;
  return cues.map((cue) =>
    nextMs - cue.startMs <= limits.gapMs || cue.endMs <= nextMs - limits.gapMs || latest >= cue.endMs
      ? cue
      : { ...cue, endMs: nextMs - limits.gapMs },
  );
}
