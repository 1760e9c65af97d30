// Owns the shape of one call in the app's interface: its way in HTTP, its parameters, its result.

import * as z from 'zod';

export interface Call<Params extends z.ZodType, Result extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `:id` is taken from the parameters; the rest is the body (POST, PUT) or the query (GET, DELETE). */
  readonly path: string;
  readonly params: Params;
  readonly result: Result;
}

/** What a call does not know is refused and named: a misspelt option that is passed over is found when the work is done, if ever. */
export function call<Params extends z.ZodType, Result extends z.ZodType>(
  method: Call<Params, Result>['method'],
  path: string,
  params: Params,
  result: Result,
): Call<Params, Result> {
  return { method, path, params: closed(params), result };
}

function closed<Params extends z.ZodType>(params: Params): Params {
  // A closed object takes no other values than an open one that strips; only its type says more than the caller's.
  return params instanceof z.ZodObject ? (params.strict() as z.ZodType as Params) : params;
}

/** The id of what a call is about. */
export const idParams = z.object({ id: z.string().min(1).max(100) });

/** No parameters, or nothing to say. */
export const nothing = z.object({});

/** A yes or no that may come from a query. */
export const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]);

/** A list whose items are words; in a query they stand one after another with commas between. */
export function words<Word extends string>(item: z.ZodType<Word, unknown>) {
  return z.union([
    z.array(item).max(100),
    z
      .string()
      .max(1000)
      .transform((text): unknown[] => text.split(',').map((word) => word.trim()))
      .pipe(z.array(item)),
  ]);
}
