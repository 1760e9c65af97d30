// Owns what a person changes in a transcript: the operations, the log that they lie in, and the transcript with them laid over it. The
// machine's own transcript is never changed. Operations name segments by key, which stays the same whatever happens around them.

import * as z from 'zod';
import { segmentSchema, TRANSCRIPT_LIMITS, transcriptSchema } from './transcript.ts';

/**
 * Names one segment for good. Segments of the machine are called by their place in its list, from `"0"`; what the n-th split of segment
 * `K` cuts off is `K.n`, from 1. A key is never given twice.
 */
const key = z
  .string()
  .max(200)
  .regex(/^\d+(?:\.\d+)*$/);

/** How many colours the app has for speakers; they are kept as `1` to `8`, and every theme knows what they look like. */
export const SPEAKER_COLORS = 8;

const speakerLabel = z.string().min(1).max(64);

/** To which segments a change of speaker goes. `onward`: this one and the later ones of the same speaker; `everywhere`: all of that speaker. */
export const SPEAKER_SCOPES = ['segment', 'onward', 'everywhere'] as const;

export const editOperationSchema = z.discriminatedUnion('type', [
  /** Words that are still there keep their times; new ones are laid between them and flagged `interpolated`. */
  z.object({ type: z.literal('set-text'), segment: key, text: z.string().max(TRANSCRIPT_LIMITS.textLength) }),
  /** `word`: index of the word with which the second part begins, from 1. */
  z.object({ type: z.literal('split'), segment: key, word: z.number().int().min(1) }),
  /** `next` has to be the segment that follows; it goes into `segment`. What was deleted between them goes for good. */
  z.object({ type: z.literal('merge'), segment: key, next: key }),
  z.object({ type: z.literal('delete'), segment: key }),
  z.object({ type: z.literal('restore'), segment: key }),
  /** `speaker`: a label (`SPEAKER_00`), new ones too; null for nobody. */
  z.object({
    type: z.literal('set-speaker'),
    segment: key,
    speaker: speakerLabel.nullable(),
    scope: z.enum(SPEAKER_SCOPES),
  }),
  /** `name`: what people read instead of the label; null takes the name away. */
  z.object({ type: z.literal('rename-speaker'), speaker: speakerLabel, name: z.string().max(200).nullable() }),
  /** `color`: 1 to 8, a speaker's place among the app's colours; null gives it back the one of its turn. */
  z.object({
    type: z.literal('color-speaker'),
    speaker: speakerLabel,
    color: z.number().int().min(1).max(SPEAKER_COLORS).nullable(),
  }),
  /** Everything that `from` said was said by `into`. */
  z.object({ type: z.literal('merge-speakers'), from: speakerLabel, into: speakerLabel }),
  /** A person has compared the segment with the recording, or takes that back. */
  z.object({ type: z.literal('check'), segment: key, checked: z.boolean() }),
]);
export type EditOperation = z.infer<typeof editOperationSchema>;

/** What is undone and redone as one: a single change, or all that one command of a person made ("replace everywhere"). */
export const editOperationsSchema = z.array(editOperationSchema).min(1).max(10_000);

/** One edit that was made. `seq` is the revision that it made; `at` milliseconds since 1970. */
export const editSchema = z.object({
  seq: z.number().int().positive(),
  at: z.number().int(),
  operations: editOperationsSchema,
});
export type Edit = z.infer<typeof editSchema>;

/** A row of the log. Undoing and redoing are rows of their own: nothing is ever taken out of it. */
export const editEntrySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('edit'), ...editSchema.shape }),
  z.object({ kind: z.literal('undo'), seq: editSchema.shape.seq, at: editSchema.shape.at }),
  z.object({ kind: z.literal('redo'), seq: editSchema.shape.seq, at: editSchema.shape.at }),
]);
export type EditEntry = z.infer<typeof editEntrySchema>;

/** Number of rows in the log: every edit, undo and redo makes a new revision; 0 before the first. */
export const revisionSchema = z.number().int().nonnegative();

/** Where the log of a transcript stands. */
export const editStateSchema = z.object({
  revision: revisionSchema,
  canUndo: z.boolean(),
  canRedo: z.boolean(),
});
export type EditState = z.infer<typeof editStateSchema>;

export const editedSegmentSchema = segmentSchema.extend({
  key,
  /** False when it is just as the machine gave it. */
  edited: z.boolean(),
  /** What the machine wrote in its place; null where nothing was edited. */
  original: z.string().nullable(),
  checked: z.boolean(),
});
export type EditedSegment = z.infer<typeof editedSegmentSchema>;

/** An operation that was passed over because what it names is not there (any more). */
export const unappliedSchema = z.object({
  /** The edit's `seq`, and the place of the operation in it, from 0. */
  seq: z.number().int(),
  index: z.number().int().nonnegative(),
  reason: z.string(),
});
export type Unapplied = z.infer<typeof unappliedSchema>;

/** A transcript with edits laid over it: a canonical transcript, and more about each segment. */
export const editedTranscriptSchema = z.object({
  ...transcriptSchema.shape,
  segments: z.array(editedSegmentSchema),
  /** What was deleted, in order; `restore` brings it back. */
  deleted: z.array(editedSegmentSchema),
  unapplied: z.array(unappliedSchema),
});
export type EditedTranscript = z.infer<typeof editedTranscriptSchema>;
