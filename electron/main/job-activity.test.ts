import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { AppEvent } from '../../src/contract/api.ts';
import { JOB_STATES, type JobState, type JobView, NO_PROGRESS } from '../../src/contract/job.ts';
import { DEFAULT_JOB_OPTIONS } from '../../src/contract/options.ts';
import type { CallEngine } from './engine-client.ts';
import { type Activity, jobActivity, NO_ACTIVITY } from './job-activity.ts';
import { sentence, setupNotifications } from './notifications.ts';
import { setupPower } from './power.ts';

function job(id: string, state: JobState, batchId = 'b', workerId: string | null = null): JobView {
  return {
    id,
    batchId,
    position: 1,
    name: id,
    sourcePath: `/${id}`,
    sizeBytes: null,
    durationSec: null,
    sha256: null,
    state,
    stage: null,
    waiting: null,
    error: null,
    attempt: 0,
    options: DEFAULT_JOB_OPTIONS,
    progress: NO_PROGRESS,
    workerId,
    workerName: null,
    outputs: [],
    hasTranscript: false,
    copiedFrom: null,
    costUsd: null,
    createdAt: 1,
    startedAt: null,
    finishedAt: null,
    updatedAt: 1,
  };
}

function setup(pages: readonly (readonly JobView[])[]) {
  const activeChanged = vi.fn();
  const changed = vi.fn(({ atWork }: Activity) => activeChanged(atWork));
  const batchFinished = vi.fn();
  const activity = jobActivity({ changed, batchFinished });
  const asked = vi.fn(async (_name: string, { cursor }: { cursor?: string }) => {
    const page = Number(cursor ?? 0);
    return { jobs: pages[page] ?? [], nextCursor: page + 1 < pages.length ? String(page + 1) : null };
  });
  const take = (event: AppEvent) => activity.take(event, asked as unknown as CallEngine);
  return {
    activeChanged,
    activity,
    changed,
    batchFinished,
    asked,
    take,
    job: (id: string, state: JobState, batchId?: string) => take({ type: 'job', job: job(id, state, batchId) }),
  };
}

describe('work', () => {
  it('is what the list says, page by page, and then what events say', async () => {
    const {
      activeChanged,
      asked,
      take,
      job: put,
    } = setup([
      [job('1', 'running'), job('2', 'queued')],
      [job('3', 'receiving'), job('4', 'complete')],
    ]);
    take({ type: 'ready' });
    await vi.waitFor(() => expect(activeChanged).toHaveBeenLastCalledWith(2));
    expect(asked).toHaveBeenCalledTimes(2);
    put('2', 'preparing');
    expect(activeChanged).toHaveBeenLastCalledWith(3);
    put('1', 'complete');
    put('2', 'waiting');
    take({ type: 'job-removed', id: '3' });
    expect(activeChanged).toHaveBeenLastCalledWith(0);
  });

  it('is told of once when many are added, also while the list is on its way', async () => {
    const { activity, changed, take } = setup([[job('1', 'running')]]);
    const { id: _id, position: _position, name: _name, sourcePath: _path, ...common } = job('', 'queued');
    const own = (id: string) => ({ id, position: 1, name: id, sourcePath: `/${id}` });
    take({ type: 'ready' });
    take({ type: 'added', common, jobs: ['2', '3'].map(own) });
    await vi.waitFor(() => expect(activity.current).toMatchObject({ atWork: 1, left: 3 }));
    changed.mockClear();
    take({ type: 'added', common, jobs: Array.from({ length: 1_000 }, (_, at) => own(`n${at}`)) });
    expect(activity.current).toMatchObject({ atWork: 1, left: 1_003 });
    expect(changed).toHaveBeenCalledTimes(1);
  });

  it('that changes while the list is on its way is not forgotten', async () => {
    const { activeChanged, take, job: put } = setup([[job('1', 'running'), job('2', 'running'), job('4', 'running')]]);
    take({ type: 'ready' });
    put('1', 'complete');
    put('3', 'running');
    take({ type: 'job-removed', id: '4' });
    await vi.waitFor(() => expect(activeChanged).toHaveBeenLastCalledWith(2));
  });

  it('stays what it was when the engine goes away in between', async () => {
    const { activeChanged, asked, take } = setup([[job('1', 'running')]]);
    asked.mockRejectedValueOnce(new Error('gone'));
    take({ type: 'ready' });
    take({ type: 'ready' });
    await vi.waitFor(() => expect(activeChanged).toHaveBeenCalledExactlyOnceWith(1));
  });
});

