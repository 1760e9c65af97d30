import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GpuOffer } from '../contract/pod-prices.ts';
import type { CatalogueGpu } from './pod-choice.ts';
import { choosePods, estimate, offersFor, queueSize } from './pod-choice.ts';
import { budgetState, chargedUntil, costByDay, costOf, sharesOf } from './pod-money.ts';

const HOUR = 3_600_000;
const rate = fc.double({ min: 0.01, max: 20, noNaN: true });
const instant = fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 });

describe('the meter', () => {
  it('loses nothing at midnight: the days sum to the whole, each in its own day', () => {
    fc.assert(
      fc.property(rate, instant, fc.integer({ min: 0, max: 90 * HOUR }), (usd, from, ms) => {
        const days = costByDay(usd, from, from + ms);
        expect(days.reduce((sum, day) => sum + day.usd, 0)).toBeCloseTo(costOf(usd, ms), 6);
        expect(new Set(days.map(({ day }) => day)).size).toBe(days.length);
      }),
    );
    expect(costByDay(1, 1000, 500)).toEqual([]);
  });

  it('is the same in however many pieces', () => {
    fc.assert(
      fc.property(
        rate,
        instant,
        fc.array(fc.integer({ min: 1, max: HOUR }), { maxLength: 20 }),
        (usd, from, pieces) => {
          let at = from;
          let sum = 0;
          for (const piece of pieces) {
            sum += costByDay(usd, at, at + piece).reduce((total, day) => total + day.usd, 0);
            at += piece;
          }
          expect(sum).toBeCloseTo(costOf(usd, at - from), 6);
        },
      ),
    );
  });

  it('gives all of the time to somebody', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c')), (batches) => {
        const shares = [...sharesOf(batches).values()];
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      }),
    );
  });

  it('charges a pod that is gone from when it was seen to when its own timer ended it, at most', () => {
    expect(chargedUntil(100, 1_000_000, 500)).toBe(600);
    expect(chargedUntil(100, 300, 500)).toBe(300);
    expect(chargedUntil(100, 50, 500)).toBe(100);
  });
});

describe('a cap', () => {
  it('is never overshot by more than one look, at any price and pace', () => {
    fc.assert(
      fc.property(
        rate,
        fc.double({ min: 0.05, max: 50, noNaN: true }),
        fc.constantFrom(5_000, 30_000),
        (usd, capUsd, look) => {
          let spentUsd = 0;
          for (let looks = 0; looks < 100_000; looks += 1) {
            if (budgetState({ capUsd, spentUsd, usdPerHour: usd }, look, null) === 'over') break;
            spentUsd += costOf(usd, look);
          }
          expect(spentUsd).toBeLessThanOrEqual(capUsd + costOf(usd, look));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('closes before it is over: work that it would not pay for is not begun', () => {
    const budget = { capUsd: 1, spentUsd: 0.5, usdPerHour: 1 };
    expect(budgetState(budget, 30_000, 0.4 * HOUR)).toBe('open');
    expect(budgetState(budget, 30_000, 0.5 * HOUR)).toBe('closing');
    expect(budgetState({ ...budget, spentUsd: 0.999 }, 30_000, 0)).toBe('over');
    expect(budgetState({ ...budget, capUsd: null, spentUsd: 99 }, 30_000, 9 * HOUR)).toBe('open');
  });
});

const gpu = (gpuId: string, usd: number | null, patch: Partial<CatalogueGpu> = {}): CatalogueGpu => ({
  ...{ gpuId, name: gpuId, manufacturer: 'NVIDIA', memoryGB: 48, availability: 'HIGH' },
  price: { SECURE: usd, COMMUNITY: null },
  ...patch,
});
const queue = queueSize({ jobs: 10, unmeasured: 2, seconds: 8 * 3600 });
const situation = { queue, cloud: 'SECURE', measured: new Map(), bootSec: 240 } as const;

describe('the choice of a machine', () => {
  it('counts what it does not know as the average of what it knows', () => {
    expect(queue).toEqual({ jobs: 10, audioSec: 36_000, unknown: 2 });
    expect(queueSize({ jobs: 1, unmeasured: 1, seconds: 0 }).audioSec).toBe(1800);
  });

  it('prefers what was measured to what is assumed, and never offers what is too small or not NVIDIA’s', () => {
    const measured = new Map([['NVIDIA A40', { speed: 60, basis: 'measured', recordings: 4, audioSec: 9 } as const]]);
    const offers = offersFor(
      [
        gpu('NVIDIA GeForce RTX 4090', 0.4),
        gpu('NVIDIA A40', 0.5),
        gpu('tiny', 0.1, { memoryGB: 8 }),
        gpu('MI300', 0.1, { manufacturer: 'AMD' }),
        gpu('NVIDIA L40', 0.01, { availability: 'NONE' }),
        gpu('unheard of', 0.2),
      ],
      { ...situation, measured },
    );
    expect(offers.map(({ gpuId }) => gpuId)).toEqual([
      'NVIDIA A40',
      'NVIDIA GeForce RTX 4090',
      'unheard of',
      'NVIDIA L40',
    ]);
    expect(offers.filter(({ cheapest }) => cheapest).map(({ gpuId }) => gpuId)).toEqual(['NVIDIA A40']);
    expect(offers[2]).toMatchObject({ speed: null, estimate: null, preset: false });
  });

  const [offer] = offersFor([gpu('NVIDIA A40', 1)], situation);
  const choose = (maxPods: number, deadlineSec: number | null) =>
    choosePods(offer as GpuOffer, situation, maxPods, deadlineSec);

  it('takes the fewest pods that keep a deadline, and says when none do', () => {
    // 36,000 s at 16 are 2250 s of work.
    expect(choose(10, 2_600)).toMatchObject({ pods: 1, meetsDeadline: true });
    expect(choose(10, 1_400)).toMatchObject({ pods: 2, meetsDeadline: true });
    expect(choose(3, 300)).toMatchObject({ pods: 3, meetsDeadline: false });
    expect(choose(50, 10)).toMatchObject({ pods: 10, meetsDeadline: false });
  });

  it('without a deadline takes more only while they pay mostly for work', () => {
    const chosen = choose(10, null);
    expect(chosen?.pods).toBe(2);
    expect(chosen?.estimate.usd).toBeLessThanOrEqual(
      estimate(queue, { speed: 16, basis: 'assumed' }, 1, 1, 240).usd * 1.15,
    );
  });
});
