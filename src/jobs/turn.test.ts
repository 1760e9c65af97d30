import { expect, it } from 'vitest';
import { ADDED, SOURCE } from './job.cases.ts';
import type { JobRecord } from './record.ts';
import { turnOrder } from './turn.ts';

const job = (id: string, position: number, durationSec: number | null, rest: Partial<JobRecord> = {}): JobRecord => ({
  ...ADDED,
  source: { ...SOURCE, durationSec },
  ...{ id, position },
  ...rest,
});

const ids = (jobs: readonly JobRecord[]): string => jobs.map(({ id }) => id).join('');

it('keeps the order of the queue while one recording is computed at a time', () => {
  expect(ids(turnOrder([job('b', 2, 900), job('a', 1, 10), job('c', 3, 500)], 1))).toBe('abc');
});

it('takes the longest of a batch first where several are computed, unknown ones last, equal ones in order', () => {
  const jobs = [job('a', 1, 10), job('b', 2, null), job('c', 3, 900), job('d', 4, 10)];
  expect(ids(turnOrder(jobs, 2))).toBe('cadb');
});

it('never trades the order of batches, nor a place that a person chose', () => {
  const jobs = [
    job('a', 1, 10),
    job('b', 2, 20),
    job('c', 3, 1, { moved: true }),
    job('d', 4, 30),
    job('e', 5, 40),
    job('f', 6, 9_000, { batchId: 'later' }),
  ];
  expect(ids(turnOrder(jobs, 4))).toBe('bacedf');
});
