// Owns packing a track as Opus: a tenth of the bytes of samples, for a slow uplink, and the one form in which something of the sound is lost. Only
// a person who asks for it gets it.
//
// Measured on six invented recordings of a minute (tests/small-whisper, seeds 2001 to 2006, 705 words, 16 kHz, one channel; the worker on a CPU with
// the small model). Rates are upper ones: pauses take less. A real Whisper and real rooms were not measured, nor what it does to telling voices apart.
//
//   sent as               wrong words   kB a minute
//   samples, 16 bits      3.1 %         1,900
//   Opus, 32 kbit/s       3.3 %         174
//   Opus, 24 kbit/s       4.0 %         135
//
// It takes 38 s of one core's time for an hour of such sound (three hours in one file, a server's core that others used too). The program then held
// 169 MB after 18 minutes of the sound, 210 MB after 72 and 209 MB at the end, 244 MB at the most.

import type { InputAudioTrack } from 'mediabunny';
import { EncodedAudioPacketSource, EncodedPacket, FilePathTarget, OggOutputFormat, Output } from 'mediabunny';
import type { AudioTrack } from '../contract/media.ts';
import { mixed } from './mixing.ts';
import { OPUS_RATES, OpusStream } from './opus-stream.ts';
import { Resampler } from './resample.ts';
import { type Stretch, soundOf } from './sound.ts';

/**
 * Bits a second of each channel. Nothing solid is published about Whisper on Opus; 16 kbit/s cost an earlier recogniser an eighth more wrong words
 * (relative; arXiv, multichannel model), so this is twice that, and never below 24.
 */
const BITRATE = 32_000;
/** Rates that the encoder does not take become this one. */
const OTHERS_RATE = 48_000;
/** Channels that the worker takes for speakers (worker-image, channels.py, MOST); more of them are a mix for loudspeakers. */
const MOST_CHANNELS = 8;
/** Samples that are encoded in one go. */
const PIECE_SEC = 0.5;

/** Channels that are sent of a recording: all of them where each is to be heard by itself. */
export function opusChannels({ channels }: Pick<AudioTrack, 'channels'>, separate: boolean): number {
  return separate && channels !== null && channels <= MOST_CHANNELS ? channels : 1;
}

/** Bits a second that the copy of a track takes, about: its packets and the pages that they lie on. */
export function opusBitrate(channels: number): number {
  return channels * BITRATE;
}

/**
 * Writes the sound of `track` to a new file at `target`, beginning with its first sample and exactly as long.
 * @param separate whether every channel is to be heard by itself; else one is made of all
 * @param tick called every now and then; it may throw
 * @throws whatever the reader, the decoder, the disk or `tick` does; what was written of `target` is the caller's to remove
 */
export async function packAsOpus(
  track: InputAudioTrack,
  target: string,
  {
    facts,
    separate,
    padding,
    endSec,
    tick,
  }: {
    readonly facts: AudioTrack;
    readonly separate: boolean;
    readonly padding: readonly Stretch[];
    readonly endSec: number | null;
    readonly tick: () => void;
  },
): Promise<{ readonly contentType: string }> {
  const { sampleRate } = facts;
  if (sampleRate === null) throw new RangeError('The rate of the track is not known.');
  const channels = opusChannels(facts, separate);
  const rate = OPUS_RATES.find((each) => each === sampleRate) ?? OTHERS_RATE;
  const resamplers =
    rate === sampleRate ? null : Array.from({ length: channels }, () => new Resampler(sampleRate, rate));
  const stream = await OpusStream.open(rate, channels, BITRATE);
  const output = new Output({ format: new OggOutputFormat(), target: new FilePathTarget(target) });
  const source = new EncodedAudioPacketSource('opus');
  output.addAudioTrack(source);
  const decoderConfig = {
    codec: 'opus',
    numberOfChannels: channels,
    sampleRate: OTHERS_RATE,
    description: stream.head,
  };
  const write = async (packets: Iterable<{ data: Uint8Array; timestamp: number; duration: number }>): Promise<void> => {
    for (const { data, timestamp, duration } of packets)
      await source.add(new EncodedPacket(data, 'key', timestamp, duration), { decoderConfig });
  };
  try {
    await output.start();
    for await (const piece of gathered(soundOf(track, facts, padding, endSec), PIECE_SEC * sampleRate)) {
      tick();
      const sound = channels === 1 ? [mixed(piece)] : piece;
      await write(
        stream.push(resamplers?.map((each, index) => each.push(sound[index] ?? new Float32Array())) ?? sound),
      );
    }
    if (resamplers !== null) await write(stream.push(resamplers.map((each) => each.end())));
    await write(stream.end());
    await output.finalize();
  } catch (thrown) {
    await output.cancel().catch(() => undefined);
    throw thrown;
  } finally {
    stream.close();
  }
  return { contentType: 'audio/ogg' };
}

/** The same samples in pieces of `size` at least: containers cut sound into small ones. */
async function* gathered(
  sound: AsyncIterable<readonly Float32Array[]>,
  size: number,
): AsyncGenerator<readonly Float32Array[], void, undefined> {
  let held: (readonly Float32Array[])[] = [];
  let count = 0;
  for await (const piece of sound) {
    held.push(piece);
    count += piece[0]?.length ?? 0;
    if (count < size) continue;
    yield joined(held, count);
    held = [];
    count = 0;
  }
  if (count > 0) yield joined(held, count);
}

function joined(pieces: readonly (readonly Float32Array[])[], count: number): readonly Float32Array[] {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return first;
  return (first ?? []).map((_, channel) => {
    const whole = new Float32Array(count);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece[channel] ?? [], at);
      at += piece[channel]?.length ?? 0;
    }
    return whole;
  });
}
