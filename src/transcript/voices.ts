// Owns the speakers of a transcript as a person sees them: in the order of their first words, with name, colour, and where they speak.

import type { EditedTranscript } from '../contract/edits.ts';
import { SPEAKER_COLORS } from '../contract/edits.ts';
import type { Segment } from '../contract/transcript.ts';

export interface Voice {
  readonly label: string;
  /** As a person named it; null where nobody did. */
  readonly name: string | null;
  /** 1 to 8. */
  readonly color: number;
  readonly segments: number;
  /** Seconds of speech. */
  readonly seconds: number;
}

/** Everybody who speaks, in the order of the first words; then those who are known and say nothing any more. */
export function voicesOf({ segments, speakers }: Pick<EditedTranscript, 'segments' | 'speakers'>): readonly Voice[] {
  const heard = new Map<string, { segments: number; seconds: number }>();
  for (const { speaker, start, end } of segments) {
    if (speaker === undefined) continue;
    const known = heard.get(speaker) ?? { segments: 0, seconds: 0 };
    heard.set(speaker, { segments: known.segments + 1, seconds: known.seconds + end - start });
  }
  for (const label of Object.keys(speakers)) if (!heard.has(label)) heard.set(label, { segments: 0, seconds: 0 });
  return [...heard].map(([label, counts], place): Voice => {
    const known = Object.hasOwn(speakers, label) ? speakers[label] : undefined;
    const chosen = Number(known?.color);
    const own = Number.isInteger(chosen) && chosen >= 1 && chosen <= SPEAKER_COLORS;
    return { label, name: known?.name ?? null, color: own ? chosen : (place % SPEAKER_COLORS) + 1, ...counts };
  });
}

/** A label that nobody has yet. */
export function freshLabel(voices: readonly Pick<Voice, 'label'>[]): string {
  const known = new Set(voices.map(({ label }) => label));
  let number = 0;
  while (known.has(labelOf(number))) number += 1;
  return labelOf(number);
}

function labelOf(number: number): string {
  return `SPEAKER_${String(number).padStart(2, '0')}`;
}

/** Stretches of one speaker, in order; short pauses inside of them are not seen. Seconds. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

const JOINED_BELOW = 0.4;

/** Where each speaker speaks, for their lanes. */
export function stretchesOf(segments: readonly Segment[]): ReadonlyMap<string, readonly Stretch[]> {
  const lanes = new Map<string, Stretch[]>();
  for (const { speaker, start, end } of segments) {
    if (speaker === undefined) continue;
    const lane = lanes.get(speaker) ?? [];
    const last = lane.at(-1);
    if (last !== undefined && start - last.end < JOINED_BELOW) {
      lane[lane.length - 1] = { start: last.start, end: Math.max(last.end, end) };
    } else lane.push({ start, end });
    lanes.set(speaker, lane);
  }
  return lanes;
}
