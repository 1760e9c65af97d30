// Owns the client over loopback HTTP: every call by the API table, events by a fetched stream, uploads with progress.

import { API, type ApiName, type ApiParams, type ApiResult } from '../../contract/api.ts';
import { AppError } from '../../contract/errors.ts';
import { t } from '../strings/texts.ts';
import { connectionSource, type UiClient } from './client.ts';
import { followEvents } from './event-stream.ts';
import { refusal } from './refusal.ts';
import { uploadFile } from './upload.ts';

/** Where the engine is and with which right it is asked. */
export interface HttpClientOptions {
  /** Ends in a slash; the API's paths are laid under it. */
  readonly baseUrl: string;
  readonly token: string;
  /** How to wait before connecting anew; a test gives its own. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The engine behind `bulk-transcribe serve`. */
export function createHttpClient({ baseUrl, token, wait = sleep }: HttpClientOptions): UiClient {
  const connection = connectionSource();
  const headers = { authorization: `Bearer ${token}` };
  const address = (path: string): string => baseUrl + path.replace(/^\//, '');

  return {
    desktop: null,
    platform: 'browser',
    async call(name, params) {
      const { method, path } = API[name];
      const request = fillPath(path, params);
      const sendsBody = method === 'POST' || method === 'PUT';
      const query = sendsBody ? '' : queryOf(request.rest);
      const response = await reach(() =>
        fetch(address(request.path) + query, {
          method,
          headers: sendsBody ? { ...headers, 'content-type': 'application/json' } : headers,
          ...(sendsBody ? { body: JSON.stringify(request.rest) } : {}),
        }),
      );
      const text = await reach(() => response.text());
      if (!response.ok) {
        if (response.status === 401) connection.set('unauthorized');
        throw refusal(response.status, text);
      }
      return parseResult(name, text);
    },
    subscribe(listener) {
      const stop = new AbortController();
      void followEvents(
        {
          open: (signal) =>
            fetch(address('/api/events'), { headers: { ...headers, accept: 'text/event-stream' }, signal }),
          onEvent: listener,
          onConnection: connection.set,
          wait,
        },
        stop.signal,
      );
      return () => stop.abort();
    },
    upload: (file, watch) => uploadFile({ url: address('/api/uploads'), token }, file, watch),
    watchConnection: connection.watch,
  };
}

/** Puts `:id` and its like into the path; what is not named there is left for the body or the query. */
function fillPath<Name extends ApiName>(
  path: string,
  params: ApiParams<Name>,
): { path: string; rest: Record<string, unknown> } {
  const rest: Record<string, unknown> = { ...params };
  const filled = path.replace(/:(\w+)/g, (_whole, key: string) => {
    const value = rest[key];
    delete rest[key];
    return encodeURIComponent(String(value));
  });
  return { path: filled, rest };
}

function queryOf(rest: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(rest)) {
    if (value !== undefined) query.set(key, String(value));
  }
  return query.size === 0 ? '' : `?${query}`;
}

async function reach<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (thrown) {
    throw new AppError('INTERNAL', t.errors.noAnswer, { cause: thrown });
  }
}

function parseResult<Name extends ApiName>(name: Name, text: string): ApiResult<Name> {
  try {
    // The table joins each name to its schema, which the compiler cannot follow through an index.
    return API[name].result.parse(text === '' ? {} : JSON.parse(text)) as ApiResult<Name>;
  } catch (thrown) {
    throw new AppError('INTERNAL', t.errors.strangeAnswer, { cause: thrown });
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
