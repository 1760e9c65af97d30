// Owns what is said of whose time a pod's is: what decides about pods tells it, what writes down their cost needs it.

import type { QueuedJob } from '../controller/pod-ports.ts';

/** A job for which a pod worked. */
export type WorkedFor = Pick<QueuedJob, 'id' | 'batchId'>;

/** Whose time a pod's is now: ids of batches, one entry a job, and of jobs; none where it is nobody's. */
export interface WorksFor {
  readonly batches: readonly string[];
  readonly jobs: readonly string[];
}
