// Owns asking a file what it is: its container, its audio tracks, how long it plays. A form that is not understood is not refused here: the
// worker's decoder knows more of them and decides. What certainly cannot be transcribed is refused, each with its own code.

import type { FileHandle } from 'node:fs/promises';
import type { InputAudioTrack, InputFormat } from 'mediabunny';
import {
  ADTS,
  CustomSource,
  FLAC,
  Input,
  Logging,
  LogLevel,
  MATROSKA,
  MP3,
  MP4,
  MPEG_TS,
  OGG,
  QTFF,
  WAVE,
  WEBM,
} from 'mediabunny';
import { AppError } from '../contract/errors.ts';
import type { AudioTrack, MediaFacts } from '../contract/media.ts';
import { say } from '../contract/sentences.ts';
import { distinctChannels, LISTENED } from './channels.ts';
import { readMp4 } from './mp4-boxes.ts';
import { soundAt } from './places.ts';
import { kindByContent } from './signatures.ts';

// What it would say of a file goes to nobody who could use it, and into the middle of what the command line draws.
Logging.level = LogLevel.Silent;

/** All that mediabunny knows but playlists, which name other files and addresses. */
const FORMATS: InputFormat[] = [MP4, QTFF, MATROSKA, WEBM, WAVE, OGG, FLAC, MP3, ADTS, MPEG_TS];

/** A file that makes its reader wander is left to the worker. */
const MAX_READ_BYTES = 64 * 1024 * 1024;
/** More tracks than any recording has; a file that claims more is not believed. */
const MAX_TRACKS = 64;

/** What a file is. `tracks` belong to `input`, in the order of `media.tracks`. */
export interface Look {
  readonly media: MediaFacts;
  /** Seconds of the track that was chosen, null where the file does not tell. */
  readonly durationSec: number | null;
  /** What else is in the file than the chosen track. */
  readonly otherTracks: number;
  readonly track: InputAudioTrack | null;
}

/**
 * Looks into an open file of `size` bytes, reading only what is needed.
 * @param wanted number of the audio track, null for the one that a player would take
 * @throws AppError NOT_A_RECORDING, NO_AUDIO, NO_SUCH_TRACK, SOURCE_ENCRYPTED, SOURCE_TRUNCATED
 */
export async function look(file: FileHandle, size: number, wanted: number | null): Promise<Look> {
  const head = await readAt(file, 0, Math.min(size, 4096));
  const kind = kindByContent(head);
  if (kind.verdict === 'other') throw new AppError('NOT_A_RECORDING', say('not_a_recording', { kind: kind.what }));
  if (kind.verdict === 'encrypted') throw new AppError('SOURCE_ENCRYPTED');
  const boxes = kind.verdict === 'mp4' ? await readMp4((start, end) => readAt(file, start, end), size) : null;
  if (boxes?.protection === 'all') throw new AppError('SOURCE_ENCRYPTED');
  const truncated = boxes?.truncated ?? false;
  if (boxes !== null && !boxes.hasIndex && truncated) throw new AppError('SOURCE_TRUNCATED');

  const input = openInput(file, size);
  let found: Found;
  try {
    found = await tracksOf(input);
  } catch {
    // Damaged, or of a form that this reader does not know: the decoder decides.
    return unknown(truncated);
  }
  const { container, audio, others } = found;
  if (audio.length === 0) {
    // A file that was cut off before its table of contents seems to hold nothing at all; that is damage, not silence.
    if (others > 0) throw new AppError('NO_AUDIO');
    return { ...unknown(truncated), media: { ...unknown(truncated).media, container } };
  }
  const chosen = chosenTrack(audio, wanted);
  const { track, facts } = chosen;
  const startSec = await startOf(input, track).catch(() => 0);
  const places = soundAt(LISTENED, track, container, size, (start, end) => readAt(file, start, end));
  return {
    track,
    otherTracks: others + audio.length - 1,
    durationSec: await duration(input, track).catch(() => null),
    media: {
      container,
      tracks: audio.map((each) => each.facts),
      track: facts.number,
      startSec,
      distinctChannels: await distinctChannels(facts.channels, places).catch(() => null),
      truncated,
    },
  };
}

