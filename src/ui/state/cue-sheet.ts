// Owns the subtitles of the open transcript with what they break: laid out in small turns, so that nobody who types waits for them, and
// only where something changed.

import type { EditedTranscript } from '../../contract/edits.ts';
import type { CueLayout } from '../../contract/export-options.ts';
import { type CueFault, cueFaults } from '../../transcript/cue-checks.ts';
import { type CueChunk, cueChunks, layOutChunk } from '../../transcript/cue-chunks.ts';
import type { Cue } from '../../transcript/cues.ts';
import { LAYOUTS } from '../../transcript/layouts.ts';
import type { AppStore } from './store.ts';

/** A cue with its number from 1 and the limits that it breaks. */
export interface CheckedCue extends Cue {
  readonly number: number;
  readonly faults: readonly CueFault[];
}

export interface CueSheet {
  /** Null until all of it is laid out. */
  readonly cues: readonly CheckedCue[] | null;
  readonly broken: readonly CheckedCue[];
}

export interface CueSheets {
  /** While somebody watches, subtitles are laid out. Returns its own undo. */
  watch(listener: () => void): () => void;
  current(): CueSheet;
}

/** Milliseconds of one turn: well below a frame. */
const TURN = 6;
const NONE: CueSheet = { cues: null, broken: [] };

interface Laid {
  readonly chunk: CueChunk;
  readonly cues: readonly Cue[];
}

/** Sheets over one store. `later` runs its argument when the window has nothing better to do; `clock` gives milliseconds. */
export function createCueSheets(store: AppStore, clock: () => number, later: (run: () => void) => void): CueSheets {
  const listeners = new Set<() => void>();
  let sheet = NONE;
  let laid = new Map<string, Laid>();
  let layout: CueLayout | null = null;
  let view: EditedTranscript | null = null;
  let round = 0;
  let unsubscribe: (() => void) | null = null;

  const tell = (next: CueSheet): void => {
    sheet = next;
    for (const listener of listeners) listener();
  };
  const work = (mine: number, chunks: readonly CueChunk[], from: number, fresh: Map<string, Laid>): void => {
    if (mine !== round || view === null || layout === null) return;
    const { limits } = LAYOUTS[layout];
    const until = clock() + TURN;
    let at = from;
    for (; at < chunks.length && clock() < until; at += 1) {
      const chunk = chunks[at];
      const first = chunk?.segments[0]?.key;
      if (chunk === undefined || first === undefined) continue;
      const known = laid.get(first);
      fresh.set(
        first,
        known !== undefined && sameChunk(known.chunk, chunk)
          ? known
          : { chunk, cues: layOutChunk(view, chunk, limits) },
      );
    }
    if (at < chunks.length) {
      later(() => work(mine, chunks, at, fresh));
      return;
    }
    laid = fresh;
    const cues = [...fresh.values()]
      .flatMap((each) => each.cues)
      .map((cue, index) => ({ ...cue, number: index + 1, faults: cueFaults(cue, limits) }));
    tell({ cues, broken: cues.filter(({ faults }) => faults.length > 0) });
  };
  const look = (): void => {
    const { transcript, editor } = store.getState();
    const now = transcript.kind === 'open' ? transcript.view : null;
    if (now === view && editor.layout === layout) return;
    const another = editor.layout !== layout || now === null || view === null;
    view = now;
    layout = editor.layout;
    round += 1;
    if (another) {
      laid = new Map();
      if (sheet !== NONE) tell(NONE);
    }
    if (now === null) return;
    const mine = round;
    later(() => work(mine, cueChunks(now.segments, LAYOUTS[editor.layout].limits), 0, new Map()));
  };
  return {
    watch(listener) {
      listeners.add(listener);
      unsubscribe ??= store.subscribe(look);
      look();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        unsubscribe?.();
        unsubscribe = null;
        // Nobody looks: what is half done is not gone on with, and is begun anew by the next one.
        round += 1;
        view = null;
      };
    },
    current: () => sheet,
  };
}

function sameChunk(one: CueChunk, other: CueChunk): boolean {
  return (
    one.nextStart === other.nextStart &&
    one.segments.length === other.segments.length &&
    one.segments.every((segment, index) => segment === other.segments[index])
  );
}
