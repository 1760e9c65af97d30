// Owns the speakers of an edited transcript: who there is, and how they are called.

import type { Transcript } from '../contract/transcript.ts';

type Speaker = Transcript['speakers'][string];

export class EditedSpeakers {
  readonly #speakers: Map<string, Speaker>;

  constructor(speakers: Transcript['speakers']) {
    this.#speakers = new Map(Object.entries(speakers));
  }

  know(label: string): void {
    if (!this.#speakers.has(label)) this.#speakers.set(label, {});
  }

  /** A name of white space only is none. */
  rename(label: string, name: string | null): void {
    const { name: _, ...rest } = this.#speakers.get(label) ?? {};
    const given = name?.trim() ?? '';
    this.#speakers.set(label, given === '' ? rest : { ...rest, name: given });
  }

  color(label: string, color: number | null): void {
    const { color: _, ...rest } = this.#speakers.get(label) ?? {};
    this.#speakers.set(label, color === null ? rest : { ...rest, color: String(color) });
  }

  /** `into` keeps its name; without one it takes that of `from`. */
  merge(from: string, into: string): void {
    this.#speakers.set(into, { ...this.#speakers.get(from), ...this.#speakers.get(into) });
    this.#speakers.delete(from);
  }

  all(): Transcript['speakers'] {
    return Object.fromEntries(this.#speakers);
  }
}
