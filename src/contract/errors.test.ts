import { describe, expect, it } from 'vitest';
import { AppError, ERROR_ADVICE, ERROR_CODES, errorReportSchema, explain, toAppError } from './errors.ts';

describe('the table of errors', () => {
  it.each(ERROR_CODES)('says what happened, what was lost and what to do: %s', (code) => {
    for (const sentence of Object.values(ERROR_ADVICE[code])) expect(sentence).toMatch(/^[A-Z].*[.]$/);
    expect(Object.keys(ERROR_ADVICE[code])).toEqual(['what', 'lost', 'todo']);
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
  });

  it('keeps the names of the predecessor', () => {
    const deployed =
      'REMOTE_WORKER_UNREACHABLE REMOTE_WORKER_UNAUTHORIZED REMOTE_WORKER_TIMEOUT REMOTE_WORKER_CAPACITY REMOTE_DISPATCH_FAILED REMOTE_JOB_NOT_FOUND REMOTE_FAILED UNSUPPORTED_MODEL USER_CANCELED';
    expect(ERROR_CODES).toEqual(expect.arrayContaining(deployed.split(' ')));
  });
});

describe('AppError', () => {
  it('says what its code says unless it knows better', () => {
    expect(new AppError('NO_AUDIO').message).toBe(ERROR_ADVICE.NO_AUDIO.what);
    const cause = new Error('inner');
    const error = new AppError('NO_AUDIO', 'a.mp4 holds no sound.', { cause });
    expect(error.cause).toBe(cause);
    expect(errorReportSchema.parse(error.report())).toEqual({ code: 'NO_AUDIO', message: 'a.mp4 holds no sound.' });
    expect(explain(error.report())).toEqual({ ...ERROR_ADVICE.NO_AUDIO, what: 'a.mp4 holds no sound.' });
    expect(explain({ code: 'POISONED', message: '' }).what).toBe(ERROR_ADVICE.POISONED.what);
  });

  it('is made of whatever was thrown', () => {
    const ours = new AppError('CONFLICT');
    expect(toAppError(ours, 'INTERNAL')).toBe(ours);
    const thrown = new TypeError('x is undefined');
    expect(toAppError(thrown)).toMatchObject({ code: 'INTERNAL', cause: thrown });
    expect(toAppError('text', 'EXPORT_FAILED').message).toContain('text');
    expect(toAppError(undefined)).toBeInstanceOf(AppError);
  });
});
