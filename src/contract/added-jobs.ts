// Owns how jobs that were added together are told of: what they have in common once, beside it what each has of its own. Ten thousand recordings
// of one folder are then a sixth of the bytes, and a few events instead of ten thousand.

import * as z from 'zod';
import { type JobView, jobViewSchema } from './job.ts';

const OWN = { id: true, position: true, name: true, sourcePath: true } as const;

/** Jobs of one event at most: what a window takes in at once without a pause that is seen. */
export const ADDED_AT_MOST = 1_000;

/** Each of `jobs` with `common` is a job. */
export const addedSchema = z.object({
  type: z.literal('added'),
  common: jobViewSchema.omit(OWN),
  jobs: z.array(jobViewSchema.pick(OWN)).max(ADDED_AT_MOST),
});

export type Added = z.infer<typeof addedSchema>;

/** The jobs that an event `added` tells of. */
export function addedJobs({ common, jobs }: Added): readonly JobView[] {
  return jobs.map((own) => ({ ...common, ...own }));
}

/**
 * The events that tell of new jobs, in their order: a job alone as any change of it, several as `added`.
 * @param jobs of one batch, nothing has happened to any of them yet; where their options are alike they are one object
 */
export function addedEvents(jobs: readonly JobView[]): readonly (Added | { type: 'job'; job: JobView })[] {
  const events: (Added | { type: 'job'; job: JobView })[] = [];
  for (let from = 0; from < jobs.length; ) {
    const [first, ...others] = jobs.slice(from, from + ADDED_AT_MOST);
    if (first === undefined) break;
    const end = others.findIndex(({ options }) => options !== first.options);
    const alike = [first, ...(end < 0 ? others : others.slice(0, end))];
    events.push(alike.length === 1 ? { type: 'job', job: first } : added(first, alike));
    from += alike.length;
  }
  return events;
}

function added(first: JobView, jobs: readonly JobView[]): Added {
  const { id: _id, position: _position, name: _name, sourcePath: _path, ...common } = first;
  return {
    type: 'added',
    common,
    jobs: jobs.map(({ id, position, name, sourcePath }) => ({ id, position, name, sourcePath })),
  };
}
