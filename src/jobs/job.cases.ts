// Owns what the tests of this room begin from: a job as it is made, and any event that may befall one.

import fc from 'fast-check';
import { ERROR_CODES } from '../contract/errors.ts';
import { JOB_STAGES, WAITING_REASONS } from '../contract/job.ts';
import { DEFAULT_JOB_OPTIONS } from '../contract/options.ts';
import { addedJob, type JobRecord, type PreparedSource } from './record.ts';
import type { JobEvent } from './transition.ts';

export const SOURCE: PreparedSource = {
  sizeBytes: 1_000,
  mtimeMs: 1,
  sha256: 'a'.repeat(64),
  contentType: 'audio/wav',
  durationSec: 30,
};

/** A job that was just added. */
export const ADDED: JobRecord = addedJob({
  id: 'job',
  batchId: 'batch',
  position: 1,
  name: 'a.wav',
  sourcePath: '/recordings/a.wav',
  options: DEFAULT_JOB_OPTIONS,
  createdAt: 100,
});

const chance = fc.double({ min: 0, max: 0.999, noNaN: true });
const error = fc.record({ code: fc.constantFrom(...ERROR_CODES), message: fc.string({ maxLength: 5 }) });
const reason = fc.constantFrom(...WAITING_REASONS);
const until = fc.option(fc.nat());
const message = fc.constantFrom('', 'why');
const workerId = fc.constantFrom('w1', 'w2');
const sha256 = fc.constantFrom('1'.repeat(64), '2'.repeat(64));

function of<Type extends JobEvent['type']>(type: Type): { readonly type: fc.Arbitrary<Type> } {
  return { type: fc.constant(type) };
}

/** Any event, the usual ones more often; those of an attempt are about one of the numbers that `attempt` gives. */
export function anyEvent(attempt: fc.Arbitrary<number>): fc.Arbitrary<JobEvent> {
  const usual = 6;
  return fc.oneof(
    { weight: usual, arbitrary: fc.record({ ...of('prepare_started') }) },
    { weight: usual, arbitrary: fc.record({ ...of('prepared'), source: fc.constant(SOURCE) }) },
    { weight: usual, arbitrary: fc.record({ ...of('attempt_opened'), workerId }) },
    { weight: 3 * usual, arbitrary: fc.oneof(...attemptEvents(attempt)) },
    { weight: usual, arbitrary: fc.record({ ...of('outputs_written') }) },
    { weight: usual, arbitrary: fc.record({ ...of('wake') }) },
    { weight: usual, arbitrary: fc.record({ ...of('retry') }) },
    { weight: 1, arbitrary: fc.record({ ...of('model_chosen'), model: fc.constantFrom('small', 'large-v3') }) },
    { weight: 1, arbitrary: fc.record({ ...of('channels_separated') }) },
    { weight: 1, arbitrary: fc.record({ ...of('located'), path: fc.constant('/elsewhere/a.wav'), mtimeMs: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ ...of('outputs_failed'), error }) },
    { weight: 1, arbitrary: fc.record({ ...of('prepare_failed'), error }) },
    { weight: 1, arbitrary: fc.record({ ...of('wait'), reason, until, message }) },
    { weight: 1, arbitrary: fc.record({ ...of('cancel') }) },
  );
}

/** Everything that is said by or about a worker's attempt. */
export function attemptEvents(attempt: fc.Arbitrary<number>): fc.Arbitrary<JobEvent>[] {
  return [
    fc.record({ ...of('attempt_accepted'), attempt, workerJobId: fc.constant('wk_1'), bootId: fc.constant('boot') }),
    fc.record({ ...of('attempt_stage'), attempt, stage: fc.constantFrom(...JOB_STAGES) }),
    fc.record({ ...of('attempt_declined'), attempt, reason, until, message }),
    fc.record({ ...of('attempt_failed'), attempt, error, chance }),
    fc.record({ ...of('attempt_lost'), attempt, error, workerDied: fc.boolean(), chance }),
    fc.record({ ...of('delivered'), attempt, sha256 }),
  ];
}
