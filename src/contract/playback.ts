// Owns how a recording is played beside its transcript: the address that a player is given, and the waveform that is drawn.

import * as z from 'zod';

/** The longest waveform that is kept: 48 hours at 20 values a second. */
const MOST_PEAKS = 48 * 3600 * 20;

/**
 * A waveform: for each stretch of `1 / perSecond` seconds the loudest sample in it, one unsigned byte (255 = full scale), from the
 * recording's beginning on.
 */
export const peaksSchema = z.object({
  perSecond: z.number().min(0.1).max(100),
  /** The bytes, base64. */
  data: z.base64().max(Math.ceil(MOST_PEAKS / 3) * 4),
});
export type Peaks = z.infer<typeof peaksSchema>;

/** A recording as a player gets it. */
export const openedMediaSchema = z.object({
  /**
   * Path and query, on the page's own origin, for `<audio src>` and ranges of bytes. It opens this one file, without any header, until it
   * was left alone for `idleSec`, the app was closed, or the file is another one.
   */
  url: z.string(),
  mediaType: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  /** Seconds, null where the file does not tell. */
  durationSec: z.number().nonnegative().nullable(),
  /** True when the file is not the one that was transcribed any more: times may not fit. */
  changed: z.boolean(),
  idleSec: z.number().int().positive(),
});
export type OpenedMedia = z.infer<typeof openedMediaSchema>;
