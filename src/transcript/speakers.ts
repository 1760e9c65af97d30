// Owns how a speaker is called: the name that a person gave, else the label that diarization gave.

import type { Transcript } from '../contract/transcript.ts';
import { oneLine } from './spoken.ts';

/** The name to show for a speaker's label, in one line. */
export function speakerName(transcript: Pick<Transcript, 'speakers'>, label: string): string {
  const named = Object.hasOwn(transcript.speakers, label) ? transcript.speakers[label]?.name : undefined;
  return oneLine(named ?? '') || oneLine(label) || 'Speaker';
}
