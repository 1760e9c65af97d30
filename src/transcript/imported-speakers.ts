// Owns the labels of speakers that come from another program: its own where they look like ours, else new ones with its name.

import type { Transcript } from '../contract/transcript.ts';

const OURS = /^SPEAKER_\d{1,6}$/;

export class ImportedSpeakers {
  /** Labels by the name in the file, in the order in which they are first heard. */
  readonly #labels = new Map<string, string>();
  readonly #taken = new Set<string>();
  #next = 0;

  labelOf(name: string | null | undefined): string | null {
    const given = name?.trim() ?? '';
    if (given === '') return null;
    const known = this.#labels.get(given);
    if (known !== undefined) return known;
    const label = OURS.test(given) && !this.#taken.has(given) ? given : this.#free();
    this.#labels.set(given, label);
    this.#taken.add(label);
    return label;
  }

  all(): Transcript['speakers'] {
    return Object.fromEntries(
      [...this.#labels].map(([name, label]) => [label, name === label ? {} : { name: name.slice(0, 200) }]),
    );
  }

  #free(): string {
    for (;;) {
      const label = `SPEAKER_${String(this.#next).padStart(2, '0')}`;
      this.#next += 1;
      if (!this.#taken.has(label)) return label;
    }
  }
}
