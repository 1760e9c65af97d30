// Owns what a person does in the open transcript, as verbs: moving, writing, cutting, naming speakers, settling doubts. Each change is one
// edit, so that one undo takes back one thing that a person did.

import type { EditedSegment, EditOperation, SPEAKER_SCOPES } from '../../contract/edits.ts';
import { type Doubt, doubtFrom } from '../../transcript/doubts.ts';
import { findIn, replaceAll } from '../../transcript/find.ts';
import { wordsOf } from '../../transcript/piece.ts';
import { elsewhere, singleChange } from '../../transcript/single-change.ts';
import { caretOf, splitPlace } from '../../transcript/split-place.ts';
import { oneLine } from '../../transcript/spoken.ts';
import { freshLabel } from '../../transcript/voices.ts';
import { type Editor, NOTHING_SOUGHT } from './editor-slice.ts';
import { keepDraft } from './kept-draft.ts';
import type { Reading } from './reading.ts';
import type { AppStore } from './store.ts';
import type { TranscriptSession } from './transcript-session.ts';

type Scope = (typeof SPEAKER_SCOPES)[number];

export interface EditorCommands {
  patch(patch: Partial<Editor>): void;
  /** Puts the keyboard on a segment; `word` where something is at one of its words. */
  select(key: string, word?: number | null): void;
  /** One row up or down. */
  move(step: 1 | -1): void;
  /** Opens a line for writing, the caret at its end, at a word, or at a place in the text. */
  write(key?: string, at?: { readonly word: number } | { readonly caret: number }): void;
  draft(text: string, caret: number): void;
  /** Leaves the line: with what was typed, or as it was. */
  keepDraft(): Promise<boolean>;
  dropDraft(): void;
  /** In front of the caret of the draft, or of the word that is current. */
  split(caret?: number): Promise<boolean>;
  mergeUp(): Promise<boolean>;
  remove(key?: string): Promise<boolean>;
  restore(key: string): Promise<boolean>;
  /** The n-th speaker (from 1) of the transcript said the current line; one more than there are is a new one. */
  speaker(number: number): Promise<boolean>;
  assign(key: string, label: string | null, scope: Scope): Promise<boolean>;
  /** Gives the speaker of a line a name: everywhere; elsewhere by a speaker of that name, who is made where nobody has it. */
  name(key: string, name: string, scope: Scope): Promise<boolean>;
  /** Marks the line as right, and goes to the next doubt. */
  markRight(): Promise<boolean>;
  doubt(step: 1 | -1): Doubt | null;
  /** Opens the bar of find, with what is selected; `replacing`: with the field for the replacement. */
  find(replacing: boolean): void;
  /** To the next place that was found (or the one before). */
  findStep(step: 1 | -1): void;
  /** Replaces the place at which the search is. */
  replaceOne(): Promise<boolean>;
  /** Takes the offer to correct the same word wherever it stands. */
  takeOffer(): Promise<boolean>;
}

