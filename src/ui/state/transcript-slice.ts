// Owns the controller's facts about the one transcript that is open: what the machine wrote, the log of edits, and both laid together.

import type { Carried } from '../../contract/carried.ts';
import type { Edit, EditedTranscript, EditOperation } from '../../contract/edits.ts';
import type { ErrorAdvice } from '../../contract/error-advice.ts';
import type { Transcript } from '../../contract/transcript.ts';
import { applyEdits } from '../../transcript/edit.ts';

/** A transcript that can be read and changed. */
export interface OpenTranscript {
  readonly kind: 'open';
  readonly jobId: string;
  readonly machine: Transcript;
  /** As the engine has it, and on top of it the changes that are still on their way. */
  readonly revision: number;
  readonly done: readonly Edit[];
  readonly undone: readonly Edit[];
  /** The machine's transcript with `done` laid over it. */
  readonly view: EditedTranscript;
  /** Changes that the engine has not answered yet. */
  readonly saving: number;
  /** What became of the corrections of an earlier transcript; null where there were none. */
  readonly carried: Carried | null;
  /** Lines that could not be saved, by segment: what was typed is never thrown away. */
  readonly unsaved: ReadonlyMap<string, string>;
}

export type TranscriptState =
  | { readonly kind: 'none' }
  | { readonly kind: 'loading'; readonly jobId: string }
  | { readonly kind: 'refused'; readonly jobId: string; readonly advice: ErrorAdvice }
  | OpenTranscript;

export interface TranscriptFacts {
  readonly transcript: TranscriptState;
}

export const NO_TRANSCRIPT: TranscriptFacts = { transcript: { kind: 'none' } };

/** What a person does to the log. */
export type Step =
  | { readonly kind: 'edit'; readonly operations: readonly EditOperation[] }
  | { readonly kind: 'undo' }
  | { readonly kind: 'redo' };

/** The log as it is in force, and its revision. */
export interface Log {
  readonly revision: number;
  readonly done: readonly Edit[];
  readonly undone: readonly Edit[];
}

/** The log after a step; null where there is nothing to undo or redo. */
export function logAfter({ revision, done, undone }: Log, step: Step, at: number): Log | null {
  const seq = revision + 1;
  if (step.kind === 'edit') {
    return { revision: seq, done: [...done, { seq, at, operations: [...step.operations] }], undone: [] };
  }
  const [from, to] = step.kind === 'undo' ? [done, undone] : [undone, done];
  const moved = from.at(-1);
  if (moved === undefined) return null;
  const [less, more] = [from.slice(0, -1), [...to, moved]];
  return step.kind === 'undo'
    ? { revision: seq, done: less, undone: more }
    : { revision: seq, done: more, undone: less };
}

/** The transcript under another log. Segments that did not change stay the very objects that they were. */
export function withLog(open: OpenTranscript, { revision, done, undone }: Log): OpenTranscript {
  return { ...open, revision, done, undone, view: applyEdits(open.machine, done, open.view) };
}

/** The segments that a step names, by key. */
export function keysOf(operations: readonly EditOperation[]): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const operation of operations) {
    if ('segment' in operation) keys.add(operation.segment);
    if ('next' in operation) keys.add(operation.next);
  }
  return keys;
}
