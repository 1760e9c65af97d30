// Owns the check of laid-out subtitles against the limits of their layout: what is broken, by how much.

import type { Cue, CueLimits } from './cues.ts';
import { widthOf } from './line-break.ts';

/** One limit that a cue breaks, with the measure that breaks it. */
export type CueFault =
  | { readonly kind: 'speed'; readonly charactersPerSecond: number }
  | { readonly kind: 'width'; readonly line: number; readonly columns: number }
  | { readonly kind: 'lines'; readonly lines: number }
  | { readonly kind: 'short'; readonly ms: number }
  | { readonly kind: 'long'; readonly ms: number };

/** Rounding of times and characters is no fault. */
const SLACK = 1.02;

/** The limits that a cue breaks; the worst kind first, none for a good one. */
export function cueFaults(cue: Cue, limits: CueLimits): readonly CueFault[] {
  const faults: CueFault[] = [];
  const ms = Math.max(1, cue.endMs - cue.startMs);
  const speed = (Array.from(cue.lines.join(' ')).length * 1000) / ms;
  if (speed > limits.charactersPerSecond * SLACK) faults.push({ kind: 'speed', charactersPerSecond: speed });
  for (const [line, text] of cue.lines.entries()) {
    const columns = widthOf(text);
    if (columns > limits.lineWidth) faults.push({ kind: 'width', line, columns });
  }
  if (cue.lines.length > limits.lines) faults.push({ kind: 'lines', lines: cue.lines.length });
  if (ms * SLACK < limits.shortestMs) faults.push({ kind: 'short', ms });
  if (ms > limits.longestMs * SLACK) faults.push({ kind: 'long', ms });
  return faults;
}
