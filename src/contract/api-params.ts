// Owns reading a call that came from anywhere: an unknown name and unknown parameters, held against the API table.

import { API, type ApiInput, type ApiName, type ApiParams } from './api.ts';
import { AppError } from './errors.ts';

/** Fields that are named in a refusal; more would not be read. */
const NAMED = 3;

/** Whether a value from outside names a call. Inherited names of objects do not. */
export function isApiName(name: unknown): name is ApiName {
  return typeof name === 'string' && Object.hasOwn(API, name);
}

/**
 * Parameters as the table wants them, with its defaults.
 * @throws AppError BAD_REQUEST that names the fields that are wrong, each with its reason
 */
export function parseParams<Name extends ApiName>(name: Name, params: unknown): ApiInput<Name> & ApiParams<Name> {
  const parsed = API[name].params.safeParse(params);
  // The table's union of schemas hides that what one call's schema gives belongs to this call, and is accepted by it again.
  if (parsed.success) return parsed.data as ApiInput<Name> & ApiParams<Name>;
  const fields = parsed.error.issues
    .slice(0, NAMED)
    .map(({ path, message }) => (path.length === 0 ? message : `"${path.join('.')}": ${message}`));
  throw new AppError('BAD_REQUEST', fields.join('; '), { cause: parsed.error });
}
