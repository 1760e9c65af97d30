// Owns the sound of a track as one stream of samples: each where the track's clock has it, with silence where there is a hole, by the rules by
// which the worker's decoder lays it (worker-image, sound_track.py). So a copy that is made of it runs as the recording does.

import type { AudioSample, InputAudioTrack } from 'mediabunny';
import { AudioSampleSink } from 'mediabunny';
import type { AudioTrack } from '../contract/media.ts';

/** Clocks of containers are coarse: sound that is no further off than this follows what was before it. Seconds. */
const JITTER_SEC = 0.1;
/** A clock that jumps further ahead of where the recording says it ends is taken as broken. Seconds. */
const CLOCK_SLACK_SEC = 2;
/** The same where the recording does not say. */
const FARTHEST_SEC = 4 * 3600;
/** Longest recording that a worker takes; a small file can claim to be endless. */
const MOST_SEC = 48 * 3600;
/** 48 hours of the shortest packets in use. */
const MOST_PACKETS = MOST_SEC * 400;
/** Silence comes in pieces of so many samples. */
const PIECE = 48_000;

/** Samples of a track, counted from its first: from one on and up to another. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * The samples of `track`, a piece of each channel at a time, -1 to 1. They begin with the track's first sample, or at time zero where it begins
 * before that.
 * @param padding what is no sound, in order: an encoder adds some at either end
 * @param endSec where the recording says that its sound ends, counted from the track's beginning, or null
 * @throws RangeError for a track that is not what it says, and whatever the decoder does
 */
export async function* soundOf(
  track: InputAudioTrack,
  { channels, sampleRate }: Pick<AudioTrack, 'channels' | 'sampleRate'>,
  padding: readonly Stretch[],
  endSec: number | null,
): AsyncGenerator<readonly Float32Array[], void, undefined> {
  if (channels === null || sampleRate === null) throw new RangeError('The form of the track is not known.');
  const begin = Math.max(0, await track.getFirstTimestamp());
  const skipped = padding[0]?.from === 0 ? padding[0].to : 0;
  const farthest = Math.round((endSec === null ? FARTHEST_SEC : endSec + CLOCK_SLACK_SEC) * sampleRate);
  /** Samples that were given, and by how many the clock was set back. */
  let reached = 0;
  let shift = 0;
  let packets = 0;
  for await (const sample of new AudioSampleSink(track).samples()) {
    try {
      packets += 1;
      if (packets > MOST_PACKETS) throw new RangeError('The track has no end.');
      if (sample.sampleRate !== sampleRate || sample.numberOfChannels !== channels)
        throw new RangeError('The form of the track changes.');
      const at = Math.round((sample.timestamp - begin) * sampleRate);
      const all = planes(sample);
      for (const { from, to } of without({ from: Math.max(0, at), to: at + sample.numberOfFrames }, padding)) {
        const off = from - skipped + shift - reached;
        if (Math.abs(off) > JITTER_SEC * sampleRate) {
          if (off < 0 || reached + off > farthest) shift -= off;
          else {
            yield* silence(channels, off);
            reached += off;
          }
        }
        yield all.map((plane) => plane.subarray(from - at, to - at));
        reached += to - from;
        if (reached > MOST_SEC * sampleRate) throw new RangeError('The track has no end.');
      }
    } finally {
      sample.close();
    }
  }
}

/** What of a stretch lies in none of the others. */
function without(whole: Stretch, others: readonly Stretch[]): readonly Stretch[] {
  let left = [whole];
  for (const { from, to } of others)
    left = left.flatMap((each) => [
      { from: each.from, to: Math.min(each.to, from) },
      { from: Math.max(each.from, to), to: each.to },
    ]);
  return left.filter(({ from, to }) => from < to);
}

/** The samples of each channel. What is no number, or louder than there is, is made what a decoder to 16 bits makes of it. */
export function planes(sample: AudioSample): Float32Array[] {
  return Array.from({ length: sample.numberOfChannels }, (_, planeIndex) => {
    const plane = new Float32Array(sample.numberOfFrames);
    sample.copyTo(plane, { planeIndex, format: 'f32-planar' });
    for (let index = 0; index < plane.length; index += 1) {
      const value = plane[index] ?? 0;
      if (!(value >= -1 && value <= 1)) plane[index] = value > 1 ? 1 : value < -1 ? -1 : 0;
    }
    return plane;
  });
}

function* silence(channels: number, count: number): Generator<readonly Float32Array[]> {
  for (let left = count; left > 0; left -= PIECE) {
    const piece = new Float32Array(Math.min(left, PIECE));
    yield Array.from({ length: channels }, () => piece);
  }
}
