import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JOB_STATES } from '../contract/job.ts';
import { DEFAULT_JOB_OPTIONS } from '../contract/options.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { JobEvent } from '../jobs/transition.ts';
import { transition } from '../jobs/transition.ts';
import { SqliteBatchStore } from './batch-store.ts';
import { SqliteJobStore } from './job-store.ts';
import { add, newJobs, ownDatabase } from './store.cases.ts';

describe('batches', () => {
  it('are found by id and in pages, newest first, with the options of their jobs', () => {
    const db = ownDatabase();
    const jobs = new SqliteJobStore(db);
    const batches = new SqliteBatchStore(db);
    for (const name of ['a', 'b', 'c'])
      jobs.addBatch({ id: name, name, createdAt: 1, options: DEFAULT_JOB_OPTIONS }, newJobs(1, name), 1);
    expect(batches.batches(['a', 'nobody', 'c']).map(({ id }) => id)).toEqual(['c', 'a']);
    const first = batches.page(2);
    expect(first.batches.map(({ id }) => id)).toEqual(['c', 'b']);
    expect(batches.page(2, first.nextCursor ?? '')).toEqual({
      batches: [{ id: 'a', name: 'a', createdAt: 1, pausedSince: null, options: DEFAULT_JOB_OPTIONS }],
      nextCursor: null,
    });
    expect(() => batches.page(2, '1; drop table')).toThrow('cursor');
    expect(batches.rename('a', 'Day 1')).toBe(true);
    expect(batches.batches(['a'])[0]?.name).toBe('Day 1');
  });

  it('stay paused since the first time, as the queue does', () => {
    const db = ownDatabase();
    add(new SqliteJobStore(db), newJobs(1), 'a');
    const batches = new SqliteBatchStore(db);
    expect(batches.pause('a', 5)).toBe(true);
    batches.pause('a', 9);
    batches.pauseQueue(6);
    batches.pauseQueue(8);
    expect([batches.batches(['a'])[0]?.pausedSince, batches.paused(), batches.queuePausedSince()]).toEqual([
      5,
      ['a'],
      6,
    ]);
    batches.pause('a', null);
    batches.pauseQueue(null);
    expect([batches.paused(), batches.queuePausedSince()]).toEqual([[], null]);
    expect(batches.pause('nobody', 5)).toBe(false);
  });
});

describe('sums', () => {
  it('are what counting would give, after any life of any jobs', () => {
    const source = fc.record({
      ...{ sizeBytes: fc.constant(1), mtimeMs: fc.constant(1), sha256: fc.constant('a'.repeat(64)) },
      ...{ contentType: fc.constant('audio/wav') },
      durationSec: fc.option(fc.integer({ min: 0, max: 4000 })),
    });
    const event: fc.Arbitrary<JobEvent> = fc.oneof(
      fc.constantFrom<JobEvent>(
        { type: 'prepare_started' },
        { type: 'cancel' },
        { type: 'retry' },
        { type: 'pause' },
        { type: 'resume' },
        { type: 'attempt_opened', workerId: 'w' },
      ),
      source.map((each): JobEvent => ({ type: 'prepared', source: each })),
    );
    const step = fc.record({ job: fc.integer({ min: 0, max: 3 }), event, remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const db = ownDatabase();
        const store = new SqliteJobStore(db);
        const batches = new SqliteBatchStore(db);
        add(store, newJobs(2, 'a'), 'A');
        add(store, newJobs(2, 'b'), 'B');
        const ids = ['a0', 'a1', 'b0', 'b1'];
        for (const { job: index, event: each, remove } of steps) {
          const id = ids[index] ?? '';
          const job = store.get(id);
          const result = job === null ? null : transition(job, each, 50);
          if (result?.ok === true) store.save(result.job, each, 50);
          if (remove) store.remove([id]);
        }
        const left = ids.flatMap((id) => store.get(id) ?? []);
        for (const batch of ['A', 'B', null]) {
          const counted = left.filter(({ batchId }) => batch === null || batchId === batch);
          expect(batches.sums(batch).filter(({ jobs }) => jobs > 0)).toEqual(counting(counted));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('are there for the jobs of an older version', () => {
    const db = ownDatabase();
    add(new SqliteJobStore(db), newJobs(3), 'a');
    expect(new SqliteBatchStore(db).sums('a')).toEqual([{ state: 'queued', jobs: 3, unmeasured: 3, seconds: 0 }]);
  });
});

function counting(jobs: readonly JobRecord[]) {
  return JOB_STATES.toSorted().flatMap((state) => {
    const some = jobs.filter((job) => job.state === state);
    const lengths = some.flatMap(({ source }) => source?.durationSec ?? []);
    const seconds = lengths.reduce((sum, length) => sum + length, 0);
    return some.length === 0 ? [] : [{ state, jobs: some.length, unmeasured: some.length - lengths.length, seconds }];
  });
}
