// Owns the calls about workers, and the one that looks over everything that could be wrong.

import * as z from 'zod';
import { call, idParams, nothing } from './api-call.ts';
import { doctorReportSchema } from './doctor.ts';
import { expectedIdentitySchema } from './identity.ts';
import { workerHistorySchema, workerViewSchema } from './worker-view.ts';

/** A name or a password before the host: neither is sent to a worker, and an address is shown on screens. */
export function hasCredentials(address: string): boolean {
  return /^\s*https?:[/\\]{2}[^/\\?#]*@/i.test(address);
}

const name = z.string().trim().min(1).max(100);
const url = z.url({ protocol: /^https?$/ }).refine((text) => !hasCredentials(text), {
  error: 'The address must have no name and password in it. The token is given by itself.',
});
const token = z.string().min(1).max(4096);

/** What a worker is expected to be, as fields or as the lines that `push_worker.sh` printed; null = nothing of its own. */
const expectation = z
  .object({
    identity: expectedIdentitySchema.nullable().optional(),
    pasted: z.string().min(1).max(100_000).optional(),
  })
  .refine((body) => (body.identity === undefined) !== (body.pasted === undefined), {
    error: 'Give either an identity or what push_worker.sh printed.',
  });

export const WORKER_CALLS = {
  listWorkers: call('GET', '/api/workers', nothing, z.object({ workers: z.array(workerViewSchema) })),
  addWorker: call('POST', '/api/workers', z.object({ name, url, token }), workerViewSchema),
  /** Of a worker that a person added; what is left out stays. */
  editWorker: call(
    'PUT',
    '/api/workers/:id',
    idParams.extend({ name: name.optional(), url: url.optional(), token: token.optional() }),
    workerViewSchema,
  ),
  removeWorker: call('DELETE', '/api/workers/:id', idParams, nothing),
  /** Asks it how it is now, also one that refused the token and is not asked any more by itself; answers with what came of it, after 20 s at most. */
  checkWorker: call('POST', '/api/workers/:id/check', idParams, workerViewSchema),
  /** Gives it no more jobs; those that it has are finished. */
  drainWorker: call('POST', '/api/workers/:id/drain', idParams, workerViewSchema),
  undrainWorker: call('POST', '/api/workers/:id/undrain', idParams, workerViewSchema),
  /** Its states in the last while, newest first. */
  workerHistory: call('GET', '/api/workers/:id/history', idParams, workerHistorySchema),
  /** Asks a worker by address and token without saving anything; the checks come in the order in which they were made. */
  testWorker: call(
    'POST',
    '/api/workers/test',
    z.object({ url, token }),
    z.object({
      ok: z.boolean(),
      checks: z.array(z.object({ name: z.string(), ok: z.boolean(), message: z.string() })),
    }),
  ),
  /** Makes what the worker reports the identity that is expected of it. */
  adoptIdentity: call('POST', '/api/workers/:id/adopt', idParams, workerViewSchema),
  /** Sets what is expected of one worker. */
  expectIdentity: call('POST', '/api/workers/:id/expected', idParams.and(expectation), workerViewSchema),
  /** Sets what is expected of every worker that has no expectation of its own. */
  expectIdentityOfAll: call(
    'POST',
    '/api/workers/expected',
    expectation,
    z.object({ expectedIdentity: expectedIdentitySchema }),
  ),
  /** Looks at everything that may be wrong, with what to do; takes up to half a minute where workers do not answer. */
  doctor: call('GET', '/api/doctor', nothing, doctorReportSchema),
  /** The findings, the state of queue and workers and the last lines of the log as one text, without secrets, names or transcripts. */
  doctorBundle: call('GET', '/api/doctor/bundle', nothing, z.object({ filename: z.string(), text: z.string() })),
} as const;
