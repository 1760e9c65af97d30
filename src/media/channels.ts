// Owns whether the channels of a recording hold different voices: one microphone a person, or the two sides of a call. Only samples that are
// not packed can be looked at here; for the others the worker's decoder would be needed, and a person decides.

import type { InputAudioTrack } from 'mediabunny';
import { EncodedPacketSink } from 'mediabunny';
import type { AudioTrack } from '../contract/media.ts';
import { pcmReader } from './pcm.ts';

/** Places of the recording that are listened to, and seconds at each. */
const PLACES = 24;
const SECONDS = 1.5;
/** Below this loudness (root mean square of full scale) a channel is silent at a place. */
const SILENT = 0.002;
/** Channels that sound together and are as alike as this carry the same: mono twice, or one room in stereo. */
const ALIKE = 0.6;

/**
 * True when the channels say different things, false when they carry the same (or one is silent throughout), null where that cannot be told
 * here. A stereo music mix or a room in stereo correlates; voices on microphones of their own do not.
 */
export async function distinctChannels(track: InputAudioTrack, facts: AudioTrack): Promise<boolean | null> {
  const { channels, codec, sampleRate } = facts;
  if (channels === null || sampleRate === null) return null;
  if (channels === 1) return false;
  const read = codec === null ? null : pcmReader(codec);
  if (read === null || channels > 8) return null;
  const sink = new EncodedPacketSink(track);
  const first = await track.getFirstTimestamp();
  const end = await track.computeDuration({ metadataOnly: true });
  const tally = { together: 0, alike: 0, heard: new Array<boolean>(channels).fill(false) };
  for (let place = 0; place < PLACES; place += 1) {
    const from = first + ((end - first) * (place + 0.5)) / PLACES;
    const samples = await samplesAt(sink, from, read, channels, Math.round(SECONDS * sampleRate));
    if (samples !== null) compare(samples, tally);
  }
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

/** About `wanted` samples of each channel from a time on, or null past the end. */
async function samplesAt(
  sink: EncodedPacketSink,
  from: number,
  read: NonNullable<ReturnType<typeof pcmReader>>,
  channels: number,
  wanted: number,
): Promise<readonly Float32Array[] | null> {
  let packet = await sink.getPacket(from);
  const found = Array.from({ length: channels }, () => new Float32Array(wanted));
  let filled = 0;
  while (packet !== null && filled < wanted) {
    const { data } = packet;
    const frames = Math.min(Math.floor(data.length / (read.bytes * channels)), wanted - filled);
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    for (let frame = 0; frame < frames; frame += 1)
      for (let channel = 0; channel < channels; channel += 1) {
        const samples = found[channel];
        if (samples !== undefined) samples[filled + frame] = read.at(view, (frame * channels + channel) * read.bytes);
      }
    filled += frames;
    if (frames === 0) break;
    packet = await sink.getNextPacket(packet);
  }
  return filled === 0 ? null : found.map((samples) => samples.subarray(0, filled));
}
