// Owns the way of a person's changes to the engine: shown at once, sent one after the other, taken back where the engine refuses. What
// was typed stays with its line even then.

import type { ApiResult } from '../../contract/api.ts';
import type { EditOperation } from '../../contract/edits.ts';
import { AppError, toAppError } from '../../contract/errors.ts';
import { applyEdits } from '../../transcript/edit.ts';
import type { UiClient } from '../client/client.ts';
import { explain, t } from '../strings/texts.ts';
import type { AppStore } from './store.ts';
import { keysOf, type Log, logAfter, type OpenTranscript, type Step, withLog } from './transcript-slice.ts';

export interface TranscriptSession {
  /** Loads a recording's transcript in place of the one that is open. */
  open(jobId: string): Promise<void>;
  close(): void;
  /** Makes one edit of all operations. False where it does not apply, or the engine did not take it. */
  edit(...operations: readonly EditOperation[]): Promise<boolean>;
  undo(): Promise<boolean>;
  redo(): Promise<boolean>;
  /** Asks whether somebody else has changed the transcript in the meantime. */
  refresh(): Promise<void>;
  /** Keeps a line with its text although it is not saved: a draft that a reload cut off. */
  keepUnsaved(jobId: string, key: string, text: string): void;
  /** Forgets a line that could not be saved. */
  dropUnsaved(key: string): void;
}

