// Owns turning a refused HTTP answer into the app's one error class.

import { apiErrorSchema } from '../../contract/api.ts';
import { AppError, type ErrorCode } from '../../contract/errors.ts';
import { t } from '../strings/texts.ts';

const CODE_BY_STATUS: ReadonlyMap<number, ErrorCode> = new Map([
  [400, 'BAD_REQUEST'],
  [401, 'UNAUTHORIZED'],
  [403, 'FORBIDDEN'],
  [404, 'NOT_FOUND'],
  [409, 'CONFLICT'],
  [413, 'TOO_LARGE'],
]);

/** The error that the engine meant; where its body says nothing, the status decides. */
export function refusal(status: number, body: string): AppError {
  try {
    const parsed = apiErrorSchema.safeParse(JSON.parse(body));
    if (parsed.success) return new AppError(parsed.data.code, parsed.data.error);
  } catch {
    // Not JSON: something other than the engine answered, and the status is all there is.
  }
  const code = CODE_BY_STATUS.get(status);
  return code === undefined ? new AppError('INTERNAL', t.errors.httpStatus(status)) : new AppError(code);
}
