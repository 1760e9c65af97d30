// Owns the way of a call through HTTP: parameters from path, query and body, parsed by the API table, answered as JSON or as a file.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { API, type ApiName, type ApiParams, type AppApi } from '../contract/api.ts';
import { hasBody } from '../contract/api-request.ts';
import { AppError } from '../contract/errors.ts';
import { answerBytes, answerJson, attachment } from './http-answer.ts';
import { readJsonBody } from './http-body.ts';

export interface Asked {
  readonly name: ApiName;
  readonly ids: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

/**
 * Makes the call and answers it.
 * @throws AppError BAD_REQUEST naming the field that is wrong, or whatever the engine refuses with; nothing is answered then.
 */
export async function answerCall(api: AppApi, asked: Asked, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { name, ids } = asked;
  const query = plainQuery(asked.query);
  const rest = hasBody(name) ? await readJsonBody(req) : query;
  const params = parseParams(name, { ...rest, ...ids });

  if (name === 'exportJob' && query['download'] === '1') {
    const { filename, mediaType, text } = await api.call('exportJob', params as ApiParams<'exportJob'>);
    answerBytes(res, 200, Buffer.from(text), {
      'Content-Type': mediaType,
      'Content-Disposition': attachment(filename),
    });
    return;
  }
  answerJson(res, 200, await api.call(name, params));
}

/**
 * Unknown parameters as the table wants them. Shared by every boundary that carries calls.
 * @throws AppError BAD_REQUEST with the fields that are wrong.
 */
export function parseParams<Name extends ApiName>(name: Name, params: unknown): ApiParams<Name> {
  const parsed = API[name].params.safeParse(params);
  // The table's union of schemas hides that the output of one call's schema is accepted by the same schema.
  if (parsed.success) return parsed.data as ApiParams<Name>;
  const fields = parsed.error.issues
    .slice(0, 3)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
  throw new AppError('BAD_REQUEST', fields.join('; '), { cause: parsed.error });
}

function plainQuery(query: URLSearchParams): Record<string, string> {
  const plain: Record<string, string> = Object.fromEntries(query);
  const twice = Object.keys(plain).find((key) => query.getAll(key).length > 1);
  if (twice !== undefined) throw new AppError('BAD_REQUEST', `${twice}: given more than once.`);
  return plain;
}
