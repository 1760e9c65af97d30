// Owns asking a file what it is: how long it plays, and whether it holds sound at all. A file that is not understood is not refused
// here; the worker's decoder knows more formats and decides.

import type { FileHandle } from 'node:fs/promises';
import type { InputFormat } from 'mediabunny';
import { ADTS, CustomSource, FLAC, Input, MATROSKA, MP3, MP4, MPEG_TS, OGG, QTFF, WAVE, WEBM } from 'mediabunny';

export interface Probed {
  /** False only where the container is known and says that it has no audio track. */
  readonly hasAudio: boolean;
  /** Seconds, null where the file does not tell. */
  readonly durationSec: number | null;
}

/** All that mediabunny knows but playlists, which name other files and addresses. */
const FORMATS: InputFormat[] = [MP4, QTFF, MATROSKA, WEBM, WAVE, OGG, FLAC, MP3, ADTS, MPEG_TS];

/** A file that makes its reader wander is left to the worker. */
const MAX_READ_BYTES = 64 * 1024 * 1024;
const MAX_MS = 10_000;

/** Looks into an open file of `size` bytes, reading only what is needed. Never throws for what the file holds. */
export async function probe(file: FileHandle, size: number): Promise<Probed> {
  let read = 0;
  const source = new CustomSource({
    getSize: () => size,
    read: async (start, end) => {
      read += end - start;
      if (read > MAX_READ_BYTES) throw new RangeError('The file makes its reader wander.');
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(end - start), 0, end - start, start);
      if (bytesRead < end - start) throw new RangeError('The file became shorter.');
      return buffer;
    },
    prefetchProfile: 'fileSystem',
  });
  const input = new Input({ source, formats: FORMATS });
  const tooLong = new Promise<null>((resolve) => {
    AbortSignal.timeout(MAX_MS).addEventListener('abort', () => resolve(null), { once: true });
  });
  try {
    return (await Promise.race([look(input), tooLong])) ?? UNKNOWN;
  } catch {
    // Damaged, cut short, or of a form that this reader does not know: the decoder decides.
    return UNKNOWN;
  } finally {
    input.dispose();
  }
}

const UNKNOWN: Probed = { hasAudio: true, durationSec: null };

async function look(input: Input): Promise<Probed> {
  if (!(await input.canRead())) return UNKNOWN;
  const tracks = await input.getAudioTracks();
  // A file that was cut off before its table of contents seems to hold nothing at all; that is damage, not silence.
  if (tracks.length === 0) return { hasAudio: (await input.getTracks()).length === 0, durationSec: null };
  return { hasAudio: true, durationSec: await duration(input, tracks).catch(() => null) };
}

async function duration(input: Input, tracks: Awaited<ReturnType<Input['getAudioTracks']>>): Promise<number | null> {
  const end =
    (await input.getDurationFromMetadata(tracks)) ?? (await input.computeDuration(tracks, { metadataOnly: true }));
  // Both tell when the last sound ends; transport streams begin anywhere on their clock.
  const seconds = end - Math.max(0, await input.getFirstTimestamp(tracks));
  return Number.isFinite(seconds) && seconds >= 0 ? Math.round(seconds * 1000) / 1000 : null;
}
