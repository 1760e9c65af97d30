// Owns whether a file of a known form holds no sound at all.

import { ADTS, CustomSource, FLAC, Input, MATROSKA, MP3, MP4, MPEG_TS, OGG, QTFF, WAVE, WEBM } from 'mediabunny';

/** All that mediabunny knows but playlists, which name other files and addresses. */
const FORMATS = [MP4, QTFF, MATROSKA, WEBM, WAVE, OGG, FLAC, MP3, ADTS, MPEG_TS];

/** Bytes that are read at most: a file that makes its reader wander is left to the engine. */
const MOST_BYTES = 64 * 1024 * 1024;

/** True where there are tracks, and none of them is sound. Throws where the file is damaged. */
export async function holdsNoSound(file: Blob): Promise<boolean> {
  let read = 0;
  const source = new CustomSource({
    getSize: () => file.size,
    read: async (start, end) => {
      read += end - start;
      if (read > MOST_BYTES) throw new RangeError('The file makes its reader wander.');
      return new Uint8Array(await file.slice(start, end).arrayBuffer());
    },
  });
  const input = new Input({ source, formats: FORMATS });
  if (!(await input.canRead())) return false;
  const tracks = await input.getTracks();
  return tracks.length > 0 && tracks.every((track) => !track.isAudioTrack());
}
