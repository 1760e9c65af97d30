import { expect, it } from 'vitest';
import { AppError, ERROR_ADVICE, type ErrorCode } from '../contract/errors.ts';
import { statusOf } from './http-answer.ts';

it('calls nothing a failure of the engine that a person or somebody else’s service has to mend', () => {
  const codes = Object.keys(ERROR_ADVICE) as ErrorCode[];
  const rented = codes.filter((code) => code.startsWith('PODS_'));
  expect(rented.length).toBeGreaterThan(10);
  for (const code of [...rented, 'POD_CAP_REACHED', 'EXPORT_FAILED'] as ErrorCode[])
    expect([code, statusOf(new AppError(code))]).not.toEqual([code, 500]);
  expect(statusOf(new AppError('INTERNAL'))).toBe(500);
  expect(statusOf(new AppError('PODS_NO_KEY'))).toBe(409);
});
