// Owns the command `search`: words in all transcripts, each hit with its time.

import type { GlobalOptions } from './engine-access.ts';
import { withEngine } from './engine-access.ts';
import { printable } from './terminal-text.ts';

/** Exit codes, as of grep: found; nothing found. */
const EXIT = { found: 0, nothing: 1 } as const;

export async function search(words: string[], options: GlobalOptions & { readonly limit: number }): Promise<number> {
  let left = options.limit;
  let cursor: string | undefined;
  await withEngine(options, async (api) => {
    do {
      const { hits, nextCursor, pending } = await api.call('searchTranscripts', {
        query: words.join(' '),
        limit: Math.min(left, 100),
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const hit of hits)
        process.stdout.write(
          options.json
            ? `${JSON.stringify(hit)}\n`
            : `${hit.jobId}  ${time(hit.start)}  ${printable(hit.name)}: ${printable(hit.snippet)}\n`,
        );
      // Beside the hits, so that whoever reads those is not in the way of it.
      if (pending > 0 && cursor === undefined)
        process.stderr.write(`Not searchable yet: ${pending === 1 ? '1 transcript' : `${pending} transcripts`}.\n`);
      left -= hits.length;
      cursor = hits.length === 0 ? undefined : (nextCursor ?? undefined);
    } while (cursor !== undefined && left > 0);
    if (cursor !== undefined)
      process.stderr.write(`There may be more than these ${options.limit}: --limit says how many are shown.\n`);
    if (left === options.limit && options.json !== true)
      process.stderr.write('Nothing was found. All words must be in one line; tech* finds how a word begins.\n');
  });
  return left < options.limit ? EXIT.found : EXIT.nothing;
}

function time(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${Math.floor(whole / 3600)}:${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
}