/** The file as mediabunny reads it, with a limit to how much it may read. Its formats open nothing else. */
export function openInput(file: FileHandle, size: number, maxReadBytes = MAX_READ_BYTES): Input {
  let read = 0;
  const source = new CustomSource({
    getSize: () => size,
    read: async (start, end) => {
      read += end - start;
      if (read > maxReadBytes) throw new RangeError('The file makes its reader wander.');
      return readAt(file, start, end);
    },
    prefetchProfile: 'fileSystem',
  });
  return new Input({ source, formats: FORMATS });
}

/** Bytes of a file, all that were asked for. @throws RangeError where it ends before */
export async function readAt(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(end - start), 0, end - start, start);
  if (bytesRead < end - start) throw new RangeError('The file became shorter.');
  return buffer;
}

interface FoundTrack {
  readonly track: InputAudioTrack;
  readonly facts: AudioTrack;
}

interface Found {
  readonly container: string | null;
  readonly audio: readonly FoundTrack[];
  /** Tracks that are not sound. */
  readonly others: number;
}

async function tracksOf(input: Input): Promise<Found> {
  if (!(await input.canRead())) return { container: null, audio: [], others: 0 };
  const container = (await input.getFormat()).name;
  const all = await input.getTracks();
  if (all.length > MAX_TRACKS) throw new RangeError('So many tracks are none.');
  const audio: FoundTrack[] = [];
  for (const track of all)
    if (track.isAudioTrack()) audio.push({ track, facts: await factsOf(track, audio.length + 1) });
  const usual = audio.filter(({ facts }) => facts.isDefault);
  // Where all or none claim to be the default, that says nothing: the first one is.
  const isDefault = usual.length === 1 ? usual[0] : audio[0];
  return {
    container,
    audio: audio.map((each) => ({ ...each, facts: { ...each.facts, isDefault: each === isDefault } })),
    others: all.length - audio.length,
  };
}

async function factsOf(track: InputAudioTrack, number: number): Promise<AudioTrack> {
  const language = await track.getLanguageCode();
  const channels = await track.getNumberOfChannels();
  const sampleRate = await track.getSampleRate();
  return {
    number,
    codec: await track.getCodec(),
    channels: Number.isInteger(channels) && channels > 0 ? channels : null,
    sampleRate: Number.isFinite(sampleRate) && sampleRate > 0 ? sampleRate : null,
    language: language === 'und' || language === '' ? null : language.slice(0, 32),
    name: (await track.getName())?.slice(0, 200) ?? null,
    isDefault: (await track.getDisposition()).default,
  };
}

function chosenTrack(audio: readonly FoundTrack[], wanted: number | null): FoundTrack {
  const chosen = audio.find(({ facts }) => (wanted === null ? facts.isDefault : facts.number === wanted));
  if (chosen !== undefined) return chosen;
  const list = audio.map(({ facts }) => trackLine(facts)).join(', ');
  throw new AppError('NO_SUCH_TRACK', say('no_track', { track: wanted ?? 1, tracks: list }));
}

function trackLine({ number, language, name, codec }: AudioTrack): string {
  const about = [language, name, codec].filter((each) => each !== null).join(', ');
  return about === '' ? String(number) : `${number} (${about})`;
}

async function startOf(input: Input, track: InputAudioTrack): Promise<number> {
  // The recording begins where its first track does; what lies before zero is left out by every player.
  const begin = Math.max(0, await input.getFirstTimestamp());
  const late = Math.max(0, await track.getFirstTimestamp()) - begin;
  return Number.isFinite(late) && late > 0 ? Math.round(late * 1000) / 1000 : 0;
}

async function duration(input: Input, track: InputAudioTrack): Promise<number | null> {
  const end =
    (await input.getDurationFromMetadata([track])) ?? (await input.computeDuration([track], { metadataOnly: true }));
  // Both tell when the last sound ends; transport streams begin anywhere on their clock.
  const seconds = end - Math.max(0, await input.getFirstTimestamp([track]));
  return Number.isFinite(seconds) && seconds >= 0 ? Math.round(seconds * 1000) / 1000 : null;
}

/** Of a file that nobody looked into. */
export const UNSEEN: Look = unknown(false);

function unknown(truncated: boolean): Look {
  return {
    track: null,
    otherTracks: 0,
    durationSec: null,
    media: { container: null, tracks: [], track: null, startSec: 0, distinctChannels: null, truncated },
  };
}
