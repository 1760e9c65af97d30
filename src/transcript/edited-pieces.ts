// Owns the row of pieces while edits are laid over a transcript: in document order, found by key. Every change says null when it was
// made, or in a sentence why it does not apply; nothing is changed then.

import type { SPEAKER_SCOPES } from '../contract/edits.ts';
import { say } from '../contract/sentences.ts';
import type { Segment, Transcript, Word } from '../contract/transcript.ts';
import { TRANSCRIPT_LIMITS } from '../contract/transcript.ts';
import type { Piece } from './piece.ts';
import { cut, join, pieceOf, wordsOf } from './piece.ts';
import { realign } from './realign.ts';
import { oneLine } from './spoken.ts';

type Scope = (typeof SPEAKER_SCOPES)[number];

/** A place in the row. The row is linked, so that a change in the middle of a long transcript costs no more than one in a short one. */
interface Place {
  piece: Piece;
  checked: boolean;
  gone: boolean;
  splits: number;
  next: Place | null;
}

export type PlaceView = Readonly<Pick<Place, 'piece' | 'checked' | 'gone'>>;

const MISSING = say('segment_unknown');

export class EditedPieces {
  readonly #places = new Map<string, Place>();
  readonly #first: Place | null;
  /** Rows of words, and whether any of them has a speaker of its own. */
  readonly #voices = new WeakMap<readonly Word[], boolean>();
  #nextId = 0;

  constructor(machine: Transcript) {
    let following: Place | null = null;
    for (let index = machine.segments.length - 1; index >= 0; index -= 1) {
      const segment = machine.segments[index];
      if (segment === undefined) continue;
      const place: Place = {
        piece: pieceOf(segment, index),
        checked: false,
        gone: false,
        splits: 0,

        next: following,
      };
      this.#places.set(place.piece.key, place);
      this.#nextId = Math.max(this.#nextId, segment.id + 1);
      following = place;
    }
    this.#first = following;
  }

  /** In document order, the deleted ones at their places. */
  *all(): Iterable<PlaceView> {
    for (let place = this.#first; place !== null; place = place.next) yield place;
  }

  setText(key: string, text: string): string | null {
    const place = this.#present(key);
    if (place === null) return MISSING;
    const { segment } = place.piece;
    const shown = oneLine(text);
    if (shown === '') return say('segment_emptied');
    const whole = (/^\s/u.test(segment.text) ? ' ' : '') + shown;
    const words = segment.words.length === 0 ? [] : realign(whole, segment.words, segment);
    if (words.length > TRANSCRIPT_LIMITS.wordsPerSegment) return say('segment_words');
    this.#change(place, { ...segment, text: whole, words });
    return null;
  }

  split(key: string, word: number): string | null {
    const place = this.#present(key);
    if (place === null) return MISSING;
    if (word >= wordsOf(place.piece.segment).length) return say('segment_no_word');
    const latest = place.next?.piece.segment.start ?? Number.POSITIVE_INFINITY;
    place.splits += 1;
    const second = { key: `${key}.${place.splits}`, id: this.#nextId };
    this.#nextId += 1;
    const [before, after] = cut(place.piece, word, second, latest);
    place.piece = before;
    const added: Place = {
      piece: after,
      checked: place.checked,
      gone: false,
      splits: 0,

      next: place.next,
    };
    place.next = added;
    this.#places.set(second.key, added);
    return null;
  }

  merge(key: string, nextKey: string): string | null {
    const place = this.#present(key);
    const next = this.#present(nextKey);
    if (place === null || next === null) return MISSING;
    // What was deleted between the two lies inside of what they become, and could not come back into any order.
    const between: Place[] = [];
    for (let at = place.next; at?.gone === true; at = at.next) between.push(at);
    if ((between.at(-1) ?? place).next !== next) return say('segment_followed');
    const joined = join(place.piece, next.piece);
    if (joined.segment.words.length > TRANSCRIPT_LIMITS.wordsPerSegment) return say('segments_words');
    if (joined.segment.text.length > TRANSCRIPT_LIMITS.textLength) return say('segments_long');
    const origins = [place, ...between, next].flatMap(({ piece }) => piece.origins);
    place.piece = between.length === 0 ? joined : { ...joined, origins };
    place.checked &&= next.checked;
    place.next = next.next;
    for (const { piece } of [...between, next]) this.#places.delete(piece.key);
    return null;
  }

  remove(key: string): string | null {
    const place = this.#present(key);
    if (place === null) return MISSING;
    place.gone = true;
    return null;
  }

  restore(key: string): string | null {
    const place = this.#places.get(key);
    if (place === undefined) return MISSING;
    if (!place.gone) return say('segment_there');
    place.gone = false;
    return null;
  }

  check(key: string, checked: boolean): string | null {
    const place = this.#present(key);
    if (place === null) return MISSING;
    place.checked = checked;
    return null;
  }

  setSpeaker(key: string, speaker: string | null, scope: Scope): string | null {
    const place = this.#present(key);
    if (place === null) return MISSING;
    const { segment } = place.piece;
    const before = segment.speaker ?? null;
    // A word without a speaker of its own is its segment's.
    const words = segment.words.map((word) => (word.speaker === undefined ? word : spokenBy(word, speaker)));
    this.#change(place, { ...spokenBy(segment, speaker), words });
    if (scope === 'segment') return null;
    for (let other = scope === 'onward' ? place.next : this.#first; other !== null; other = other.next) {
      this.#replace(other, before, speaker);
    }
    return null;
  }

  /** Everything of one speaker goes to another, in what is deleted too. */
  replaceSpeaker(from: string, into: string): void {
    for (let place = this.#first; place !== null; place = place.next) this.#replace(place, from, into);
  }

  #replace(place: Place, from: string | null, into: string | null): void {
    const { segment } = place.piece;
    const itself = (segment.speaker ?? null) === from;
    const theirs = from !== null && this.#voiced(segment.words) && segment.words.some((word) => word.speaker === from);
    if (!itself && !theirs) return;
    const words = theirs
      ? segment.words.map((word) => (word.speaker === from ? spokenBy(word, into) : word))
      : segment.words;
    this.#change(place, { ...(itself ? spokenBy(segment, into) : segment), words });
  }

  /** Remembered, so that a change of speakers need not look at every word of a long transcript again and again. */
  #voiced(words: readonly Word[]): boolean {
    const known = this.#voices.get(words) ?? words.some((word) => word.speaker !== undefined);
    this.#voices.set(words, known);
    return known;
  }

  #present(key: string): Place | null {
    const place = this.#places.get(key);
    return place === undefined || place.gone ? null : place;
  }

  #change(place: Place, segment: Segment): void {
    place.piece = { ...place.piece, segment };
  }
}

function spokenBy<Part extends Segment | Word>(part: Part, speaker: string | null): Part {
  if (speaker !== null) return { ...part, speaker };
  const { speaker: _, ...rest } = part;
  // Everything but the speaker is the part's own.
  return rest as Part;
}
