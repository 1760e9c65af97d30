// Owns what is derived from the open transcript: rows, doubts, voices, hits. Each is computed once for what it is made of.

import type { EditedTranscript } from '../../contract/edits.ts';
import { type DocumentRow, documentRows, rowIndexes } from '../../transcript/document-rows.ts';
import { type Doubt, doubtsIn } from '../../transcript/doubts.ts';
import { type Found, findIn } from '../../transcript/find.ts';
import { type Stretch, stretchesOf, type Voice, voicesOf } from '../../transcript/voices.ts';
import type { Finding } from './editor-slice.ts';
import type { AppState } from './store.ts';

export interface Reading {
  view(state: AppState): EditedTranscript | null;
  rows(state: AppState): readonly DocumentRow[];
  /** Row of each segment, by key. */
  places(state: AppState): ReadonlyMap<string, number>;
  /** Index of each segment, by key. */
  indexes(state: AppState): ReadonlyMap<string, number>;
  doubts(state: AppState): readonly Doubt[];
  voices(state: AppState): readonly Voice[];
  /** 1 to 8 by speaker's label. */
  colors(state: AppState): ReadonlyMap<string, number>;
  lanes(state: AppState): ReadonlyMap<string, readonly Stretch[]>;
  found(state: AppState): Found;
}

const NO_ROWS: readonly DocumentRow[] = [];
const NO_DOUBTS: readonly Doubt[] = [];
const NO_VOICES: readonly Voice[] = [];
const NOT_FOUND: Found = { hits: [], problem: null };

/** Derivations for one store. `clock` gives milliseconds. */
export function createReading(clock: () => number): Reading {
  const view = ({ transcript }: AppState): EditedTranscript | null =>
    transcript.kind === 'open' ? transcript.view : null;
  const rows = once((is: EditedTranscript, openLoops: ReadonlySet<string>, showDeleted: boolean) =>
    documentRows(is, { openLoops, showDeleted }),
  );
  const places = once(rowIndexes);
  const indexes = once((is: EditedTranscript) => new Map(is.segments.map(({ key }, index) => [key, index])));
  const doubts = once(doubtsIn);
  const voices = once(voicesOf);
  const colors = once((all: readonly Voice[]) => new Map(all.map(({ label, color }) => [label, color])));
  const lanes = once((is: EditedTranscript) => stretchesOf(is.segments));
  const found = once((is: EditedTranscript, ...[text, matchCase, wholeWord, regex, replacement]: Sought) =>
    findIn(is.segments, { text, matchCase, wholeWord, regex }, replacement, clock),
  );
  const rowsOf = (state: AppState): readonly DocumentRow[] => {
    const is = view(state);
    return is === null ? NO_ROWS : rows(is, state.editor.openLoops, state.editor.showDeleted);
  };
  const voicesIn = (state: AppState): readonly Voice[] => {
    const is = view(state);
    return is === null ? NO_VOICES : voices(is);
  };
  return {
    view,
    rows: rowsOf,
    places: (state) => places(rowsOf(state)),
    indexes(state) {
      const is = view(state);
      return is === null ? new Map() : indexes(is);
    },
    doubts(state) {
      const is = view(state);
      return is === null ? NO_DOUBTS : doubts(is);
    },
    voices: voicesIn,
    colors: (state) => colors(voicesIn(state)),
    lanes(state) {
      const is = view(state);
      return is === null ? new Map() : lanes(is);
    },
    found(state) {
      const is = view(state);
      const { finding } = state.editor;
      return is === null || finding === null ? NOT_FOUND : found(is, ...soughtOf(finding));
    },
  };
}

type Sought = [text: string, matchCase: boolean, wholeWord: boolean, regex: boolean, replacement: string];

function soughtOf({ text, matchCase, wholeWord, regex, replacement, replacing }: Finding): Sought {
  return [text, matchCase, wholeWord, regex, replacing ? replacement : ''];
}

/** Remembers the last result: it is the same object as long as the arguments are. */
function once<Given extends readonly unknown[], Made>(make: (...given: Given) => Made): (...given: Given) => Made {
  let last: { readonly given: Given; readonly made: Made } | null = null;
  return (...given) => {
    const known = last;
    if (known?.given.every((each, place) => Object.is(each, given[place])) === true) return known.made;
    const made = make(...given);
    last = { given, made };
    return made;
  };
}
