// Owns the calls about many jobs at once and about the queue's order: cancel, retry, remove, pause, resume, move; batches; the queue as a whole.

import type { ApiInput, ApiResult } from '../contract/api.ts';
import type { BatchView, QueueView } from '../contract/batch.ts';
import type { ErrorReport } from '../contract/errors.ts';
import { AppError } from '../contract/errors.ts';
import type { JobState } from '../contract/job.ts';
import { JOB_STATES } from '../contract/job.ts';
import type { SelectionResult } from '../contract/selection.ts';
import { say } from '../contract/sentences.ts';
import type { JobEvent } from '../jobs/transition.ts';
import type { BatchBoard } from './batch-board.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { EventBus } from './event-bus.ts';
import type { Holds } from './holds.ts';
import type { JobCalls } from './job-calls.ts';
import type { JobLedger } from './job-ledger.ts';
import { pause } from './pause.ts';
import type { Clock } from './ports.ts';
import type { BatchStore, JobStore, StoredBatch } from './queue-ports.ts';

export interface QueueCallDeps {
  readonly store: JobStore;
  readonly batches: BatchStore;
  readonly batchBoard: BatchBoard;
  readonly holds: Holds;
  readonly ledger: JobLedger;
  readonly jobs: JobCalls;
  readonly bus: EventBus;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
}

/** Jobs that are changed in one transaction. Between two, the engine does what else there is to do. */
const AT_ONCE = 250;

const OVER: readonly JobState[] = ['complete', 'failed', 'canceled'];
const NOT_OVER = JOB_STATES.filter((state) => !OVER.includes(state));

export class QueueCalls {
  readonly #deps: QueueCallDeps;

  constructor(deps: QueueCallDeps) {
    this.#deps = deps;
  }

  cancelJobs(selection: ApiInput<'cancelJobs'>): Promise<SelectionResult> {
    return this.#change(selection, NOT_OVER, { type: 'cancel' }, say('job_over'));
  }

  async retryJobs(selection: ApiInput<'retryJobs'>): Promise<SelectionResult> {
    const result = await this.#change(selection, ['failed'], { type: 'retry' }, say('retry_not_now'));
    this.#deps.dispatcher.nudge();
    return result;
  }

  pauseJobs(selection: ApiInput<'pauseJobs'>): Promise<SelectionResult> {
    return this.#change(selection, ['queued', 'preparing', 'waiting'], { type: 'pause' }, say('pause_not_now'));
  }

  async resumeJobs(selection: ApiInput<'resumeJobs'>): Promise<SelectionResult> {
    const result = await this.#change(selection, ['waiting'], { type: 'resume' }, say('not_paused'));
    this.#deps.dispatcher.nudge();
    return result;
  }

  async chooseModel({ model, ...selection }: ApiInput<'chooseModel'>): Promise<SelectionResult> {
    const result = await this.#change(
      selection,
      ['queued', 'preparing', 'waiting'],
      { type: 'model_chosen', model },
      say('options_at_worker'),
    );
    this.#deps.dispatcher.nudge();
    return result;
  }

  async removeJobs(selection: ApiInput<'removeJobs'>): Promise<SelectionResult> {
    const changed: string[] = [];
    const refused: SelectionResult['refused'] = [];
    for await (const ids of this.#portions(selection, OVER)) {
      const removed = new Set(await this.#deps.jobs.remove(ids));
      for (const id of ids) {
        if (removed.has(id)) changed.push(id);
        else refused.push({ id, error: this.#why(id, say('cancel_first')) });
      }
    }
    return { changed, refused };
  }

  moveJobs({ ids, batchIds, place }: ApiInput<'moveJobs'>): ApiResult<'moveJobs'> {
    const moved = this.#deps.store.move(ids === undefined ? { batchIds: batchIds ?? [], place } : { ids, place });
    if (moved === null) throw new AppError('NOT_FOUND', say('neighbour_gone'));
    if (moved.length > 0) {
      this.#deps.bus.publish({ type: 'moved', positions: [...moved] });
      this.#deps.dispatcher.moved(moved);
    }
    return { moved: moved.length };
  }

  listBatches({ limit, cursor }: ApiInput<'listBatches'>): ApiResult<'listBatches'> {
    const { batches, nextCursor } = this.#deps.batches.page(limit, cursor);
    return { batches: batches.map((batch) => this.#deps.batchBoard.view(batch)), nextCursor };
  }

  getBatch(id: string): BatchView {
    return this.#deps.batchBoard.view(this.#batch(id));
  }

  renameBatch({ id, name }: ApiInput<'renameBatch'>): BatchView {
    this.#deps.batches.rename(id, name);
    return this.#told(id);
  }

  /** Null resumes it. */
  pauseBatch(id: string, since: number | null): BatchView {
    this.#batch(id);
    this.#deps.holds.pauseBatch(id, since);
    this.#deps.dispatcher.nudge();
    return this.#told(id);
  }

  getQueue(): QueueView {
    return this.#deps.batchBoard.queue();
  }

  /** Null resumes it. */
  pauseQueue(since: number | null): QueueView {
    this.#deps.holds.pauseQueue(since);
    this.#deps.dispatcher.nudge();
    const queue = this.#deps.batchBoard.queue();
    this.#deps.bus.publish({ type: 'queue', queue });
    return queue;
  }

  async #change(
    selection: ApiInput<'cancelJobs'>,
    states: readonly JobState[],
    event: JobEvent,
    otherwise: string,
  ): Promise<SelectionResult> {
    const changed: string[] = [];
    const refused: SelectionResult['refused'] = [];
    for await (const ids of this.#portions(selection, states)) {
      const done = new Set(this.#deps.ledger.applyAll(ids, event));
      for (const id of ids) {
        if (done.has(id)) changed.push(id);
        // Of those that were not named one by one, only what the change means something for was meant.
        else if (selection.ids !== undefined) refused.push({ id, error: this.#why(id, otherwise) });
      }
    }
    return { changed, refused };
  }

  /** The ids that were meant, in portions. What comes into the queue meanwhile was not meant. */
  async *#portions(
    { ids, batchId, states }: ApiInput<'cancelJobs'>,
    usual: readonly JobState[],
  ): AsyncGenerator<readonly string[]> {
    if (batchId !== undefined) this.#batch(batchId);
    const all = ids === undefined ? this.#deps.store.idsIn(states ?? usual, batchId ?? null) : [...new Set(ids)];
    for (let from = 0; from < all.length; from += AT_ONCE) {
      if (from > 0) await pause(this.#deps.clock, 0, new AbortController().signal);
      yield all.slice(from, from + AT_ONCE);
    }
  }

  #why(id: string, otherwise: string): ErrorReport {
    return this.#deps.store.get(id) === null
      ? { code: 'NOT_FOUND', message: say('job_unknown') }
      : { code: 'CONFLICT', message: otherwise };
  }

  #told(id: string): BatchView {
    const batch = this.getBatch(id);
    this.#deps.bus.publish({ type: 'batch', batch });
    return batch;
  }

  #batch(id: string): StoredBatch {
    const [batch] = this.#deps.batches.batches([id]);
    if (batch === undefined) throw new AppError('NOT_FOUND', say('batch_unknown'));
    return batch;
  }
}
