// Owns which copy of a recording is sent in its place: what a person chose, where that saves something and can be made. It never fails a job that
// could be sent as it is.

import type { FileHandle } from 'node:fs/promises';
import { rm, stat } from 'node:fs/promises';
import { AppError } from '../contract/errors.ts';
import type { AudioTrack } from '../contract/media.ts';
import type { JobOptions } from '../contract/options.ts';
import type { PreparedCopy } from '../jobs/record.ts';
import { canCopy, copyTrack } from './audio-track.ts';
import { registerDecoders } from './decoders.ts';
import { canPack, packAsFlac } from './flac.ts';
import { mp3Padding } from './mp3-padding.ts';
import { opusBitrate, opusChannels, packAsOpus } from './opus.ts';
import type { Look } from './probe.ts';
import { openInput, readAt } from './probe.ts';
import type { Stretch } from './sound.ts';

/** A copy that saves less than this share of the recording is not worth making. */
const WORTH = 0.02;
/** Packets by which the bit rate of a track is judged: some seconds of the shortest. */
const JUDGED_PACKETS = 500;
/** Codecs that are small, and that would lose twice. */
const SMALL: ReadonlySet<string> = new Set(['opus', 'vorbis', 'aac', 'ac3', 'eac3', 'dts']);

export type MadeCopy = Pick<PreparedCopy, 'kind' | 'contentType'>;
type Options = Pick<JobOptions, 'channels' | 'send'>;

/**
 * Writes the copy to `target`, or gives null, with nothing there, where the recording itself is sent: because that was asked for, or nothing would
 * be saved, or no copy can be made.
 * @param tick called again and again; what it throws ends the work
 * @throws AppError DISK_FULL, and what `tick` throws
 */
export async function copyOf(
  file: FileHandle,
  size: number,
  seen: Look,
  options: Options,
  target: string,
  tick: () => void,
): Promise<MadeCopy | null> {
  const { track, media, otherTracks } = seen;
  const facts = media.tracks.find(({ number }) => number === media.track);
  if (options.send === 'original' || track === null || facts === undefined || media.truncated) return null;
  const { codec } = facts;
  if (options.send === 'opus' && codec !== null && !SMALL.has(codec)) {
    const made = await tried(file, size, seen, target, async (own) => {
      const padding = media.container === 'MP3' ? await mp3Padding((start, end) => readAt(file, start, end), size) : [];
      return opusOf(own, { facts, seen, padding, separate: options.channels === 'separate' }, target, tick);
    });
    if (made !== null) return made;
  }
  if (options.send === 'flac' && canPack(codec))
    return tried(file, size, seen, target, async (own) => ({ kind: 'flac', ...(await packAsFlac(own, target)) }));
  if (otherTracks === 0 || !canCopy(codec)) return null;
  return tried(file, size, seen, target, async (own) => {
    const { contentType } = await copyTrack(own, target, size, tick);
    return { kind: 'audio-track', contentType };
  });
}

type OwnTrack = NonNullable<Look['track']>;

/** Makes one kind of copy, and takes it away again where it is not worth having. */
async function tried(
  file: FileHandle,
  size: number,
  { media }: Look,
  target: string,
  make: (track: OwnTrack) => Promise<MadeCopy | null>,
): Promise<MadeCopy | null> {
  // A reader of its own: the limit of the look does not hold for reading all of a track.
  const input = openInput(file, size, Number.POSITIVE_INFINITY);
  let kept = false;
  try {
    const own = (await input.getAudioTracks())[(media.track ?? 1) - 1];
    const made = own === undefined ? null : await make(own);
    kept = made !== null && (await stat(target)).size <= size * (1 - WORTH);
    return kept ? made : null;
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
    if (thrown instanceof AppError) throw thrown;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new AppError('DISK_FULL', undefined, { cause: thrown });
    // Damaged in the middle, or of a form that cannot be copied: the worker's decoder gets the file as it is.
    return null;
  } finally {
    input.dispose();
    if (!kept) await rm(target, { force: true });
  }
}

async function opusOf(
  track: OwnTrack,
  {
    facts,
    seen,
    padding,
    separate,
  }: {
    readonly facts: AudioTrack;
    readonly seen: Look;
    readonly padding: readonly Stretch[];
    readonly separate: boolean;
  },
  target: string,
  tick: () => void,
): Promise<MadeCopy | null> {
  registerDecoders();
  if (!(await track.canDecode())) return null;
  // What is as small already is not heard through a second loss.
  const { averageBitrate } = await track.computePacketStats(JUDGED_PACKETS);
  if (averageBitrate * (1 - WORTH) <= opusBitrate(opusChannels(facts, separate))) return null;
  const made = await packAsOpus(track, target, { facts, separate, padding, endSec: seen.durationSec, tick });
  return { kind: 'opus', ...made };
}
