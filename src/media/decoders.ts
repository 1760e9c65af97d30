// Owns the decoders of packed sound that run here: FLAC and MP3, compiled to WebAssembly. Other codecs are copied, or left to the worker. What they
// are fed comes from foreign files: they run in a thread that is ended when they stand still, and can reach nothing but their own memory.

import { FLACDecoder } from '@wasm-audio-decoders/flac';
import type { AudioCodec, EncodedPacket } from 'mediabunny';
import { AudioSample, CustomAudioDecoder, registerDecoder } from 'mediabunny';
import { MPEGDecoder } from 'mpg123-decoder';

/** What both decoders give: samples of each channel, and what they found wrong. */
interface Decoded {
  readonly channelData: readonly Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
  readonly errors: readonly { readonly message: string }[];
}

/** What goes wrong ends the decoding: a damaged recording is for the worker, which knows how to go on behind the damage. */
abstract class WasmDecoder extends CustomAudioDecoder {
  /** Seconds at which what comes next lies, counted from a packet in samples: a decoder may hold one back. */
  #from: number | null = null;
  #given = 0;
  #expected = 0;
  #failed = false;

  protected abstract run(packet: Uint8Array): Decoded | Promise<Decoded>;

  async decode(packet: EncodedPacket): Promise<void> {
    if (this.#failed) return;
    try {
      await this.#decode(packet);
    } catch (thrown) {
      this.#failed = true;
      // Not thrown: mediabunny hands what is thrown here to whoever closes the decoder as well, where nobody hears it.
      this.onError(thrown);
    }
  }

  async #decode({ data, timestamp, duration }: EncodedPacket): Promise<void> {
    // A hole, or a place that was sought: counting begins anew there.
    if (this.#from === null || Math.abs(timestamp - this.#expected) > duration) {
      this.#from = timestamp;
      this.#given = 0;
    }
    this.#expected = timestamp + duration;
    const { channelData, samplesDecoded, sampleRate, errors } = await this.run(data);
    const [error] = errors;
    if (error !== undefined) throw new RangeError(error.message);
    if (samplesDecoded === 0) return;
    const { numberOfChannels } = this.config;
    if (sampleRate !== this.config.sampleRate || channelData.length < numberOfChannels)
      throw new RangeError('The form of the sound changes.');
    const planes = new Float32Array(samplesDecoded * numberOfChannels);
    for (let channel = 0; channel < numberOfChannels; channel += 1)
      planes.set(channelData[channel] ?? [], channel * samplesDecoded);
    this.onSample(
      new AudioSample({
        data: planes,
        format: 'f32-planar',
        numberOfChannels,
        sampleRate,
        timestamp: this.#from + this.#given / sampleRate,
      }),
    );
    this.#given += samplesDecoded;
  }

  flush(): void {
    this.#from = null;
  }
}

class FlacDecoder extends WasmDecoder {
  readonly #decoder = new FLACDecoder();

  static override supports(codec: AudioCodec): boolean {
    return codec === 'flac';
  }

  async init(): Promise<void> {
    await this.#decoder.ready;
  }

  protected async run(packet: Uint8Array): Promise<Decoded> {
    const decoded = await this.#decoder.decodeFrames([packet]);
    if (decoded.samplesDecoded === 0) throw new RangeError('A frame holds nothing.');
    return decoded;
  }

  close(): void {
    this.#decoder.free();
  }
}

class Mp3Decoder extends WasmDecoder {
  // What encoders add at either end is left out by whoever knows the file (mp3-padding.ts), as the packets do not say it.
  readonly #decoder = new MPEGDecoder({ enableGapless: false });

  static override supports(codec: AudioCodec): boolean {
    return codec === 'mp3';
  }

  async init(): Promise<void> {
    await this.#decoder.ready;
  }

  protected run(packet: Uint8Array): Decoded {
    return this.#decoder.decode(packet);
  }

  close(): void {
    this.#decoder.free();
  }
}

let registered = false;

/** Makes them known to mediabunny, once. */
export function registerDecoders(): void {
  if (registered) return;
  registered = true;
  registerDecoder(FlacDecoder);
  registerDecoder(Mp3Decoder);
}
