// Owns how a browser that was opened by a command gets the token: by a code in the address, good once and not for long. What starts a browser is
// given the address as an argument, and everybody on a computer may read arguments.

import * as z from 'zod';

/** Makes a code; wants the token. */
export const PAGE_CODES_PATH = '/api/page-codes';
/** Gives the token for a code. */
export const PAGE_TOKEN_PATH = '/api/page-token';

export const pageCodeSchema = z.strictObject({ code: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });
export const pageTokenSchema = z.object({ token: z.string().min(1) });
