// Owns taking one audio track out of a recording: its packets are copied as they are into a file of their own, so nothing of the sound is lost
// and nothing else leaves the computer, tags and pictures included.

import type { AudioCodec, EncodedPacket, InputAudioTrack } from 'mediabunny';
import {
  EncodedAudioPacketSource,
  EncodedPacketSink,
  FilePathTarget,
  MovOutputFormat,
  Mp4OutputFormat,
  OggOutputFormat,
  Output,
} from 'mediabunny';

export interface CopiedTrack {
  readonly contentType: string;
  /** Bytes of the track's packets: what cannot be saved. */
  readonly audioBytes: number;
}

/** Every codec that a worker's decoder finds in the container that is made for it. */
const MP4_CODECS: ReadonlySet<string> = new Set(['aac', 'mp3', 'flac', 'ac3', 'eac3']);
const OGG_CODECS: ReadonlySet<string> = new Set(['opus', 'vorbis']);

/** Samples that a packet of a codec may have; a track's packets all have as many. */
const FRAMES: Readonly<Record<string, readonly number[]>> = {
  aac: [960, 1024, 1920, 2048],
  mp3: [576, 1152],
  ac3: [1536],
};
/** Containers round times to this, seconds: two packets that lie closer to their right places than that are at their right places. */
const ROUNDED_SEC = 0.0011;

/** 48 hours of the shortest packets in use. */
const MOST_PACKETS = 48 * 3600 * 400;

/** True when the packets of such a track can be put into a file of their own. */
export function canCopy(codec: string | null): boolean {
  return codec !== null && (MP4_CODECS.has(codec) || OGG_CODECS.has(codec) || codec.startsWith('pcm-'));
}

/**
 * Writes the packets of `track` to a new file at `target`. The file begins with the track's first packet: how much later that is than the
 * recording's beginning, its own container does not say.
 * @param mostBytes size of the recording: more than that cannot be in it
 * @throws whatever the reader or the disk does; what was written of `target` is the caller's to remove
 */
export async function copyTrack(
  track: InputAudioTrack,
  target: string,
  mostBytes: number,
  stop: () => void,
): Promise<CopiedTrack> {
  const codec = await track.getCodec();
  const decoderConfig = await track.getDecoderConfig();
  if (codec === null || decoderConfig === null) throw new RangeError('The codec of the track is not known.');
  const { format, contentType } = containerFor(codec);
  const output = new Output({ format, target: new FilePathTarget(target) });
  const source = new EncodedAudioPacketSource(codec);
  output.addAudioTrack(source);
  const sink = new EncodedPacketSink(track);
  const place = placer(codec, decoderConfig.sampleRate);
  let audioBytes = 0;
  let packets = 0;
  let first: number | null = null;
  try {
    await output.start();
    for await (const packet of sink.packets()) {
      stop();
      // What lies before zero (a codec's run-in) stays before zero; a later beginning becomes zero.
      first ??= Math.max(0, packet.timestamp);
      audioBytes += packet.byteLength;
      // Packets that overlap, or come again and again, are damage.
      packets += 1;
      if (audioBytes > mostBytes || packets > MOST_PACKETS) throw new RangeError('The track is larger than its file.');
      await source.add(place(packet, first), { decoderConfig });
    }
    await output.finalize();
  } catch (thrown) {
    await output.cancel().catch(() => undefined);
    throw thrown;
  }
  if (audioBytes === 0) throw new RangeError('The track holds nothing.');
  return { contentType, audioBytes };
}

function containerFor(codec: AudioCodec) {
  if (OGG_CODECS.has(codec)) return { format: new OggOutputFormat(), contentType: 'audio/ogg' };
  // The index at the end: it is written once, and the worker reads the file when it has all of it.
  if (MP4_CODECS.has(codec)) return { format: new Mp4OutputFormat({ fastStart: false }), contentType: 'audio/mp4' };
  return { format: new MovOutputFormat({ fastStart: false }), contentType: 'video/quicktime' };
}

/**
 * Moves packets to their exact times where the container rounded them (Matroska: whole milliseconds): times that go on evenly take half the
 * room in an MP4. A packet that is really elsewhere (a gap) is left there, and counting begins anew.
 */
function placer(codec: string, sampleRate: number): (packet: EncodedPacket, first: number) => EncodedPacket {
  const frames = FRAMES[codec];
  let begin: number | null = null;
  let count = 0;
  let step: number | null = null;
  return (packet, first) => {
    const timestamp = packet.timestamp - first;
    if (frames === undefined || timestamp < 0) return packet.clone({ timestamp });
    step ??= nearest(
      frames.map((each) => each / sampleRate),
      packet.duration,
    );
    if (step === 0) return packet.clone({ timestamp });
    if (begin === null || Math.abs(begin + count * step - timestamp) > ROUNDED_SEC) {
      begin = timestamp;
      count = 0;
    }
    const exact = begin + count * step;
    count += 1;
    return packet.clone({ timestamp: exact, duration: step });
  };
}

/** The step that a duration was rounded from, seconds; 0 where it was rounded from none of them. */
function nearest(steps: readonly number[], duration: number): number {
  const [first = 0] = steps.toSorted((one, other) => Math.abs(one - duration) - Math.abs(other - duration));
  return Math.abs(first - duration) < ROUNDED_SEC ? first : 0;
}
