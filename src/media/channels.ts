// Owns whether the channels of a recording hold different voices: one microphone a person, or the two sides of a call. Only sound that is decoded
// here can be looked at; for the rest the worker's decoder would be needed, and a person decides.

/** Where a recording is listened to. */
export const LISTENED = { count: 24, seconds: 1.5 } as const;
/** Below this loudness (root mean square of full scale) a channel is silent at a place. */
const SILENT = 0.002;
/** Channels that sound together and are as alike as this carry the same: mono twice, or one room in stereo. */
const ALIKE = 0.6;
/** More channels are a mix for loudspeakers. */
const MOST_CHANNELS = 8;

/**
 * True when the channels say different things, false when they carry the same (or one is silent throughout), null where that cannot be told
 * here. A stereo music mix or a room in stereo correlates; voices on microphones of their own do not.
 * @param places the samples of each channel at {@link LISTENED} places; none are asked for where the number of channels says all
 * @throws whatever `places` does
 */
export async function distinctChannels(
  channels: number | null,
  places: AsyncIterable<readonly Float32Array[]>,
): Promise<boolean | null> {
  if (channels === null || channels > MOST_CHANNELS) return null;
  if (channels === 1) return false;
  const tally = { together: 0, alike: 0, heard: new Array<boolean>(channels).fill(false) };
  let count = 0;
  for await (const samples of places) {
    count += 1;
    compare(samples, tally);
  }
  if (count === 0) return null;
  // One side of a call may wait while the other speaks: being heard alone is as telling as being unlike.
  if (tally.heard.filter(Boolean).length < 2) return false;
  return tally.together === 0 || tally.alike / tally.together < 0.5;
}

interface Tally {
  /** Places at which two channels sound, and at which they carry the same. */
  together: number;
  alike: number;
  readonly heard: boolean[];
}

function compare(samples: readonly Float32Array[], tally: Tally): void {
  const levels = samples.map((channel) => Math.sqrt(dot(channel, channel) / Math.max(1, channel.length)));
  for (const [index, level] of levels.entries()) if (level >= SILENT) tally.heard[index] = true;
  const [one, other] = levels.map((level, index) => ({ level, index })).sort((a, b) => b.level - a.level);
  if (one === undefined || other === undefined || one.level < SILENT) return;
  tally.together += 1;
  const a = samples[one.index];
  const b = samples[other.index];
  if (a === undefined || b === undefined || other.level < SILENT) return;
  const likeness = Math.abs(dot(a, b)) / (Math.sqrt(dot(a, a) * dot(b, b)) || 1);
  if (likeness >= ALIKE) tally.alike += 1;
}

function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < one.length; index += 1) sum += (one[index] ?? 0) * (other[index] ?? 0);
  return sum;
}
