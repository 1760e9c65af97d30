// Owns what counts as silence in a waveform: where it stays low for long, measured against how loud the recording speaks.

import type { Stretch } from '../../transcript/voices.ts';

/** Shorter pauses belong to speech. Seconds. */
const SHORTEST = 0.8;
/** Of the level that is passed by the loudest tenth. */
const QUIET_SHARE = 0.06;
/** Full scale is 255: below this is nothing that anybody hears. */
const FLOOR = 2;

/** Stretches without speech, in order. `values`: one byte for each `1 / perSecond` seconds. */
export function silencesIn(values: Uint8Array, perSecond: number): readonly Stretch[] {
  const limit = Math.max(FLOOR, loudLevel(values) * QUIET_SHARE);
  const found: Stretch[] = [];
  let from = -1;
  for (let at = 0; at <= values.length; at += 1) {
    const quiet = at < values.length && (values[at] ?? 0) <= limit;
    if (quiet && from < 0) from = at;
    if (quiet || from < 0) continue;
    if (at - from >= SHORTEST * perSecond) found.push({ start: from / perSecond, end: at / perSecond });
    from = -1;
  }
  return found;
}

/** The level that nine tenths of the recording stay below. */
function loudLevel(values: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  let left = values.length * 0.1;
  for (let level = 255; level > 0; level -= 1) {
    left -= counts[level] ?? 0;
    if (left <= 0) return level;
  }
  return 0;
}
