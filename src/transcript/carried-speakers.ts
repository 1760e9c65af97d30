// Owns who is who in two transcripts of one recording, and what of a person's word about speakers goes over from the one to the other. Labels
// (`SPEAKER_00`) are given anew each time: the same person is who speaks at the same time.

import type { NotCarried } from '../contract/carried.ts';
import type { EditedSegment, EditedTranscript, EditOperation } from '../contract/edits.ts';
import type { Segment, Transcript } from '../contract/transcript.ts';

export interface CarriedSpeakers {
  readonly operations: readonly EditOperation[];
  readonly placed: number;
  readonly left: readonly NotCarried[];
}

export function carriedSpeakers(earlier: Transcript, view: EditedTranscript, machine: Transcript): CarriedSpeakers {
  const labels = new Map(matched(earlier.segments, machine.segments));
  const operations: EditOperation[] = [];
  const left: NotCarried[] = [];
  let placed = 0;
  const labelNow = (label: string): string => {
    const known = labels.get(label);
    if (known !== undefined) return known;
    const fresh = unused(label, new Set([...Object.keys(machine.speakers), ...labels.values()]));
    labels.set(label, fresh);
    return fresh;
  };

  for (const piece of view.segments) {
    const speaker = piece.speaker ?? null;
    if (!piece.edited || speaker === (speakerAt(earlier.segments, piece) ?? null)) continue;
    const inside = machine.segments.flatMap((segment, index) => (liesIn(segment, piece) ? [{ segment, index }] : []));
    if (inside.length === 0) {
      const { start, end } = piece;
      const text = speaker === null ? '' : (view.speakers[speaker]?.name ?? speaker);
      left.push({ what: 'speaker', start, end, text, original: piece.text.trim() });
      continue;
    }
    placed += 1;
    const label = speaker === null ? null : labelNow(speaker);
    for (const { segment, index } of inside)
      if ((segment.speaker ?? null) !== label)
        operations.push({ type: 'set-speaker', segment: String(index), speaker: label, scope: 'segment' });
  }

  for (const [label, { name, color }] of Object.entries(view.speakers)) {
    const before = earlier.speakers[label];
    const renamed = (name ?? null) !== (before?.name ?? null);
    const colored = (color ?? null) !== (before?.color ?? null);
    if (!renamed && !colored) continue;
    const speaker = labels.get(label);
    if (speaker === undefined) {
      if (renamed) left.push({ what: 'name', start: 0, end: 0, text: name ?? '', original: before?.name ?? label });
      continue;
    }
    placed += 1;
    if (renamed) operations.push({ type: 'rename-speaker', speaker, name: name ?? null });
    const place = Number(color);
    if (colored && Number.isInteger(place) && place >= 1)
      operations.push({ type: 'color-speaker', speaker, color: place });
  }
  return { operations, placed, left };
}

/** Each label of the earlier transcript with the one of the later that speaks most at the same time, no label twice. */
function matched(earlier: readonly Segment[], later: readonly Segment[]): [string, string][] {
  const shared = new Map<string, { readonly one: string; readonly other: string; seconds: number }>();
  let from = 0;
  for (const one of earlier) {
    while (from < later.length && (later[from]?.end ?? 0) <= one.start) from += 1;
    for (let at = from; at < later.length; at += 1) {
      const other = later[at];
      if (other === undefined || other.start >= one.end) break;
      if (one.speaker === undefined || other.speaker === undefined) continue;
      const seconds = Math.min(one.end, other.end) - Math.max(one.start, other.start);
      const key = JSON.stringify([one.speaker, other.speaker]);
      const pair = shared.get(key) ?? { one: one.speaker, other: other.speaker, seconds: 0 };
      pair.seconds += Math.max(0, seconds);
      shared.set(key, pair);
    }
  }
  const pairs: [string, string][] = [];
  for (const { one, other } of [...shared.values()].sort((a, b) => b.seconds - a.seconds))
    if (!pairs.some(([taken, by]) => taken === one || by === other)) pairs.push([one, other]);
  return pairs;
}

/** Whose segment of the machine has most of the piece's time. */
function speakerAt(segments: readonly Segment[], { start, end }: EditedSegment): string | undefined {
  let best: Segment | undefined;
  let most = -1;
  for (const segment of segments) {
    const seconds = Math.min(end, segment.end) - Math.max(start, segment.start);
    if (seconds > most) [best, most] = [segment, seconds];
  }
  return best?.speaker;
}

function liesIn({ start, end }: Segment, piece: EditedSegment): boolean {
  const middle = (start + end) / 2;
  return middle >= piece.start && middle <= piece.end;
}

/** A label that nobody has: the same where it is free. */
function unused(label: string, taken: ReadonlySet<string>): string {
  if (!taken.has(label)) return label;
  for (let number = 0; ; number += 1) {
    const fresh = `SPEAKER_${String(number).padStart(2, '0')}`;
    if (!taken.has(fresh)) return fresh;
  }
}
