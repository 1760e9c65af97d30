import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ADDED_AT_MOST, addedEvents, addedJobs } from './added-jobs.ts';
import { appEventSchema } from './api.ts';
import { type JobView, NO_PROGRESS } from './job.ts';
import { DEFAULT_JOB_OPTIONS, type JobOptions } from './options.ts';

function queued(number: number, options: JobOptions): JobView {
  return {
    ...{ id: `job_${number}`, position: number, name: `${number}.wav`, sourcePath: `/recordings/${number}.wav` },
    ...{ batchId: 'b', sizeBytes: null, durationSec: null, sha256: null, state: 'queued', stage: null, waiting: null },
    ...{ error: null, attempt: 0, options, progress: NO_PROGRESS, workerId: null, workerName: null, outputs: [] },
    ...{ hasTranscript: false, copiedFrom: null, costUsd: null, createdAt: 1, updatedAt: 1 },
    ...{ startedAt: null, finishedAt: null },
  };
}

const told = (jobs: readonly JobView[]) =>
  addedEvents(jobs)
    .map((event) => appEventSchema.parse(event))
    .flatMap((event) => (event.type === 'added' ? addedJobs(event) : event.type === 'job' ? [event.job] : []));

it('tells of every new job what it is, in order, however the options of some differ', () => {
  const options = [DEFAULT_JOB_OPTIONS, { ...DEFAULT_JOB_OPTIONS, outDir: '/elsewhere' }];
  const kinds = fc.array(fc.constantFrom(...options), { maxLength: 30 });
  fc.assert(
    fc.property(kinds, (given) => {
      const jobs = given.map((each, number) => queued(number, each));
      expect(told(jobs)).toEqual(jobs);
    }),
  );
});

it('tells of a folder of recordings in few events, each a small part of what its jobs are one by one', () => {
  const jobs = Array.from({ length: 2 * ADDED_AT_MOST + 1 }, (_, number) => queued(number, DEFAULT_JOB_OPTIONS));
  const events = addedEvents(jobs);
  expect(events.map(({ type }) => type)).toEqual(['added', 'added', 'job']);
  expect(told(jobs)).toEqual(jobs);
  expect(JSON.stringify(events).length).toBeLessThan(JSON.stringify(jobs).length / 5);
});
