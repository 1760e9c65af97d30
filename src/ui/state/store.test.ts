import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AppEvent } from '../../contract/api.ts';
import { EMPTY_TALLY, type QueueView } from '../../contract/batch.ts';
import { JOB_STATES, type JobView, NO_PROGRESS } from '../../contract/job.ts';
import { DEFAULT_JOB_OPTIONS } from '../../contract/options.ts';
import { DEFAULT_SETTINGS } from '../../contract/settings.ts';
import { idleWorker } from '../client/memory-samples.ts';
import { createSelectors, type Remainder } from './selectors.ts';
import { type AppStore, applyEvents, applySnapshot, createAppStore, dismissMismatch } from './store.ts';
import { openMismatches } from './workers-slice.ts';

const QUEUE: QueueView = { ...EMPTY_TALLY, pausedSince: null };
const NOTHING_ELSE = { workers: [], batches: [], queue: QUEUE, profiles: [], folders: [], pods: [], podsSummary: null };

/** What the engine tells a page that has just connected. */
function snapshot(jobs: JobView[]): Parameters<typeof applySnapshot>[1] {
  const settings = { settings: DEFAULT_SETTINGS, fromEnvironment: [] };
  return { jobs, settings, ...NOTHING_ELSE };
}

function job(id: string, patch: Partial<JobView> = {}): JobView {
  return {
    ...{ id, batchId: 'b', position: Number(id.replace(/\D/g, '')) || 0, name: `${id}.wav`, sourcePath: `/${id}.wav` },
    ...{ sizeBytes: null, durationSec: null, sha256: null, state: 'queued', stage: null, waiting: null, error: null },
    ...{ attempt: 0, options: DEFAULT_JOB_OPTIONS, progress: NO_PROGRESS, workerId: null, workerName: null },
    ...{
      outputs: [],
      hasTranscript: false,
      copiedFrom: null,
      costUsd: null,
      createdAt: 1,
      startedAt: null,
      finishedAt: null,
      updatedAt: 1,
    },
    ...patch,
  };
}

/** New jobs, with what they have in common. */
function sharing(ids: readonly string[]): Pick<Extract<AppEvent, { type: 'added' }>, 'common' | 'jobs'> {
  const { id: _id, position: _position, name: _name, sourcePath: _path, ...common } = job('');
  const own = (each: string) =>
    (({ id, position, name, sourcePath }) => ({ id, position, name, sourcePath }))(job(each));
  return { common, jobs: ids.map(own) };
}

/** What is left of some jobs. */
function remainder(jobs: readonly JobView[]): Remainder {
  const facts = { ...store.getState(), jobs: new Map(jobs.map((each) => [each.id, each])) };
  return createSelectors().sums(facts).all;
}

const line = (id: number, text = `line ${id}`): { id: number; start: number; end: number; text: string } => ({
  ...{ id, start: id, end: id + 1 },
  text,
});

let store: AppStore;
beforeEach(() => {
  localStorage.clear();
  store = createAppStore();
});
const apply = (...events: AppEvent[]): void => applyEvents(store, events);

