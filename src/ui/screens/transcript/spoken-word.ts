// Owns the mark on the word that is being said. It is put on the drawn words themselves, frame by frame: drawing anew for it would be too
// slow. `data-now` is on the word, `data-said` on its line.

import type { EditedTranscript } from '../../../contract/edits.ts';
import { placeAt, segmentNear } from '../../../transcript/word-clock.ts';

/** Marks words inside `list`, whose lines carry their segment's key as `data-key`, and its words their index as `data-w`. */
export class SpokenWord {
  #key: string | null = null;
  #word: Element | null = null;
  #line: Element | null = null;

  /** Marks what is said at `time` (seconds). Returns the key of its segment, or of the one before it. */
  show(list: Element, view: EditedTranscript, time: number): string | null {
    const place = placeAt(view.segments, time);
    const key = view.segments[place?.segment ?? segmentNear(view.segments, time)]?.key ?? null;
    const line = key === null ? null : this.#lineOf(list, key);
    const word =
      place?.word === null || place === null ? null : (line?.querySelector(`[data-w="${place.word}"]`) ?? null);
    if (line !== this.#line) {
      this.#line?.removeAttribute('data-said');
      line?.setAttribute('data-said', '');
      this.#line = line;
    }
    if (word !== this.#word) {
      this.#word?.removeAttribute('data-now');
      word?.setAttribute('data-now', '');
      this.#word = word;
    }
    this.#key = key;
    return key;
  }

  #lineOf(list: Element, key: string): Element | null {
    if (this.#key === key && this.#line?.isConnected === true) return this.#line;
    // A key is digits and dots.
    return list.querySelector(`[data-key="${key}"]`);
  }
}
