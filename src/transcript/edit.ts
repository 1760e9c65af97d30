// Owns how edits are laid over the machine's transcript, which is not changed by it. An operation that names what is not there is
// passed over and reported; the same edits over the same transcript always give the same.

import type { Edit, EditedSegment, EditedTranscript, EditOperation, Unapplied } from '../contract/edits.ts';
import { say } from '../contract/sentences.ts';
import type { Transcript } from '../contract/transcript.ts';
import { EditedPieces } from './edited-pieces.ts';
import { EditedSpeakers } from './edited-speakers.ts';
import type { Piece } from './piece.ts';
import { originalText, sameSegment, spaceBetween } from './piece.ts';

/**
 * The transcript with these edits, in their order. Without any, its fields are the machine's own.
 * @param before the same machine's transcript with other edits: segments that are as they were there are its very objects, so that
 *   who draws them sees at once which changed
 */
export function applyEdits(machine: Transcript, edits: readonly Edit[], before?: EditedTranscript): EditedTranscript {
  const pieces = new EditedPieces(machine);
  const speakers = new EditedSpeakers(machine.speakers);
  const unapplied: Unapplied[] = [];
  for (const { seq, operations } of edits) {
    for (const [index, operation] of operations.entries()) {
      const reason = apply(pieces, speakers, operation);
      if (reason !== null) unapplied.push({ seq, index, reason });
    }
  }
  const segments: EditedSegment[] = [];
  const deleted: EditedSegment[] = [];
  const known = new Map<string, EditedSegment>();
  for (const segment of before?.segments ?? []) known.set(segment.key, segment);
  for (const segment of before?.deleted ?? []) known.set(segment.key, segment);
  let changed = false;
  const texts: string[] = [];
  for (const { piece, checked, gone } of pieces.all()) {
    const segment = unlessSame(known.get(piece.key), view(machine, piece, checked));
    changed ||= segment.edited || gone;
    (gone ? deleted : segments).push(segment);
    if (!gone) texts.push(piece.glued ? '' : spaceBetween(texts.at(-1) ?? '', segment.text), segment.text);
  }
  return {
    ...machine,
    text: changed ? texts.join('') : machine.text,
    segments,
    speakers: speakers.all(),
    deleted,
    unapplied,
  };
}

/** Null when it was done, else why it does not apply. */
function apply(pieces: EditedPieces, speakers: EditedSpeakers, operation: EditOperation): string | null {
  switch (operation.type) {
    case 'set-text':
      return pieces.setText(operation.segment, operation.text);
    case 'split':
      return pieces.split(operation.segment, operation.word);
    case 'merge':
      return pieces.merge(operation.segment, operation.next);
    case 'delete':
      return pieces.remove(operation.segment);
    case 'restore':
      return pieces.restore(operation.segment);
    case 'check':
      return pieces.check(operation.segment, operation.checked);
    case 'set-speaker': {
      const refused = pieces.setSpeaker(operation.segment, operation.speaker, operation.scope);
      if (refused === null && operation.speaker !== null) speakers.know(operation.speaker);
      return refused;
    }
    case 'rename-speaker':
      speakers.rename(operation.speaker, operation.name);
      return null;
    case 'color-speaker':
      speakers.color(operation.speaker, operation.color);
      return null;
    case 'merge-speakers':
      if (operation.from === operation.into) return say('speaker_itself');
      pieces.replaceSpeaker(operation.from, operation.into);
      speakers.merge(operation.from, operation.into);
      return null;
  }
}

function unlessSame(before: EditedSegment | undefined, now: EditedSegment): EditedSegment {
  if (before === undefined || before.edited !== now.edited || before.checked !== now.checked) return now;
  if (!now.edited) return before;
  return before.id === now.id && before.original === now.original && sameSegment(before, now) ? before : now;
}

function view(machine: Transcript, piece: Piece, checked: boolean): EditedSegment {
  const { key, segment } = piece;
  const given = /^\d+$/.test(key) ? machine.segments[Number(key)] : undefined;
  if (given !== undefined && sameSegment(segment, given))
    return { ...given, key, edited: false, original: null, checked };
  return { ...segment, key, edited: true, original: originalText(machine, piece), checked };
}
