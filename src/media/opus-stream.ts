// Owns a stream of Opus packets with exact times: what its decoder drops at the beginning and at the end is what the encoder added there
// (RFC 7845). Each channel is a stream of its own, so that nothing of one voice gets into another's.

import { Application, Bandwidth, createEncoder, type OpusEncoderHandle, Signal } from 'libopus-wasm';

/** The clock of every Opus stream. */
const CLOCK = 48_000;
const FRAMES_A_SECOND = 50;
/**
 * Samples of that clock by which decoders give sound of 8,000 samples a second later than other sound, beyond what the encoder says of itself
 * (measured: 5 in ffmpeg 5.1's own decoder, 4 in libopus; the others are within 1 and 3 of where they were).
 */
const NARROW_LATE = 4;
/** Rates that the encoder takes as they are. */
export const OPUS_RATES = [8000, 12_000, 16_000, 24_000, 48_000] as const;
export type OpusRate = (typeof OPUS_RATES)[number];

export interface OpusPacket {
  readonly data: Uint8Array;
  /** Seconds of the stream, what its decoder drops included. */
  readonly timestamp: number;
  /** Seconds; of the last packet, only what a decoder keeps of it. */
  readonly duration: number;
}

export class OpusStream {
  readonly #encoders: readonly OpusEncoderHandle[];
  readonly #rate: OpusRate;
  readonly #frames: readonly Float32Array[];
  #filled = 0;
  #taken = 0;
  #packets = 0;

  private constructor(encoders: readonly OpusEncoderHandle[], rate: OpusRate) {
    this.#encoders = encoders;
    this.#rate = rate;
    this.#frames = encoders.map(() => new Float32Array(rate / FRAMES_A_SECOND));
  }

  /** @param bitrate bits a second of each channel */
  static async open(rate: OpusRate, channels: number, bitrate: number): Promise<OpusStream> {
    const encoders: OpusEncoderHandle[] = [];
    for (let channel = 0; channel < channels; channel += 1)
      encoders.push(
        await createEncoder({
          channels: 1,
          sampleRate: rate,
          application: Application.Voip,
          signal: Signal.Voice,
          // Whisper hears nothing above 8 kHz.
          maxBandwidth: Bandwidth.Wideband,
          bitrate,
        }),
      );
    return new OpusStream(encoders, rate);
  }

  /** The identification header: family 0 for one channel, else 255, which gives the channels no places in a room (RFC 7845, 5.1). */
  get head(): Uint8Array {
    const channels = this.#encoders.length;
    const mapping = channels === 1 ? [0] : [255, channels, 0, ...this.#encoders.keys()];
    const head = Buffer.alloc(18);
    head.write('OpusHead', 'latin1');
    head.writeUInt8(1, 8);
    head.writeUInt8(channels, 9);
    head.writeUInt16LE(this.#preSkip, 10);
    head.writeUInt32LE(this.#rate, 12);
    return new Uint8Array([...head, ...mapping]);
  }

  /** Packets that are full by now. @param channels as many as were said, samples from -1 to 1 */
  *push(channels: readonly Float32Array[]): Generator<OpusPacket> {
    const count = channels[0]?.length ?? 0;
    this.#taken += count;
    yield* this.#fill(channels, count);
  }

  /** The last packets. Their durations add up to that of the sound and what is dropped before it. */
  *end(): Generator<OpusPacket> {
    const whole = Math.round((this.#taken * CLOCK) / this.#rate) + this.#preSkip;
    const silence = new Float32Array(this.#rate / FRAMES_A_SECOND);
    while ((this.#packets * CLOCK) / FRAMES_A_SECOND < whole) {
      for (const packet of this.#fill(
        this.#encoders.map(() => silence),
        silence.length - this.#filled,
      )) {
        const left = whole / CLOCK - packet.timestamp;
        yield { ...packet, duration: Math.min(packet.duration, left) };
      }
    }
  }

  close(): void {
    for (const encoder of this.#encoders) encoder.free();
  }

  /** Samples of the stream's clock by which what comes out is late. */
  get #preSkip(): number {
    const late = this.#rate === 8000 ? NARROW_LATE : 0;
    return ((this.#encoders[0]?.getLookahead() ?? 0) * CLOCK) / this.#rate + late;
  }

  *#fill(channels: readonly Float32Array[], count: number): Generator<OpusPacket> {
    const size = this.#rate / FRAMES_A_SECOND;
    for (let at = 0; at < count; ) {
      const more = Math.min(size - this.#filled, count - at);
      for (const [index, frame] of this.#frames.entries())
        frame.set(channels[index]?.subarray(at, at + more) ?? [], this.#filled);
      at += more;
      this.#filled += more;
      if (this.#filled < size) return;
      this.#filled = 0;
      const parts = this.#encoders.map((encoder, index) =>
        encoder.encodeFloat(this.#frames[index] ?? new Float32Array()),
      );
      const timestamp = this.#packets / FRAMES_A_SECOND;
      this.#packets += 1;
      yield { data: together(parts), timestamp, duration: 1 / FRAMES_A_SECOND };
    }
  }
}

/** One packet for all streams: every one but the last says how long it is (RFC 6716, appendix B). */
function together(parts: readonly Uint8Array[]): Uint8Array {
  const last = parts.at(-1) ?? new Uint8Array();
  return parts.length === 1 ? last : Buffer.concat([...parts.slice(0, -1).flatMap(delimited), last]);
}

function delimited(part: Uint8Array): Uint8Array[] {
  const [toc = 0] = part;
  // One frame a packet is all that an encoder of 20 ms makes.
  if ((toc & 3) !== 0) throw new RangeError('The encoder made a packet of several frames.');
  const size = part.length - 1;
  const length = size < 252 ? [size] : [252 + (size & 3), (size - 252 - (size & 3)) >> 2];
  return [Uint8Array.of(toc, ...length), part.subarray(1)];
}
