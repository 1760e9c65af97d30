// Owns the commands that look at jobs: the list, and a transcript in a format.

import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ApiParams, AppApi } from '../../contract/api.ts';
import { parseParams } from '../../contract/api-params.ts';
import { explain } from '../../contract/errors.ts';
import type { JobState, JobView } from '../../contract/job.ts';
import type { ExportFormat } from '../../contract/options.ts';
import { exportError } from '../file-placing.ts';
import type { GlobalOptions } from './engine-access.ts';
import { withEngine } from './engine-access.ts';
import type { StyleOptions } from './export-style.ts';
import { styleOf } from './export-style.ts';
import { printable } from './terminal-text.ts';

/** Prints the queue, newest batch first. */
export async function listJobs(
  options: GlobalOptions & {
    readonly state?: JobState[];
    readonly batch?: string;
    readonly search?: string;
    readonly order?: string;
  },
): Promise<number> {
  const filter = apiParams(options);
  await withEngine(options, async (api) => {
    for await (const job of everyJob(api, filter))
      process.stdout.write(options.json ? `${JSON.stringify(job)}\n` : `${jobLine(job)}\n`);
  });
  return 0;
}

function apiParams({ state, batch, search, order }: Parameters<typeof listJobs>[0]): ApiParams<'listJobs'> {
  return parseParams('listJobs', {
    ...(state === undefined ? {} : { states: state }),
    ...(batch === undefined ? {} : { batchId: batch }),
    ...(search === undefined ? {} : { search }),
    ...(order === undefined ? {} : { order }),
  });
}

/** Every job that a filter lets through, page by page. */
export async function* everyJob(api: AppApi, filter: ApiParams<'listJobs'>): AsyncGenerator<JobView> {
  let cursor: string | undefined;
  do {
    const page = await api.call('listJobs', { ...filter, cursor, limit: 500 });
    yield* page.jobs;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

function jobLine(job: JobView): string {
  const what =
    job.error !== null && job.state === 'failed' ? explain(job.error).what : (job.waiting?.message ?? job.stage ?? '');
  return `${job.id}  ${job.state.padEnd(11)}  ${printable(job.name)}${what === '' ? '' : `  (${what})`}`;
}

/** Prints or writes a transcript. */
export async function exportJob(
  id: string,
  options: GlobalOptions & StyleOptions & { readonly format: ExportFormat; readonly out?: string },
): Promise<number> {
  const asked = { id, format: options.format, ...styleOf(options) };
  const exported = await withEngine(options, (api) => api.call('exportJob', asked));
  const { text, base64 } = exported;
  const bytes = base64 === null ? Buffer.from(text) : Buffer.from(base64, 'base64');
  if (options.out !== undefined) {
    const file = resolve(options.out);
    await writeExported(file, bytes);
    if (options.json) process.stdout.write(`${JSON.stringify({ file })}\n`);
  } else process.stdout.write(options.json ? `${JSON.stringify(exported)}\n` : bytes);
  return 0;
}

async function writeExported(file: string, bytes: Buffer): Promise<void> {
  try {
    await writeFile(file, bytes);
  } catch (thrown) {
    throw exportError(file, thrown);
  }
}
