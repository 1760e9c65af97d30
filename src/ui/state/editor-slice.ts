// Owns what a person looks at in the open transcript: the line that has the keyboard, the draft, what is found, opened, shown beside it.
// No fact of the engine.

import type { CueLayout } from '../../contract/export-options.ts';
import type { FindQuery } from '../../transcript/find.ts';
import type { SingleChange } from '../../transcript/single-change.ts';
import { type Keymap, USUAL_KEYS } from './keymap.ts';
import { readTranscriptPreferences } from './transcript-preferences.ts';

export const EDITOR_MODES = ['read', 'subtitles', 'compare'] as const;
export type EditorMode = (typeof EDITOR_MODES)[number];

export const SIDE_TABS = ['subtitles', 'speakers', 'about'] as const;
export type SideTab = (typeof SIDE_TABS)[number];

/** A line that is being written. */
export interface Draft {
  readonly key: string;
  readonly text: string;
  /** Where the caret is put when the field opens (UTF-16). */
  readonly caret: number;
}

/** The bar of find and replace while it is open. */
export interface Finding extends FindQuery {
  readonly replacement: string;
  readonly replacing: boolean;
  /** Place among the hits; -1 before the first step. */
  readonly at: number;
}

/** The same word stands elsewhere too: offered after a correction of one word. */
export interface Offer {
  readonly key: string;
  readonly change: SingleChange;
  readonly places: number;
}

export interface Editor {
  readonly mode: EditorMode;
  /** The segment that has the keyboard, and the word in it at which something is. */
  readonly current: string | null;
  readonly word: number | null;
  readonly draft: Draft | null;
  readonly openLoops: ReadonlySet<string>;
  readonly showDeleted: boolean;
  /** The text scrolls along with the sound. */
  readonly follow: boolean;
  readonly side: SideTab;
  /** Under 1000 px the side panel lies over the text, and only when it was asked for. */
  readonly sideOpen: boolean;
  readonly finding: Finding | null;
  readonly offer: Offer | null;
  readonly layout: CueLayout;
  readonly keymap: Keymap;
  /** The line whose speaker is being chosen or named. */
  readonly speakerOf: string | null;
  readonly sheet: 'none' | 'export' | 'replace';
}

export interface EditorFacts {
  readonly editor: Editor;
}

/** The view of a transcript that was just opened, with what this browser remembers. */
export function firstEditor(): EditorFacts {
  const { layout, keys } = readTranscriptPreferences();
  return {
    editor: {
      ...{ mode: 'read', current: null, word: null, draft: null, openLoops: new Set<string>(), showDeleted: true },
      ...{ follow: true, side: 'subtitles', sideOpen: false, finding: null, offer: null, speakerOf: null },
      ...{ layout, keymap: { ...USUAL_KEYS, ...keys }, sheet: 'none' },
    },
  };
}

/** What is looked for when nothing was looked for yet. */
export const NOTHING_SOUGHT: Finding = {
  ...{ text: '', matchCase: false, wholeWord: false, regex: false, replacement: '', replacing: false, at: -1 },
};