describe('the share of the work that is done', () => {
  it('counts what was added since the queue was last empty, and what is under way by its percent', async () => {
    const { activity, take } = setup([
      [job('old', 'complete'), job('1', 'running', 'b', 'local'), job('2', 'running', 'b', 'pod'), job('3', 'queued')],
    ]);
    take({ type: 'ready' });
    await vi.waitFor(() => expect(activity.current).toEqual({ atWork: 2, atLocal: 1, left: 3, share: 0 }));
    const at = (id: string, percent: number | null) =>
      take({ type: 'progress', id, progress: { ...NO_PROGRESS, percent } });
    at('1', 60);
    at('3', 50);
    at('gone', 50);
    expect(activity.current.share).toBe(0.2);
    take({ type: 'job', job: job('1', 'complete', 'b', 'local') });
    expect(activity.current).toEqual({ atWork: 1, atLocal: 0, left: 2, share: 0.33 });
    take({ type: 'job', job: job('2', 'failed') });
    take({ type: 'job', job: job('3', 'canceled') });
    expect(activity.current).toEqual(NO_ACTIVITY);
    take({ type: 'job', job: job('4', 'running') });
    expect(activity.current).toEqual({ atWork: 1, atLocal: 0, left: 1, share: 0 });
    at('4', 99.9);
    expect(activity.current.share).toBe(0.99);
  });

  it('is right after any sequence of changes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.constantFrom(...JOB_STATES, 'removed' as const))),
        (changes) => {
          const { activity, take } = setup([[]]);
          const now = new Map<string, JobState>();
          for (const [id, state] of changes) {
            if (state === 'removed') {
              now.delete(`${id}`);
              take({ type: 'job-removed', id: `${id}` });
            } else {
              now.set(`${id}`, state);
              take({ type: 'job', job: job(`${id}`, state, 'b', 'local') });
            }
          }
          const states = [...now.values()];
          const atWork = states.filter((state) => ['preparing', 'dispatching', 'running', 'receiving'].includes(state));
          const left = states.filter((state) => !['complete', 'failed', 'canceled'].includes(state));
          const counted = { atWork: atWork.length, atLocal: atWork.length, left: left.length };
          expect(activity.current).toMatchObject(left.length === 0 ? NO_ACTIVITY : counted);
        },
      ),
    );
  });
});

describe('a batch', () => {
  it('is told once, when its last job is through', async () => {
    const {
      batchFinished,
      activeChanged,
      take,
      job: put,
    } = setup([[job('old', 'complete', 'a'), job('1', 'running'), job('2', 'queued'), job('3', 'queued')]]);
    take({ type: 'ready' });
    await vi.waitFor(() => expect(activeChanged).toHaveBeenCalled());
    put('1', 'complete');
    put('old', 'complete', 'a');
    put('2', 'failed');
    expect(batchFinished).not.toHaveBeenCalled();
    put('3', 'canceled');
    put('3', 'canceled');
    expect(batchFinished).toHaveBeenCalledExactlyOnceWith({ complete: 1, failed: 1, canceled: 1 });
    put('2', 'queued');
    put('2', 'complete');
    expect(batchFinished).toHaveBeenLastCalledWith({ complete: 2, failed: 0, canceled: 1 });
  });

  it('is told in a sentence without names', () => {
    expect([
      sentence({ complete: 1, failed: 0, canceled: 0 }),
      sentence({ complete: 12, failed: 0, canceled: 3 }),
      sentence({ complete: 10, failed: 2, canceled: 0 }),
      sentence({ complete: 0, failed: 1, canceled: 0 }),
      sentence({ complete: 0, failed: 2, canceled: 0 }),
      sentence({ complete: 0, failed: 0, canceled: 4 }),
    ]).toEqual([
      'One recording is transcribed.',
      '12 recordings are transcribed.',
      '10 of 12 recordings are transcribed, 2 failed.',
      'One recording failed.',
      '2 recordings failed.',
      null,
    ]);
  });

  it('is told only to somebody who is not looking, and a click shows the window', () => {
    const made: { show: () => void; on: (name: string, run: () => void) => void; click: () => void; shown: boolean }[] =
      [];
    class FakeNotification {
      static isSupported = () => true;
      click: () => void = () => undefined;
      shown = false;
      constructor() {
        made.push(this);
      }
      on(name: string, run: () => void): void {
        if (name === 'click') this.click = run;
      }
      show(): void {
        this.shown = true;
      }
    }
    let looking = true;
    const show = vi.fn();
    const tell = setupNotifications({ Notification: FakeNotification as never, looking: () => looking, show });
    tell({ complete: 1, failed: 0, canceled: 0 });
    expect(made).toHaveLength(0);
    looking = false;
    tell({ complete: 0, failed: 0, canceled: 1 });
    tell({ complete: 1, failed: 0, canceled: 0 });
    expect(made.map(({ shown }) => shown)).toEqual([true]);
    made[0]?.click();
    expect(show).toHaveBeenCalledOnce();
  });
});

describe('the computer', () => {
  it('is kept awake while there is work, with one blocker', () => {
    const powerSaveBlocker = { start: vi.fn(() => 7), stop: vi.fn() };
    const take = setupPower({ powerSaveBlocker });
    for (const atWork of [0, 1, 2, 1, 0, 0, 3, 0]) take({ atWork });
    expect(powerSaveBlocker.start.mock.calls).toEqual([['prevent-app-suspension'], ['prevent-app-suspension']]);
    expect(powerSaveBlocker.stop.mock.calls).toEqual([[7], [7]]);
  });
});
