// Owns the edits of the engine in memory: the same log and the same laying over as the real engine's, without a disk.

import type { ApiName, ApiParams, ApiResult } from '../../contract/api.ts';
import type { Carried } from '../../contract/carried.ts';
import type { Edit, EditEntry } from '../../contract/edits.ts';
import { AppError } from '../../contract/errors.ts';
import type { SearchHit } from '../../contract/search.ts';
import type { Transcript } from '../../contract/transcript.ts';
import { applyEdits } from '../../transcript/edit.ts';
import { foldLog, stateOf } from '../../transcript/edit-log.ts';

type EditCall = Extract<
  ApiName,
  'getTranscript' | 'editTranscript' | 'undoEdit' | 'redoEdit' | 'listEdits' | 'writeExports' | 'searchTranscripts'
>;

export interface MemoryEditParts {
  /** Throws NOT_FOUND where there is none. */
  readonly machine: (id: string) => Transcript;
  /** The recordings that have a transcript, by name. */
  readonly transcribed: () => readonly { readonly id: string; readonly name: string }[];
  /** Remembers files as written; formats and folder as asked. */
  readonly write: (params: ApiParams<'writeExports'>) => ApiResult<'writeExports'>;
  /** What became of the corrections of an earlier transcript. */
  readonly carried: (id: string) => Carried | null;
  /** Recordings whose transcripts cannot be found yet. */
  readonly pending: ReadonlySet<string>;
  readonly now: () => number;
}

export function memoryEdits({ machine, transcribed, write, carried, pending, now }: MemoryEditParts): {
  [Name in EditCall]: (params: ApiParams<Name>) => ApiResult<Name>;
} {
  const logs = new Map<string, EditEntry[]>();
  const fold = (id: string) => foldLog(logs.get(id) ?? []);
  const append = (id: string, revision: number, edit: Edit, kind: EditEntry['kind']): ApiResult<'editTranscript'> => {
    const seq = revision + 1;
    const entry: EditEntry = kind === 'edit' ? { kind, ...edit } : { kind, seq, at: now() };
    logs.set(id, [...(logs.get(id) ?? []), entry]);
    return { ...stateOf(fold(id)), edit };
  };
  const onRevision = (id: string, revision: number) => {
    machine(id);
    const log = fold(id);
    if (log.revision !== revision)
      throw new AppError('CONFLICT', 'The transcript was changed elsewhere in the meantime.');
    return log;
  };
  const step = ({ id, revision }: ApiParams<'undoEdit'>, kind: 'undo' | 'redo'): ApiResult<'undoEdit'> => {
    const log = onRevision(id, revision);
    const edit = (kind === 'undo' ? log.done : log.undone).at(-1);
    if (edit === undefined) throw new AppError('CONFLICT', `There is nothing to ${kind}.`);
    return append(id, revision, edit, kind);
  };
  return {
    getTranscript({ id, machine: asGiven }) {
      const edits = asGiven === true || asGiven === 'true' ? [] : fold(id).done;
      return { ...applyEdits(machine(id), edits), ...stateOf(fold(id)) };
    },
    editTranscript({ id, revision, operations }) {
      const log = onRevision(id, revision);
      const edit: Edit = { seq: revision + 1, at: now(), operations };
      const refused = applyEdits(machine(id), [...log.done, edit]).unapplied.find(({ seq }) => seq === edit.seq);
      if (refused !== undefined) throw new AppError('CONFLICT', refused.reason);
      return append(id, revision, edit, 'edit');
    },
    undoEdit: (params) => step(params, 'undo'),
    redoEdit: (params) => step(params, 'redo'),
    listEdits({ id }) {
      machine(id);
      const { done, undone } = fold(id);
      return { ...stateOf(fold(id)), done: [...done], undone: [...undone], carried: carried(id) };
    },
    /** Finds the query as it stands, anywhere: the real index knows words. */
    searchTranscripts({ query, limit, cursor }) {
      const wanted = query.toLowerCase().trim();
      const searched = transcribed().filter(({ id }) => !pending.has(id));
      const hits = searched.flatMap(({ id, name }) =>
        applyEdits(machine(id), fold(id).done).segments.flatMap(({ key, start, text }): SearchHit[] => {
          const from = wanted === '' ? -1 : text.toLowerCase().indexOf(wanted);
          const marks: [number, number][] = [[from, from + wanted.length]];
          return from < 0 ? [] : [{ jobId: id, name, segment: key, start, snippet: text, marks }];
        }),
      );
      const from = Number(cursor ?? 0);
      const upTo = from + Number(limit ?? 50);
      return {
        hits: hits.slice(from, upTo),
        nextCursor: upTo < hits.length ? String(upTo) : null,
        pending: pending.size,
      };
    },
    writeExports(params) {
      machine(params.id);
      return write(params);
    },
  };
}