/** Verbs over one store. */
export function createEditorCommands(
  store: AppStore,
  session: TranscriptSession,
  reading: Reading,
  clock: () => number,
): EditorCommands {
  const patch = (change: Partial<Editor>): void =>
    store.setState((state) => ({ editor: { ...state.editor, ...change } }));
  /** The line is left; what was written in it is an edit now, or was given up. */
  const leave = (change: Partial<Editor> = {}): void => {
    patch({ draft: null, ...change });
    keepDraft(null);
  };
  const segmentOf = (key: string | null): EditedSegment | null => {
    if (key === null) return null;
    const state = store.getState();
    const index = reading.indexes(state).get(key);
    return index === undefined ? null : (reading.view(state)?.segments[index] ?? null);
  };
  const currentKey = (): string | null => {
    const { current } = store.getState().editor;
    return current ?? reading.view(store.getState())?.segments[0]?.key ?? null;
  };
  const neighbour = (key: string, step: 1 | -1): EditedSegment | null => {
    const state = store.getState();
    const index = reading.indexes(state).get(key);
    return index === undefined ? null : (reading.view(state)?.segments[index + step] ?? null);
  };
  /** What the draft changes, with its line; null where there is none or nothing was changed. */
  const drafted = (): EditOperation | null => {
    const { draft } = store.getState().editor;
    const segment = segmentOf(draft?.key ?? null);
    if (draft === null || segment === null) return null;
    const text = oneLine(draft.text);
    if (text === oneLine(segment.text)) return null;
    return text === '' ? { type: 'delete', segment: segment.key } : { type: 'set-text', segment: segment.key, text };
  };
  const offerFor = (before: EditedSegment, after: string): void => {
    const change = singleChange(before.text, after);
    const view = reading.view(store.getState());
    if (change === null || view === null) {
      patch({ offer: null });
      return;
    }
    const query = { text: change.from, matchCase: true, wholeWord: true, regex: false };
    const hits = elsewhere(findIn(view.segments, query, change.to, clock).hits, before.key);
    patch({ offer: hits.length === 0 ? null : { key: before.key, change, places: hits.length } });
  };
  const select = (key: string, word: number | null = null): void => patch({ current: key, word });

  const commands: EditorCommands = {
    patch,
    select,
    move(step) {
      const state = store.getState();
      const rows = reading.rows(state);
      const at = state.editor.current === null ? -1 : (reading.places(state).get(state.editor.current) ?? -1);
      const row = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
      if (row !== undefined) select(row.kind === 'loop' ? (row.segments[0]?.key ?? row.key) : row.key);
    },
    write(key, at) {
      const { draft } = store.getState().editor;
      const wanted = key ?? currentKey();
      if (draft?.key === wanted) return;
      if (draft !== null) void commands.keepDraft();
      const segment = segmentOf(wanted);
      if (segment === null) return;
      const text = oneLine(segment.text);
      const caret = at === undefined ? text.length : 'caret' in at ? at.caret : caretOf(segment, at.word);
      patch({
        current: segment.key,
        draft: { key: segment.key, text, caret: Math.min(caret, text.length) },
        offer: null,
      });
    },
    draft(text, caret) {
      const { editor, transcript } = store.getState();
      if (editor.draft === null || transcript.kind !== 'open') return;
      patch({ draft: { ...editor.draft, text, caret } });
      keepDraft({ jobId: transcript.jobId, key: editor.draft.key, text });
    },
    async keepDraft() {
      const operation = drafted();
      const { draft } = store.getState().editor;
      const segment = segmentOf(draft?.key ?? null);
      leave();
      if (operation === null || segment === null) return true;
      const made = session.edit(operation);
      if (operation.type === 'set-text') offerFor(segment, operation.text);
      return made;
    },
    dropDraft: () => leave(),
    split(caret) {
      const { draft, word } = store.getState().editor;
      const key = draft?.key ?? currentKey();
      const segment = segmentOf(key);
      if (segment === null) return Promise.resolve(false);
      const operation = drafted();
      const at = draft === null ? word : splitPlace(segment, draft.text, caret ?? draft.caret);
      if (at === null || at < 1) return Promise.resolve(false);
      leave({ word: null });
      const cut: EditOperation = { type: 'split', segment: segment.key, word: at };
      return session.edit(...(operation?.type === 'set-text' ? [operation, cut] : [cut]));
    },
    async mergeUp() {
      const { draft } = store.getState().editor;
      const key = draft?.key ?? currentKey();
      const above = key === null ? null : neighbour(key, -1);
      if (key === null || above === null) return false;
      const operation = drafted();
      const merge: EditOperation = { type: 'merge', segment: above.key, next: key };
      leave();
      const made = session.edit(...(operation?.type === 'set-text' ? [operation, merge] : [merge]));
      select(above.key);
      return made;
    },
    remove(key = currentKey() ?? '') {
      const next = neighbour(key, 1) ?? neighbour(key, -1);
      leave({ current: next?.key ?? null, word: null });
      return session.edit({ type: 'delete', segment: key });
    },
    restore: (key) => session.edit({ type: 'restore', segment: key }),
    speaker(number) {
      const key = currentKey();
      const voices = reading.voices(store.getState());
      if (key === null || number > voices.length + 1) return Promise.resolve(false);
      return commands.assign(key, voices[number - 1]?.label ?? freshLabel(voices), 'segment');
    },
    assign(key, label, scope) {
      if ((segmentOf(key)?.speaker ?? null) === label) return Promise.resolve(true);
      return session.edit({ type: 'set-speaker', segment: key, speaker: label, scope });
    },
    name(key, given, scope) {
      const speaker = segmentOf(key)?.speaker;
      const name = given.trim();
      const voices = reading.voices(store.getState());
      const known = name === '' ? undefined : voices.find((voice) => voice.name === name);
      if (scope === 'everywhere' && speaker !== undefined) {
        if (known !== undefined && known.label !== speaker) {
          return session.edit({ type: 'merge-speakers', from: speaker, into: known.label });
        }
        return session.edit({ type: 'rename-speaker', speaker, name: name === '' ? null : name });
      }
      if (known !== undefined) return commands.assign(key, known.label, scope);
      const label = freshLabel(voices);
      return session.edit(
        { type: 'set-speaker', segment: key, speaker: label, scope },
        { type: 'rename-speaker', speaker: label, name: name === '' ? null : name },
      );
    },
    async markRight() {
      const key = currentKey();
      const segment = segmentOf(key);
      if (segment === null) return false;
      const made = session.edit({ type: 'check', segment: segment.key, checked: !segment.checked });
      if (!segment.checked) commands.doubt(1);
      return made;
    },
    doubt(step) {
      const state = store.getState();
      const { current, word } = state.editor;
      const doubts = reading.doubts(state);
      const segment = segmentOf(current);
      const start = word === null || segment === null ? segment?.start : wordsOf(segment)[word]?.start;
      const doubt = doubtFrom(doubts, { start: start ?? -1, word }, step);
      if (doubt !== null) select(doubt.key, doubt.word);
      return doubt;
    },
    find(replacing) {
      const { finding } = store.getState().editor;
      const selected = window.getSelection()?.toString().trim() ?? '';
      const text = selected !== '' && selected.length < 100 ? selected : (finding?.text ?? '');
      patch({
        finding: { ...(finding ?? NOTHING_SOUGHT), text, replacing: replacing || (finding?.replacing ?? false) },
      });
      document.querySelector<HTMLInputElement>('.findbar input')?.select();
    },
    findStep(step) {
      const state = store.getState();
      const { finding } = state.editor;
      const { hits } = reading.found(state);
      if (finding === null || hits.length === 0) return;
      const at = finding.at < 0 && step === -1 ? hits.length - 1 : (finding.at + step + hits.length) % hits.length;
      const hit = hits[at];
      patch({
        finding: { ...finding, at },
        ...(hit === undefined ? {} : { current: hit.key, word: null, follow: false }),
      });
    },
    async replaceOne() {
      const state = store.getState();
      const { finding } = state.editor;
      const hit = reading.found(state).hits[finding?.at ?? -1];
      const segment = segmentOf(hit?.key ?? null);
      if (finding === null || hit === undefined || segment === null) {
        commands.findStep(1);
        return false;
      }
      const made = session.edit(...replaceAll([segment], [hit]));
      // What was replaced is found no more: the next place is at the same number.
      const { hits } = reading.found(store.getState());
      patch({ finding: { ...finding, at: Math.min(finding.at, hits.length - 1) } });
      const next = hits[finding.at];
      if (next !== undefined) patch({ current: next.key, word: null });
      return made;
    },
    async takeOffer() {
      const { offer } = store.getState().editor;
      const view = reading.view(store.getState());
      if (offer === null || view === null) return false;
      patch({ offer: null });
      const query = { text: offer.change.from, matchCase: true, wholeWord: true, regex: false };
      const { hits } = findIn(view.segments, query, offer.change.to, clock);
      return session.edit(...replaceAll(view.segments, hits));
    },
  };
  return commands;
}