describe('jobs', () => {
  it('are those of the snapshot, then as the latest event says, whichever way events are cut into frames', () => {
    const ids = ['j1', 'j2', 'j3'];
    const event: fc.Arbitrary<AppEvent> = fc.oneof(
      fc
        .record({ id: fc.constantFrom(...ids), state: fc.constantFrom(...JOB_STATES), updatedAt: fc.nat(20) })
        .map(({ id, ...patch }): AppEvent => ({ type: 'job', job: job(id, patch) })),
      fc.uniqueArray(fc.constantFrom(...ids)).map((added): AppEvent => ({ type: 'added', ...sharing(added) })),
      fc.constantFrom(...ids).map((id): AppEvent => ({ type: 'job-removed', id })),
      fc
        .record({ id: fc.constantFrom(...ids), percent: fc.nat(100) })
        .map(({ id, percent }): AppEvent => ({ type: 'progress', id, progress: { ...NO_PROGRESS, percent } })),
      fc
        .record({ id: fc.constantFrom(...ids), segment: fc.nat(9).map((n) => line(n)), attempt: fc.nat(2) })
        .map((rest): AppEvent => ({ type: 'segment', ...rest })),
      fc.nat(3).map((n): AppEvent => ({ type: 'worker', worker: idleWorker(`w${n}`, 0) })),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.array(fc.nat(40)), (events, cuts) => {
        const whole = createAppStore();
        applySnapshot(whole, snapshot([job('j1')]));
        applyEvents(whole, events);
        const cut = createAppStore();
        applySnapshot(cut, snapshot([job('j1')]));
        const places = [0, ...[...cuts].sort((a, b) => a - b), events.length];
        for (const [index, end] of places.slice(1).entries()) applyEvents(cut, events.slice(places[index], end));
        const facts = ({ jobs, live, workers }: ReturnType<AppStore['getState']>): unknown => ({ jobs, live, workers });
        expect(facts(cut.getState())).toEqual(facts(whole.getState()));

        // Against the plain meaning: the newest telling of each job holds, and only jobs under way have live text.
        const { jobs, live } = whole.getState();
        for (const id of ids) {
          let told: JobView | null = id === 'j1' ? job('j1') : null;
          for (const each of events) {
            if (each.type === 'job-removed' && each.id === id) told = null;
            if (each.type === 'job' && each.job.id === id && (told?.updatedAt ?? 0) <= each.job.updatedAt)
              told = each.job;
            if (each.type === 'added' && each.jobs.some((own) => own.id === id) && (told?.updatedAt ?? 0) <= 1)
              told = job(id);
          }
          expect(jobs.get(id)?.state).toBe(told?.state);
          expect(jobs.get(id)?.name).toBe(told?.name);
          if (told === null || ['complete', 'failed', 'canceled'].includes(told.state))
            expect(live.has(id)).toBe(false);
        }
      }),
    );
  });

  it('keep the last lines in order, once each, and begin anew with another attempt', () => {
    applySnapshot(store, snapshot([job('j1', { state: 'running' })]));
    apply(...[3, 1, 2, 5, 4, 6, 6].map((n): AppEvent => ({ type: 'segment', id: 'j1', attempt: 1, segment: line(n) })));
    expect(
      store
        .getState()
        .live.get('j1')
        ?.lines.map(({ id }) => id),
    ).toEqual([3, 4, 5, 6]);
    apply({ type: 'segment', id: 'j1', attempt: 2, segment: line(0) });
    apply({ type: 'segment', id: 'j1', attempt: 1, segment: line(9) });
    expect(store.getState().live.get('j1')).toMatchObject({ attempt: 2, lines: [{ id: 0 }] });
  });

  it('do not move the list with mere progress, nor with a state where all are shown', () => {
    applySnapshot(store, snapshot([job('j1', { state: 'running' })]));
    const { rows } = createSelectors();
    const before = rows(store.getState());
    apply({ type: 'progress', id: 'j1', progress: { ...NO_PROGRESS, percent: 50 } });
    expect(rows(store.getState())).toBe(before);
    // Nor with another state, as long as all states are shown.
    apply({ type: 'job', job: job('j1', { state: 'complete', updatedAt: 2 }) });
    expect(rows(store.getState())).toBe(before);
    store.setState({ filter: 'done' });
    expect(rows(store.getState())).toHaveLength(2);
    apply({ type: 'job', job: job('j1', { state: 'queued', updatedAt: 3 }) });
    expect(rows(store.getState())).toHaveLength(0);
  });

  it('are said aloud when they end, and not when they are listed', () => {
    applySnapshot(store, snapshot([job('j1'), job('j2'), job('j3')]));
    expect(store.getState().announcement).toBe('');
    const done = (id: string): AppEvent => ({ type: 'job', job: job(id, { state: 'complete', updatedAt: 2 }) });
    apply(done('j1'));
    expect(store.getState().announcement).toBe('j1.wav is done.');
    apply(done('j1'), done('j2'), done('j3'));
    expect(store.getState().announcement).toBe('2 recordings are done.');
  });
});

