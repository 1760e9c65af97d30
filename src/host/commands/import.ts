// Owns the command `import`: a transcript that another program made becomes a job that can be corrected, searched and exported.

import { resolve } from 'node:path';
import type { GlobalOptions } from './engine-access.ts';
import { withEngine } from './engine-access.ts';
import { printable } from './terminal-text.ts';

/** Prints the id of the job that was made, or with `--json` the job. */
export async function importTranscript(
  path: string,
  options: GlobalOptions & { readonly recording?: string },
): Promise<number> {
  const job = await withEngine(options, (api) =>
    api.call('importTranscript', {
      path: resolve(path),
      ...(options.recording === undefined ? {} : { recording: resolve(options.recording) }),
    }),
  );
  process.stdout.write(options.json ? `${JSON.stringify(job)}\n` : `${job.id}  ${printable(job.name)}\n`);
  return 0;
}
