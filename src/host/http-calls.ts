// Owns the way of a call through HTTP: parameters from path, query and body, parsed by the API table, answered as JSON or as a file.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiName, ApiParams, AppApi } from '../contract/api.ts';
import { parseParams } from '../contract/api-params.ts';
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
  const { download, ...query } = plainQuery(asked.query);
  // Only an export can be had as a file; for any other call it is a parameter that does not exist.
  if (download !== undefined && name !== 'exportJob') query['download'] = download;
  const rest = hasBody(name) ? await readJsonBody(req) : query;
  const params = parseParams(name, { ...rest, ...ids });

  if (name === 'exportJob' && download === '1') {
    const { filename, mediaType, text, base64 } = await api.call('exportJob', params as ApiParams<'exportJob'>);
    answerBytes(res, 200, base64 === null ? Buffer.from(text) : Buffer.from(base64, 'base64'), {
      'Content-Type': mediaType,
      'Content-Disposition': attachment(filename),
    });
    return;
  }
  answerJson(res, 200, await api.call(name, params));
}

function plainQuery(query: URLSearchParams): Record<string, string> {
  const plain: Record<string, string> = Object.fromEntries(query);
  const twice = Object.keys(plain).find((key) => query.getAll(key).length > 1);
  if (twice !== undefined) throw new AppError('BAD_REQUEST', `${twice}: given more than once.`);
  return plain;
}
