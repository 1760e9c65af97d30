// Owns packing samples as FLAC: the same samples in about half the bytes, by libFLAC compiled to WebAssembly.

import { registerFlacEncoder } from '@mediabunny/flac-encoder';
import type { InputAudioTrack } from 'mediabunny';
import { Conversion, FilePathTarget, FlacOutputFormat, Output } from 'mediabunny';

/** Samples that FLAC holds as they are; floating point ones would be rounded. */
const WITHOUT_LOSS: ReadonlySet<string> = new Set(['pcm-s16', 'pcm-s16be', 'pcm-s24', 'pcm-s24be']);

let registered = false;

/** True when such a track can be packed without loss. */
export function canPack(codec: string | null): boolean {
  return codec !== null && WITHOUT_LOSS.has(codec);
}

/**
 * Writes the samples of `track` to a new file at `target`, beginning with its first one.
 * @throws whatever the reader or the disk does; what was written of `target` is the caller's to remove
 */
export async function packAsFlac(track: InputAudioTrack, target: string): Promise<{ readonly contentType: string }> {
  if (!registered) registerFlacEncoder();
  registered = true;
  const output = new Output({ format: new FlacOutputFormat(), target: new FilePathTarget(target) });
  const conversion = await Conversion.init({
    input: track.input,
    output,
    video: { discard: true },
    audio: (each) => (each.id === track.id ? { codec: 'flac' } : { discard: true }),
    tags: {},
    showWarnings: false,
  });
  if (!conversion.isValid) throw new RangeError('The track cannot be packed.');
  await conversion.execute();
  return { contentType: 'audio/flac' };
}
