// Owns the layouts of subtitles that can be chosen, as numbers. Widths are those that broadcasters and podcast players ask for.

import type { CueLayout, CueNumbers } from '../contract/export-options.ts';
import type { CueLimits } from './cues.ts';
import { DEFAULT_CUE_LIMITS } from './cues.ts';

/** More than any line or recording has: a limit that limits nothing. */
export const UNBOUND = 1e12;

/** By its name. */
export const LAYOUTS: Readonly<Record<CueLayout, { readonly label: string; readonly limits: CueLimits }>> = {
  subtitles: { label: 'Subtitles 42×2', limits: DEFAULT_CUE_LIMITS },
  // 5/6 of a second, two frames at 24 a second, 20 characters a second for grown-ups.
  netflix: { label: 'Netflix 42×2', limits: { ...DEFAULT_CUE_LIMITS, shortestMs: 834, gapMs: 84 } },
  // Teletext's width; 170 words a minute, at six characters a word with its space.
  bbc: { label: 'BBC 37×2', limits: { ...DEFAULT_CUE_LIMITS, lineWidth: 37, charactersPerSecond: 17, gapMs: 80 } },
  podcast: { label: 'Podcast 32×2', limits: { ...DEFAULT_CUE_LIMITS, lineWidth: 32 } },
  // 16 wide characters a line, which take two columns each; few of them are read in a second.
  cjk: {
    label: 'Chinese, Japanese, Korean 16×2',
    limits: { ...DEFAULT_CUE_LIMITS, lineWidth: 32, charactersPerSecond: 9 },
  },
  'one-line': { label: 'One line 37', limits: { ...DEFAULT_CUE_LIMITS, lines: 1, lineWidth: 37 } },
  sentences: {
    label: 'Sentences',
    limits: { ...DEFAULT_CUE_LIMITS, lines: 4, lineWidth: 60, longestMs: 20_000, everySentence: true },
  },
  // What WhisperX and Whisper write where nothing is asked of them: a line for each segment, for as long as it was heard.
  segments: {
    label: 'As heard, like WhisperX',
    limits: {
      ...{ lines: 1, lineWidth: UNBOUND, charactersPerSecond: UNBOUND, shortestMs: 0, longestMs: UNBOUND, gapMs: 0 },
      ...{ pauseMs: UNBOUND, everySegment: true },
    },
  },
};

/** The numbers of a layout, with a person's own laid over them. The longest cue is never shorter than the shortest. */
export function cueLimits({ layout, ...own }: { readonly layout: CueLayout } & CueNumbers): CueLimits {
  const { limits } = LAYOUTS[layout];
  const shortestMs = own.shortestMs ?? limits.shortestMs;
  return {
    ...limits,
    lines: own.lines ?? limits.lines,
    lineWidth: own.lineWidth ?? limits.lineWidth,
    charactersPerSecond: own.charactersPerSecond ?? limits.charactersPerSecond,
    shortestMs,
    longestMs: Math.max(own.longestMs ?? limits.longestMs, shortestMs),
    gapMs: own.gapMs ?? limits.gapMs,
  };
}