/** A session over one client and one store. */
export function createTranscriptSession(client: UiClient, store: AppStore, now: () => number): TranscriptSession {
  /** Changes are sent in the order in which they were made. */
  let tail: Promise<unknown> = Promise.resolve();
  /** Rises when what was shown is taken back: changes that were made on top of it are not sent. */
  let epoch = 0;
  /** By recording, also of those that are closed: lines whose saving failed. */
  const unsavedOf = new Map<string, ReadonlyMap<string, string>>();

  const current = (): OpenTranscript | null => {
    const { transcript } = store.getState();
    return transcript.kind === 'open' ? transcript : null;
  };
  const change = (patch: (open: OpenTranscript) => OpenTranscript): void => {
    const open = current();
    if (open !== null) store.setState({ transcript: patch(open) });
  };
  const ask = (id: string, revision: number, step: Step): Promise<ApiResult<'editTranscript'>> => {
    if (step.kind === 'edit') {
      return client.call('editTranscript', { id, revision, operations: [...step.operations] });
    }
    return client.call(step.kind === 'undo' ? 'undoEdit' : 'redoEdit', { id, revision });
  };
  const logOf = async (id: string): Promise<ApiResult<'listEdits'>> => client.call('listEdits', { id });

  /** Others were first, but elsewhere in the text: the same change on top of theirs. */
  const again = async (jobId: string, base: number, step: Step): Promise<Log | null> => {
    const log = await logOf(jobId);
    if (step.kind !== 'edit') return null;
    const mine = keysOf(step.operations);
    const others = log.done.filter(({ seq }) => seq > base).flatMap(({ operations }) => [...keysOf(operations)]);
    if (others.some((key) => mine.has(key))) return null;
    await ask(jobId, log.revision, step);
    return logOf(jobId);
  };

  const takeBack = async (jobId: string, base: Log, step: Step, thrown: unknown): Promise<void> => {
    epoch += 1;
    const kept = new Map(unsavedOf.get(jobId) ?? []);
    for (const operation of step.kind === 'edit' ? step.operations : []) {
      if (operation.type === 'set-text') kept.set(operation.segment, operation.text);
    }
    unsavedOf.set(jobId, kept);
    const error = toAppError(thrown);
    store.setState({ notice: error.code === 'CONFLICT' ? t.transcript.conflict : explain(error.report()) });
    try {
      const log = await logOf(jobId);
      change((open) => (open.jobId === jobId ? { ...withLog(open, log), saving: 0, unsaved: kept } : open));
    } catch {
      // The engine is away: what is shown goes back to what it last confirmed, and is asked for again when it answers.
      change((open) => (open.jobId === jobId ? { ...withLog(open, base), saving: 0, unsaved: kept } : open));
    }
  };

  const send = async (jobId: string, step: Step, base: Log, mine: number): Promise<boolean> => {
    if (mine !== epoch) return false;
    try {
      await ask(jobId, base.revision, step);
      change((is) => (is.jobId === jobId ? { ...is, saving: Math.max(0, is.saving - 1) } : is));
      return true;
    } catch (thrown) {
      if (toAppError(thrown).code === 'CONFLICT') {
        try {
          const log = await again(jobId, base.revision, step);
          if (log !== null) {
            // What was made on top of it in the meantime stood on another revision: it is made again by the person.
            epoch += 1;
            change((is) => (is.jobId === jobId ? { ...withLog(is, log), saving: 0 } : is));
            return true;
          }
        } catch (second) {
          await takeBack(jobId, base, step, second);
          return false;
        }
      }
      await takeBack(jobId, base, step, thrown);
      return false;
    }
  };

  const make = (step: Step): Promise<boolean> => {
    const open = current();
    if (open === null) return Promise.resolve(false);
    const log = logAfter(open, step, now());
    if (log === null) return Promise.resolve(false);
    const next = withLog(open, log);
    const refused = step.kind === 'edit' ? next.view.unapplied.find(({ seq }) => seq === log.revision) : undefined;
    if (refused !== undefined) {
      store.setState({ notice: explain(new AppError('CONFLICT', refused.reason).report()) });
      return Promise.resolve(false);
    }
    const unsaved = new Map(open.unsaved);
    if (step.kind === 'edit') for (const key of keysOf(step.operations)) unsaved.delete(key);
    unsavedOf.set(open.jobId, unsaved);
    store.setState({ transcript: { ...next, saving: open.saving + 1, unsaved }, notice: null });
    const mine = epoch;
    const sent = tail.then(() => send(open.jobId, step, open, mine));
    tail = sent;
    return sent;
  };

  return {
    async open(jobId) {
      store.setState({ transcript: { kind: 'loading', jobId } });
      try {
        // What was changed before the screen was left has to be in what is loaded.
        await tail;
        const [machine, log] = await Promise.all([
          client.call('getTranscript', { id: jobId, machine: true }),
          logOf(jobId),
        ]);
        const { transcript } = store.getState();
        if (transcript.kind !== 'loading' || transcript.jobId !== jobId) return;
        const { revision, done, undone, carried } = log;
        const view = applyEdits(machine, done);
        store.setState({
          transcript: {
            ...{ kind: 'open', jobId, machine, revision, done, undone, carried, view, saving: 0 },
            unsaved: unsavedOf.get(jobId) ?? new Map<string, string>(),
          },
        });
      } catch (thrown) {
        const { transcript } = store.getState();
        if (transcript.kind !== 'loading' || transcript.jobId !== jobId) return;
        store.setState({ transcript: { kind: 'refused', jobId, advice: explain(toAppError(thrown).report()) } });
      }
    },
    close() {
      store.setState({ transcript: { kind: 'none' } });
    },
    edit: (...operations) => (operations.length === 0 ? Promise.resolve(false) : make({ kind: 'edit', operations })),
    undo: () => make({ kind: 'undo' }),
    redo: () => make({ kind: 'redo' }),
    async refresh() {
      const open = current();
      if (open === null || open.saving > 0) return;
      const log = await logOf(open.jobId).catch(() => null);
      const is = current();
      if (log === null || is === null || is.jobId !== open.jobId || is.saving > 0 || log.revision === is.revision)
        return;
      change((old) => withLog(old, log));
    },
    keepUnsaved(jobId, key, text) {
      const unsaved = new Map(unsavedOf.get(jobId) ?? []).set(key, text);
      unsavedOf.set(jobId, unsaved);
      change((open) => (open.jobId === jobId ? { ...open, unsaved } : open));
    },
    dropUnsaved(key) {
      change((open) => {
        const unsaved = new Map(open.unsaved);
        unsaved.delete(key);
        unsavedOf.set(open.jobId, unsaved);
        return { ...open, unsaved };
      });
    },
  };
}
