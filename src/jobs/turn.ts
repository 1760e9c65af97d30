// Owns whose turn it is among prepared jobs: by position, and where several workers share a batch, its longest recording first.

import type { JobRecord } from './record.ts';

/**
 * The jobs in the order in which they are given out.
 *
 * With one engine the order does not change when all is done, so it is the one that a person sees. With several, a long recording that is
 * begun last keeps one worker busy while the others have nothing to do; the longest first ends at most a third later than the best order
 * there is (Graham's bound). The order of batches, and of jobs that a person moved, is never traded for that: only neighbours of one batch that
 * nobody moved change places, and only those that are prepared, so nothing falls back by more than that window.
 * @param engines how many recordings are computed at the same time
 */
export function turnOrder(jobs: readonly JobRecord[], engines: number): readonly JobRecord[] {
  const order = jobs.toSorted((a, b) => a.position - b.position);
  if (engines < 2) return order;
  const turns: JobRecord[] = [];
  let run: JobRecord[] = [];
  const end = (): void => {
    // A stable sort: equal lengths keep their order. Unknown ones count as the shortest.
    turns.push(...run.sort((a, b) => lengthOf(b) - lengthOf(a)));
    run = [];
  };
  for (const job of order) {
    if (job.moved) {
      end();
      turns.push(job);
      continue;
    }
    if (run[0] !== undefined && run[0].batchId !== job.batchId) end();
    run.push(job);
  }
  end();
  return turns;
}

function lengthOf(job: JobRecord): number {
  return job.source?.durationSec ?? 0;
}
