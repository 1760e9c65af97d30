// Owns the commands that look at the queue or change one job: jobs, cancel, retry, export.

import { writeFile } from 'node:fs/promises';
import type { AppApi } from '../../contract/api.ts';
import { AppError, explain } from '../../contract/errors.ts';
import type { JobView } from '../../contract/job.ts';
import { jobStateSchema } from '../../contract/job.ts';
import type { ExportFormat } from '../../contract/options.ts';
import type { GlobalOptions } from './engine-access.ts';
import { withEngine } from './engine-access.ts';

/** Prints the queue, newest batch first. */
export async function listJobs(options: GlobalOptions & { readonly state?: string }): Promise<number> {
  const state = jobStateSchema.optional().safeParse(options.state);
  if (!state.success)
    throw new AppError('BAD_REQUEST', `"${options.state}" is none of ${jobStateSchema.options.join(', ')}.`);
  await withEngine(options, async (api) => {
    for await (const job of everyJob(api, state.data))
      process.stdout.write(options.json ? `${JSON.stringify(job)}\n` : `${jobLine(job)}\n`);
  });
  return 0;
}

async function* everyJob(api: AppApi, state: JobView['state'] | undefined): AsyncGenerator<JobView> {
  let cursor: string | undefined;
  do {
    const page = await api.call('listJobs', { state, cursor, limit: 500 });
    yield* page.jobs;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

function jobLine(job: JobView): string {
  const what =
    job.error !== null && job.state === 'failed' ? explain(job.error).what : (job.waiting?.message ?? job.stage ?? '');
  return `${job.id}  ${job.state.padEnd(11)}  ${job.name}${what === '' ? '' : `  (${what})`}`;
}

/** Cancels or retries the job `id`. */
export function changeJob(name: 'cancelJob' | 'retryJob'): (id: string, options: GlobalOptions) => Promise<number> {
  return async (id, options) => {
    const job = await withEngine(options, (api) => api.call(name, { id }));
    process.stdout.write(options.json ? `${JSON.stringify(job)}\n` : `${jobLine(job)}\n`);
    return 0;
  };
}

/** Prints or writes a transcript. */
export async function exportJob(
  id: string,
  options: GlobalOptions & { readonly format: ExportFormat; readonly out?: string },
): Promise<number> {
  const { text, base64 } = await withEngine(options, (api) => api.call('exportJob', { id, format: options.format }));
  const bytes = base64 === null ? Buffer.from(text) : Buffer.from(base64, 'base64');
  if (options.out === undefined) process.stdout.write(bytes);
  else await writeFile(options.out, bytes);
  return 0;
}
