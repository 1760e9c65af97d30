// Owns what is known of a recording before it is transcribed: its container and audio tracks, and what of it leaves the computer.

import * as z from 'zod';

export const audioTrackSchema = z.object({
  /** From 1, in the order of the file. */
  number: z.number().int().positive(),
  /** `aac`, `opus`, `pcm-s16`, …; null where the reader does not know it. */
  codec: z.string().nullable(),
  channels: z.number().int().positive().nullable(),
  /** Samples a second. */
  sampleRate: z.number().positive().nullable(),
  /** ISO 639, as the file says it; null where it says nothing. */
  language: z.string().nullable(),
  /** As the file's author called it. */
  name: z.string().nullable(),
  /** The one that a player would take. */
  isDefault: z.boolean(),
});
export type AudioTrack = z.infer<typeof audioTrackSchema>;

/** What a recording is. A form that this computer cannot look into has no container and no tracks here; a worker may well read it. */
export const mediaSchema = z.object({
  /** `MP4`, `Matroska`, …; null where it is not known. */
  container: z.string().nullable(),
  tracks: z.array(audioTrackSchema),
  /** Number of the track that is transcribed; null where the tracks are not known. */
  track: z.number().int().positive().nullable(),
  /** Seconds after the recording's beginning at which the sound of the track begins. */
  startSec: z.number().nonnegative(),
  /** Whether the channels hold different voices, so that each can be transcribed as its own speaker; null where it was not looked at. */
  distinctChannels: z.boolean().nullable(),
  /** The file ends before it should: what is missing cannot be transcribed. */
  truncated: z.boolean(),
});
export type MediaFacts = z.infer<typeof mediaSchema>;

/**
 * `original`: the whole file. `audio-track`: that track alone, its sound copied bit by bit. `flac`: its samples, packed without loss. `opus`: its
 * sound, packed small, with a loss.
 */
export const SENT_KINDS = ['original', 'audio-track', 'flac', 'opus'] as const;

/** What leaves this computer for a worker. */
export const sentSchema = z.object({
  kind: z.enum(SENT_KINDS),
  sizeBytes: z.number().int().nonnegative(),
  contentType: z.string(),
});
export type Sent = z.infer<typeof sentSchema>;

/** What looking at a file says. */
export const probedSchema = z.object({
  sizeBytes: z.number().int().nonnegative(),
  contentType: z.string(),
  durationSec: z.number().nonnegative().nullable(),
  media: mediaSchema,
});
export type Probed = z.infer<typeof probedSchema>;
