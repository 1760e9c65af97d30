// Owns what a person chose about reading and correcting (speed, layout of subtitles, keys): one entry of the browser's storage, kept
// across restarts, beside that of the window.

import { CUE_LAYOUTS, type CueLayout } from '../../contract/export-options.ts';
import { type Keymap, readKeymap } from './keymap.ts';

export const SLOWEST = 0.5;
export const FASTEST = 3;

/** What is remembered. */
export interface TranscriptPreferences {
  /** Times real time, from SLOWEST to FASTEST. */
  readonly rate: number;
  readonly layout: CueLayout;
  /** Only the actions whose keys differ from the usual ones. */
  readonly keys: Partial<Keymap>;
}

const KEY = 'bulk-transcribe-transcript';

/** What this browser remembers. A field that makes no sense is as if it had never been chosen. */
export function readTranscriptPreferences(): TranscriptPreferences {
  let kept: unknown = null;
  try {
    kept = JSON.parse(localStorage.getItem(KEY) ?? 'null');
  } catch {
    kept = null;
  }
  const { rate, layout, keys } = typeof kept === 'object' && kept !== null ? (kept as Record<string, unknown>) : {};
  return {
    rate: typeof rate === 'number' && rate >= SLOWEST && rate <= FASTEST ? rate : 1,
    layout: CUE_LAYOUTS.find((each) => each === layout) ?? 'subtitles',
    keys: readKeymap(keys),
  };
}

/** Remembers some of them. A browser that keeps nothing loses them at its end, and only that. */
export function keepTranscriptPreferences(chosen: Partial<TranscriptPreferences>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...readTranscriptPreferences(), ...chosen }));
  } catch {
    // Nothing else depends on it.
  }
}
