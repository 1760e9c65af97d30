import { expect, it } from 'vitest';
import { tallyOf } from './tally.ts';

it('sums up what there is, what is done, and how long the rest takes', () => {
  const sums = [
    { state: 'complete', jobs: 2, unmeasured: 0, seconds: 200 },
    { state: 'running', jobs: 1, unmeasured: 0, seconds: 100 },
    { state: 'queued', jobs: 4, unmeasured: 4, seconds: 0 },
    { state: 'failed', jobs: 1, unmeasured: 0, seconds: 100 },
    { state: 'waiting', jobs: 0, unmeasured: 0, seconds: 0 },
  ] as const;
  // Four of unknown length count 100 s each, as the others are on average; 40 s of the running one are done.
  expect(tallyOf(sums, { processedSec: 40, speed: 10 })).toEqual({
    counts: { complete: 2, running: 1, queued: 4, failed: 1 },
    jobs: 8,
    unmeasured: 4,
    totalSec: 400,
    processedSec: 240,
    etaSec: 46,
  });
});

it('says that nothing is left, and nothing where nothing is known', () => {
  const complete = [{ state: 'complete', jobs: 1, unmeasured: 0, seconds: 10 }] as const;
  expect(tallyOf(complete, { processedSec: 0, speed: null })).toMatchObject({ etaSec: 0, processedSec: 10 });
  const queued = [{ state: 'queued', jobs: 1, unmeasured: 1, seconds: 0 }] as const;
  expect(tallyOf(queued, { processedSec: 0, speed: 10 }).etaSec).toBeNull();
  expect(tallyOf([], { processedSec: 0, speed: 10 })).toMatchObject({ jobs: 0, etaSec: null });
});
