import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JOB_STAGES, progressSchema } from '../contract/job.ts';
import { EMPTY_METER, observe } from './progress.ts';

describe('observe', () => {
  it('counts bytes while the recording is fetched and seconds while it is transcribed', () => {
    const fetching = observe(EMPTY_METER, { stage: 'downloading', sentBytes: 25, totalBytes: 100 }, 0);
    expect(fetching.progress).toMatchObject({ percent: 25, speed: null, etaSec: null });
    const begun = observe(fetching, { stage: 'transcribing', processedSec: 0, totalSec: 100 }, 1_000);
    expect(begun.progress.percent).toBe(0);
    const later = observe(begun, { processedSec: 40 }, 11_000);
    expect(later.progress).toMatchObject({ percent: 40, speed: 4, etaSec: 15 });
  });

  it('counts the bytes of a model that the worker fetches, until it fetches none', () => {
    const loading = observe(EMPTY_METER, { stage: 'loading_model', modelBytes: 120, modelTotalBytes: 480 }, 0);
    expect(loading.progress).toMatchObject({ percent: 25, modelBytes: 120, modelTotalBytes: 480 });
    const kept = observe(loading, { sentBytes: 5 }, 1_000);
    expect(kept.progress.modelBytes).toBe(120);
    const here = observe(kept, { modelBytes: null, modelTotalBytes: null }, 2_000);
    expect(here.progress).toMatchObject({ percent: null, modelBytes: null, modelTotalBytes: null });
  });

  it('measures no speed from what was done before it looked', () => {
    const joined = observe(EMPTY_METER, { stage: 'transcribing', processedSec: 90, totalSec: 100 }, 0);
    expect(observe(joined, { processedSec: 90 }, 10_000).progress.speed).toBeNull();
    expect(observe(joined, { processedSec: 95 }, 10_000).progress.speed).toBe(0.5);
  });

  it('is lawful and never runs backwards, whatever is reported in whatever order', () => {
    const amount = fc.option(fc.double({ min: 0, max: 10_000, noNaN: true }), { nil: undefined });
    const observation = fc.record({
      stage: fc.option(fc.constantFrom(...JOB_STAGES), { nil: undefined }),
      processedSec: amount,
      totalSec: fc.constantFrom(undefined, 100),
      sentBytes: fc.option(fc.nat(), { nil: undefined }),
      totalBytes: fc.constantFrom(undefined, 0, 1_000),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(observation, fc.nat({ max: 60_000 })), { maxLength: 30 }), (seen) => {
        let meter = EMPTY_METER;
        let now = 0;
        for (const [each, passed] of seen) {
          now += passed;
          const next = observe(meter, each, now);
          expect(progressSchema.safeParse(next.progress).error).toBeUndefined();
          if (meter.progress.totalSec !== null) {
            expect(next.progress.processedSec ?? 0).toBeGreaterThanOrEqual(
              Math.min(100, meter.progress.processedSec ?? 0),
            );
          }
          expect(next.progress.sentBytes ?? 0).toBeGreaterThanOrEqual(meter.progress.sentBytes ?? 0);
          meter = next;
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