describe('rows', () => {
  beforeEach(() => {
    const jobs = [
      job('j1', { state: 'complete' }),
      job('j2', { state: 'running', name: 'Okafor.wav' }),
      job('j3', { batchId: 'c', state: 'waiting', createdAt: 9 }),
      job('j4', { batchId: 'c', createdAt: 9 }),
    ];
    applySnapshot(store, snapshot(jobs));
  });
  const keys = (): string[] =>
    createSelectors()
      .rows(store.getState())
      .map((row) => row.key);

  it('lie under their batches, the newest batch first', () =>
    expect(keys()).toEqual(['batch:c', 'j3', 'j4', 'batch:b', 'j1', 'j2']));

  it('fold, filter and are found by name', () => {
    store.setState({ folded: new Set(['c']) });
    expect(keys()).toEqual(['batch:c', 'batch:b', 'j1', 'j2']);
    store.setState({ filter: 'waiting', folded: new Set() });
    expect(keys()).toEqual(['batch:c', 'j3', 'j4']);
    store.setState({ filter: 'all', search: ' okaf' });
    expect(keys()).toEqual(['batch:b', 'j2']);
  });

  it('are counted, and stand in line', () => {
    const { counts, ranks } = createSelectors();
    expect(counts(store.getState())).toEqual({ all: 4, active: 1, waiting: 2, failed: 0, done: 1 });
    expect([...ranks(store.getState())]).toEqual([['j4', 0]]);
  });
});

describe('what is left', () => {
  it('says a time only where everything that it needs is known', () => {
    const running = job('j1', {
      ...{ state: 'running', durationSec: 100 },
      progress: { ...NO_PROGRESS, processedSec: 40, speed: 10 },
    });
    expect(remainder([running, job('j2', { durationSec: 40 })])).toMatchObject({
      left: 2,
      soundLeft: 100,
      wallLeft: 10,
    });
    expect(remainder([running, job('j2')])).toMatchObject({ left: 2, soundLeft: 60, wallLeft: null });
    expect(remainder([job('j2', { durationSec: 40 })])).toMatchObject({ wallLeft: null, share: 0 });
    expect(remainder([job('j1', { state: 'complete', finishedAt: 7 })])).toMatchObject({ share: 1, lastFinishedAt: 7 });
  });

  it('is told of each batch, and as the same object while nothing of it changes', () => {
    const { sums } = createSelectors();
    apply({ type: 'job', job: job('j1') }, { type: 'job', job: job('j2', { batchId: 'other', durationSec: 40 }) });
    const before = sums(store.getState());
    apply({ type: 'job', job: job('j1', { state: 'running', updatedAt: 2 }) });
    const after = sums(store.getState());
    expect(after.all).toMatchObject({ all: 2, underWay: true });
    expect(after.batches.get('b')).toMatchObject({ all: 1, underWay: true });
    expect(after.batches.get('other')).toBe(before.batches.get('other'));
  });
});

describe('a mismatch that was put aside', () => {
  it('stays away over a reload, and comes back with another reason', () => {
    const differing = (reason: string) => ({ ...idleWorker('w', 0), verdict: { matches: false, reason } });
    dismissMismatch(store, differing("gitCommit: expected 'a', got 'b'"));
    const { dismissed } = createAppStore().getState();
    expect(openMismatches([differing("gitCommit: expected 'a', got 'b'")], dismissed)).toEqual([]);
    expect(openMismatches([differing("gitCommit: expected 'a', got 'c'")], dismissed)).toHaveLength(1);
  });
});
