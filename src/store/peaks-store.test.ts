import { expect, test } from 'vitest';
import { SqliteJobStore } from './job-store.ts';
import { SqlitePeaksStore } from './peaks-store.ts';
import { addOne, next, ownDatabase, walk } from './store.cases.ts';

const first = 'a'.repeat(64);
const second = 'b'.repeat(64);
const peaks = (...values: number[]) => ({ perSecond: 20, data: Buffer.from(values).toString('base64') });

test('a waveform is kept for one recording, replaced by a newer one, and goes with its job', () => {
  const db = ownDatabase();
  const jobs = new SqliteJobStore(db);
  const store = new SqlitePeaksStore(db);
  const job = addOne(jobs);
  expect(store.peaks(job.id, first)).toBeNull();
  expect(store.savePeaks('no such job', first, peaks(1))).toBe(false);
  expect(store.savePeaks(job.id, first, peaks(0, 255, 7))).toBe(true);
  expect(store.peaks(job.id, first)).toEqual(peaks(0, 255, 7));
  expect(store.peaks(job.id, second)).toBeNull();
  expect(store.savePeaks(job.id, second, peaks(9))).toBe(true);
  expect(store.peaks(job.id, first)).toBeNull();
  expect(store.peaks(job.id, second)).toEqual(peaks(9));
  walk(jobs, job, [{ type: 'cancel' }]);
  expect(next(job, { type: 'cancel' }).state).toBe('canceled');
  expect(jobs.remove([job.id]).jobs).toHaveLength(1);
  expect(store.peaks(job.id, second)).toBeNull();
});
