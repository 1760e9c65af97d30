// Owns how components come to the subtitles of the open transcript.

import { useSyncExternalStore } from 'react';
import { useApp } from '../../app-context.ts';
import type { CueSheet } from '../../state/cue-sheet.ts';

export function useCues(): CueSheet {
  const { cues } = useApp().tools;
  return useSyncExternalStore(cues.watch, cues.current);
}
