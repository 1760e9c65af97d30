// Owns the layouts of subtitles that can be chosen, as numbers. Widths are those that broadcasters and podcast players ask for.

import type { CueLayout } from '../contract/export-options.ts';
import type { CueLimits } from './cues.ts';
import { DEFAULT_CUE_LIMITS } from './cues.ts';

export const LAYOUTS: Readonly<Record<CueLayout, { readonly label: string; readonly limits: CueLimits }>> = {
  subtitles: { label: 'Subtitles 42×2', limits: DEFAULT_CUE_LIMITS },
  podcast: { label: 'Podcast 32×2', limits: { ...DEFAULT_CUE_LIMITS, lineWidth: 32 } },
  'one-line': { label: 'One line 37', limits: { ...DEFAULT_CUE_LIMITS, lines: 1, lineWidth: 37 } },
  sentences: {
    label: 'Sentences',
    limits: { ...DEFAULT_CUE_LIMITS, lines: 4, lineWidth: 60, longestMs: 20_000, everySentence: true },
  },
};
