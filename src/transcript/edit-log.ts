// Owns what the log of a transcript's edits amounts to: which edits are in force, and which can be redone.

import type { Edit, EditEntry, EditState } from '../contract/edits.ts';

export interface FoldedLog {
  /** Number of the last row; 0 for an empty log. */
  readonly revision: number;
  /** In force, oldest first. */
  readonly done: readonly Edit[];
  /** Undone, the one to be redone next last. A new edit ends them. */
  readonly undone: readonly Edit[];
}

/** The log from its first row on. An undo or redo of nothing changes nothing. */
export function foldLog(entries: readonly EditEntry[]): FoldedLog {
  const done: Edit[] = [];
  let undone: Edit[] = [];
  for (const entry of entries) {
    if (entry.kind === 'edit') {
      const { seq, at, operations } = entry;
      done.push({ seq, at, operations });
      undone = [];
    } else {
      const [from, to] = entry.kind === 'undo' ? [done, undone] : [undone, done];
      const edit = from.pop();
      if (edit !== undefined) to.push(edit);
    }
  }
  return { revision: entries.at(-1)?.seq ?? 0, done, undone };
}

/** What a person can do next. */
export function stateOf({ revision, done, undone }: FoldedLog): EditState {
  return { revision, canUndo: done.length > 0, canRedo: undone.length > 0 };
}
