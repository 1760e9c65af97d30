// Owns reading a call that came over a boundary: an unknown name and unknown parameters, held against the API table.

import { API, type ApiName, type ApiParams } from '../contract/api.ts';
import { AppError } from '../contract/errors.ts';

/** Whether a value from outside names a call. Inherited names of objects do not. */
export function isApiName(name: unknown): name is ApiName {
  return typeof name === 'string' && Object.hasOwn(API, name);
}

/**
 * Unknown parameters as the table wants them.
 * @throws AppError BAD_REQUEST with the fields that are wrong.
 */
export function parseParams<Name extends ApiName>(name: Name, params: unknown): ApiParams<Name> {
  const parsed = API[name].params.safeParse(params);
  // The table's union of schemas hides that what one call's schema gives is accepted by the same schema.
  if (parsed.success) return parsed.data as ApiParams<Name>;
  const fields = parsed.error.issues
    .slice(0, 3)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
  throw new AppError('BAD_REQUEST', fields.join('; '), { cause: parsed.error });
}
