// Owns listening to a recording at a few places without reading what lies between them. MP3 and FLAC have no index: there a place is so far into
// the file as it is into the recording, from the first frame on that begins behind it.

import type { InputAudioTrack, InputFormat } from 'mediabunny';
import { AudioSampleSink, BufferSource, EncodedPacketSink, FLAC, Input, MP3 } from 'mediabunny';
import { registerDecoders } from './decoders.ts';
import { planes } from './sound.ts';

/** Gives bytes of the file. */
export type ReadBytes = (start: number, end: number) => Promise<Uint8Array>;

export interface Places {
  readonly count: number;
  /** Seconds at each. */
  readonly seconds: number;
}

/** Bytes that look like the beginning of a frame may be something else; so many are tried at a place. */
const MOST_TRIES = 8;
/** Samples in the longest frame of MP3, and of FLAC as every encoder makes it. */
const FRAME = { MP3: 1152, FLAC: 4608 } as const;

/**
 * The samples of each channel at each place that can be heard, from the beginning to the end.
 * @param container as mediabunny calls it
 * @throws whatever the reader or the decoder does
 */
export async function* soundAt(
  { count, seconds }: Places,
  track: InputAudioTrack,
  container: string | null,
  size: number,
  read: ReadBytes,
): AsyncGenerator<readonly Float32Array[], void, undefined> {
  registerDecoders();
  if (!(await track.canDecode())) return;
  const wanted = Math.round(seconds * (await track.getSampleRate()));
  const shares = Array.from({ length: count }, (_, place) => (place + 0.5) / count);
  if (container === 'MP3' || container === 'FLAC') {
    const rest = await without(container, track, wanted);
    for (const share of shares) {
      const start = Math.floor(size * share);
      const piece = await rest(
        await read(start, Math.min(size, start + (await bytesOf(container, track, size, wanted)))),
      );
      if (piece !== null) yield piece;
    }
    return;
  }
  const first = await track.getFirstTimestamp();
  const end = await track.computeDuration({ metadataOnly: true });
  for (const share of shares) {
    const piece = await heard(track, wanted, first + (end - first) * share);
    if (piece !== null) yield piece;
  }
}

/** About so many samples of each channel from a time on, or null where there are none. */
async function heard(track: InputAudioTrack, wanted: number, from?: number): Promise<readonly Float32Array[] | null> {
  const pieces: Float32Array[][] = [];
  let filled = 0;
  try {
    for await (const sample of new AudioSampleSink(track).samples(from)) {
      pieces.push(planes(sample));
      filled += sample.numberOfFrames;
      sample.close();
      if (filled >= wanted) break;
    }
  } catch (thrown) {
    // The last frame of a piece of a file is cut off.
    if (filled === 0) throw thrown;
  }
  if (filled === 0) return null;
  return (pieces[0] ?? []).map((_, channel) => {
    const whole = new Float32Array(Math.min(filled, wanted));
    let at = 0;
    for (const piece of pieces) {
      const part = (piece[channel] ?? new Float32Array()).subarray(0, whole.length - at);
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  });
}

/** Bytes that hold so many samples, with a frame cut off at either end, at the rate of the file as a whole. */
async function bytesOf(
  container: keyof typeof FRAME,
  track: InputAudioTrack,
  size: number,
  wanted: number,
): Promise<number> {
  const seconds = (await track.getDurationFromMetadata()) ?? 0;
  const samples = seconds * (await track.getSampleRate());
  // Loud places of a rate that varies take up to about three times the mean.
  const each = samples > 0 ? (3 * size) / samples : 4;
  return Math.ceil(Math.min(each, 32) * (wanted + 4 * FRAME[container])) + 4096;
}

/** How a piece from the middle of a file is heard, or null where no frame begins in it. */
async function without(
  container: keyof typeof FRAME,
  track: InputAudioTrack,
  wanted: number,
): Promise<(bytes: Uint8Array) => Promise<readonly Float32Array[] | null>> {
  const format: InputFormat = container === 'MP3' ? MP3 : FLAC;
  // What stands before the frames, and the two bytes with which every frame of this file begins.
  const packet = await new EncodedPacketSink(track).getFirstPacket();
  const begin = Buffer.from(packet?.data.subarray(0, 2) ?? []);
  const description = (await track.getDecoderConfig())?.description;
  const header = container === 'FLAC' && description !== undefined ? bytesIn(description) : new Uint8Array();
  return async (bytes) => {
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = begin.length < 2 ? -1 : piece.indexOf(begin);
    for (let tries = 0; at !== -1 && tries < MOST_TRIES; tries += 1) {
      const source = new BufferSource(Uint8Array.from(Buffer.concat([header, piece.subarray(at)])));
      const input = new Input({ source, formats: [format] });
      try {
        const [found] = (await input.canRead()) ? await input.getAudioTracks() : [];
        const sound = found === undefined ? null : await heard(found, wanted).catch(() => null);
        if (sound !== null) return sound;
      } finally {
        input.dispose();
      }
      at = piece.indexOf(begin, at + 1);
    }
    return null;
  };
}

function bytesIn(source: ArrayBufferView | ArrayBufferLike): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}
