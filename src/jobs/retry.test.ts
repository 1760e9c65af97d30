import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../contract/errors.ts';
import { RETRY_DELAYS, retryDelay } from './retry.ts';

describe('retryDelay', () => {
  it('ends for every code', () => {
    for (const code of ERROR_CODES) expect(retryDelay(code, RETRY_DELAYS[code]?.length ?? 0, 0.5)).toBeNull();
  });

  it('stays within a fifth of the delay in the table', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ERROR_CODES),
        fc.nat({ max: 5 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (code, retries, chance) => {
          const planned = RETRY_DELAYS[code]?.[retries];
          const delay = retryDelay(code, retries, chance);
          if (planned === undefined) expect(delay).toBeNull();
          else {
            expect(delay).toBeGreaterThanOrEqual(Math.floor(planned * 0.8));
            expect(delay).toBeLessThanOrEqual(Math.ceil(planned * 1.2));
          }
        },
      ),
    );
  });

  it('never tries again what cannot become better by itself', () => {
    for (const code of [
      'EMPTY_FILE',
      'NO_AUDIO',
      'NOT_A_RECORDING',
      'UNSUPPORTED_MODEL',
      'USER_CANCELED',
      'POISONED',
    ] as const) {
      expect(retryDelay(code, 0, 0)).toBeNull();
    }
  });
});
