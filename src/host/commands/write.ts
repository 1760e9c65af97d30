// Owns the command `write`: the files of finished jobs anew, with all corrections, as they were or in other formats; no worker is needed.

import { resolve } from 'node:path';
import type { AppApi } from '../../contract/api.ts';
import type { ErrorReport } from '../../contract/errors.ts';
import { AppError, explain, toAppError } from '../../contract/errors.ts';
import type { KeptFile, OutputFile } from '../../contract/job.ts';
import type { ExportFormat } from '../../contract/options.ts';
import type { GlobalOptions } from './engine-access.ts';
import { withEngine } from './engine-access.ts';
import type { StyleOptions } from './export-style.ts';
import { styleOf } from './export-style.ts';
import { everyJob } from './jobs.ts';
import { refuseUnwritable } from './named-paths.ts';
import { printable } from './terminal-text.ts';

export interface WriteOptions extends GlobalOptions, StyleOptions {
  readonly batch?: string;
  readonly all?: boolean;
  readonly formats?: ExportFormat[];
  readonly out?: string;
}

/** Exit codes: every file was written; some were not. */
const EXIT = { written: 0, notAll: 1 } as const;

/** Writes the files of the jobs that are named, or of all in a batch or in the queue that have a transcript. */
export async function writeFiles(ids: readonly string[], options: WriteOptions): Promise<number> {
  if ([ids.length > 0, options.batch !== undefined, options.all === true].filter((is) => is).length !== 1)
    throw new AppError('BAD_REQUEST', 'Name either ids, or a batch with --batch ID, or all with --all.');
  if (options.out !== undefined) await refuseUnwritable(options.out);
  return withEngine(options, async (api) => {
    let written = 0;
    let refused = 0;
    for (const id of ids.length > 0 ? ids : await withTranscript(api, options.batch)) {
      try {
        const { outputs, kept = [] } = await api.call('writeExports', {
          id,
          ...(options.formats === undefined ? {} : { formats: options.formats }),
          ...(options.out === undefined ? {} : { outDir: resolve(options.out) }),
          ...styleOf(options),
        });
        written += 1;
        say(options, id, outputs, kept);
      } catch (thrown) {
        refused += 1;
        complain(options, id, toAppError(thrown).report());
      }
    }
    if (options.json !== true && written + refused !== 1)
      process.stdout.write(`${written} of ${written + refused} transcripts written.\n`);
    return refused === 0 ? EXIT.written : EXIT.notAll;
  });
}

async function withTranscript(api: AppApi, batch: string | undefined): Promise<readonly string[]> {
  if (batch !== undefined) await api.call('getBatch', { id: batch });
  const ids: string[] = [];
  for await (const job of everyJob(api, batch === undefined ? {} : { batchId: batch }))
    if (job.hasTranscript) ids.push(job.id);
  return ids;
}

function say({ json }: WriteOptions, id: string, outputs: readonly OutputFile[], kept: readonly KeptFile[]): void {
  if (json) process.stdout.write(`${JSON.stringify({ id, outputs, ...(kept.length === 0 ? {} : { kept }) })}\n`);
  else {
    for (const { path } of outputs) process.stdout.write(`${printable(path)}\n`);
    for (const file of kept) process.stderr.write(`${printable(keptInWords(file))}\n`);
  }
}

function keptInWords({ path, reason, newPath }: KeptFile): string {
  const why =
    reason === 'changed'
      ? `${path} was changed since it was written and was kept`
      : `${path} may have been changed since an older version of the app wrote it, and was kept`;
  return newPath === null ? `${why}; nothing new was written.` : `${why}; the new one is ${newPath}.`;
}

function complain({ json }: WriteOptions, id: string, error: ErrorReport): void {
  if (json) process.stdout.write(`${JSON.stringify({ id, error })}\n`);
  else process.stderr.write(`${printable(id)}: ${printable(explain(error).what)}\n`);
}
