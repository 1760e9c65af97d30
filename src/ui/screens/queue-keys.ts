// Owns what the keys mean on a row of the queue.

import type { JobView } from '../../contract/job.ts';
import type { Place } from '../../contract/selection.ts';
import type { App } from '../app-context.ts';
import type { Row, Selectors } from '../state/selectors.ts';
import { type AppState, openTranscript, setOpened, toggleFold } from '../state/store.ts';
import { t } from '../strings/texts.ts';
import { canMove, canPause, canRetry } from './job-actions.tsx';

/** The row that a key leads to; null for a key that does not go along the rows. */
export function keySteps(key: string, at: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return Math.min(count - 1, at + 1);
    case 'ArrowUp':
    case 'k':
      return Math.max(0, at - 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    case 'PageDown':
      return Math.min(count - 1, at + 12);
    case 'PageUp':
      return Math.max(0, at - 12);
    default:
      return null;
  }
}

/** Does what a key means on this row. True where it meant something. */
export function actOnRow(key: string, row: Row, app: App, open: boolean): boolean {
  const { store, commands } = app;
  if (row.kind === 'batch') {
    if (key === 'p') {
      void commands.pause(row.id, store.getState().batches.get(row.id)?.pausedSince == null);
      return true;
    }
    const wanted =
      key === 'ArrowLeft' ? true : key === 'ArrowRight' ? false : key === 'Enter' || key === ' ' ? !row.folded : null;
    if (wanted === null) return false;
    if (wanted !== row.folded) toggleFold(store, row.id);
    return true;
  }
  if (row.kind !== 'job') return false;
  const job = store.getState().jobs.get(row.id);
  if (job === undefined) return false;
  if (key === ' ') setOpened(store, job.id, !open);
  else if (key === 'Enter' && job.hasTranscript) openTranscript(store, job.id);
  else if (key === 'Delete' || key === 'Backspace') store.setState({ dialog: { kind: 'remove-job', id: job.id } });
  else if (key === 'p' && job.waiting?.reason === 'paused') void commands.many('resumeJobs', { ids: [job.id] });
  else if (key === 'p' && canPause(job)) void commands.many('pauseJobs', { ids: [job.id] });
  else if (key === 'r' && canRetry(job.state)) void commands.retry(job.id);
  else return false;
  return true;
}

/** Moves a recording by one place within its batch, and says where it is then. True where there is such a place. */
export function moveByKey(key: string, row: Row, app: App): boolean {
  const step = key === 'ArrowUp' ? -1 : key === 'ArrowDown' ? 1 : 0;
  if (step === 0 || row.kind !== 'job') return false;
  const { store, selectors, commands } = app;
  const movable = movableBeside(store.getState(), selectors, row.id);
  const at = movable.findIndex(({ id }) => id === row.id);
  const beside = movable[at + step];
  if (at < 0 || beside === undefined) return true;
  const place: Place = step < 0 ? { before: beside.id } : { after: beside.id };
  // It takes the place of its neighbour.
  const rank = selectors.ranks(store.getState()).get(beside.id);
  void commands.moveJobs([row.id], place).then((moved) => {
    const job = store.getState().jobs.get(row.id);
    if (moved && job !== undefined && rank !== undefined) {
      store.setState({ announcement: t.queue.movedTo(job.name, t.stage.queued(rank)) });
    }
  });
  return true;
}

/** The recordings of the same batch that can change places, in their order. */
export function movableBeside(state: AppState, selectors: Selectors, id: string): readonly JobView[] {
  const batchId = state.jobs.get(id)?.batchId;
  const ids = batchId === undefined ? [] : (selectors.batches(state).get(batchId) ?? []);
  return ids.flatMap((each) => state.jobs.get(each) ?? []).filter(canMove);
}
