// Owns what encoders of MP3 add to the sound at either end, as ffmpeg leaves it out (libavformat, mp3dec.c): by the tag in the first frame, where an
// encoder that can be trusted wrote it. Without one nothing is left out, here as there.

import type { ReadBytes } from './places.ts';
import type { Stretch } from './sound.ts';

/** Samples that every decoder of layer III is late. */
const DECODER_LATE = 529;
/** Encoders whose figures hold. */
const TRUSTED: ReadonlySet<string> = new Set(['LAME', 'Lavf', 'Lavc']);
/** The first frame lies within so many bytes behind the tags of the file. */
const LOOKED_AT = 16 * 1024;
const MOST_TAGS = 16;

/**
 * The samples that are no sound, counted from the first frame behind the tag's own; none where the file does not say.
 * @throws whatever `read` does
 */
export async function mp3Padding(read: ReadBytes, size: number): Promise<readonly Stretch[]> {
  const start = await behindTags(read, size);
  const bytes = Buffer.from(await read(start, Math.min(size, start + LOOKED_AT)));
  const frame = firstFrame(bytes);
  if (frame === null) return [];
  const tag = bytes.subarray(frame.tag, frame.tag + 156);
  const kind = tag.toString('latin1', 0, 4);
  if (tag.length < 156 || (kind !== 'Xing' && kind !== 'Info')) return [];
  const flags = tag.readUInt32BE(4);
  const frames = (flags & 1) === 0 ? null : tag.readUInt32BE(8);
  // Of the number of frames, that of bytes, the table of places and the quality, those are there that are said to be.
  const encoder = 8 + ((flags & 1) * 4 + ((flags >> 1) & 1) * 4 + ((flags >> 2) & 1) * 100 + ((flags >> 3) & 1) * 4);
  if (!TRUSTED.has(tag.toString('latin1', encoder, encoder + 4))) return [];
  const figures = tag.readUIntBE(encoder + 21, 3);
  const skip = { from: 0, to: (figures >> 12) + DECODER_LATE };
  if (frames === null) return [skip];
  const to = frames * frame.samples;
  const from = to - (figures & 0xfff) + DECODER_LATE;
  return from < to ? [skip, { from, to }] : [skip];
}

/** Where the ID3v2 tags end. */
async function behindTags(read: ReadBytes, size: number): Promise<number> {
  let at = 0;
  for (let count = 0; count < MOST_TAGS && at + 10 <= size; count += 1) {
    const head = Buffer.from(await read(at, at + 10));
    if (head.toString('latin1', 0, 3) !== 'ID3') break;
    // Seven bits a byte, so that no length looks like a frame; a footer is as long as the header.
    const length = [...head.subarray(6, 10)].reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
    at += 10 + length + ((head[5] ?? 0) & 0x10 ? 10 : 0);
  }
  return Math.min(at, size);
}

/** The first frame of layer III: how many samples it holds, and where in the bytes its tag would lie. */
function firstFrame(bytes: Buffer): { readonly samples: number; readonly tag: number } | null {
  for (let at = bytes.indexOf(0xff); at !== -1 && at + 4 <= bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const word = bytes.readUInt32BE(at);
    const version = (word >> 19) & 3;
    const isFrame =
      word >>> 21 === 0x7ff &&
      version !== 1 &&
      ((word >> 17) & 3) === 1 &&
      ((word >> 12) & 15) !== 15 &&
      ((word >> 10) & 3) !== 3;
    if (!isFrame) continue;
    const mono = ((word >> 6) & 3) === 3;
    // Behind the header and what a frame says of its own form.
    const side = version === 3 ? (mono ? 17 : 32) : mono ? 9 : 17;
    return { samples: version === 3 ? 1152 : 576, tag: at + 4 + side };
  }
  return null;
}
