// Owns searching all transcripts on disk.

import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import type { SearchResult } from '../contract/search.ts';
import type { RowsOf, SearchQuery, SearchStore } from '../controller/transcript-ports.ts';
import { parseRow } from './row.ts';
import { matchExpression } from './search-query.ts';
import { nextPending, pendingCount, takeIn } from './search-rows.ts';
import { snippetOf } from './search-snippet.ts';
import { sqlite } from './sqlite-errors.ts';

const hitRow = z.object({
  id: z.number().int(),
  jobId: z.string(),
  name: z.string(),
  segment: z.string(),
  start: z.number(),
  marked: z.string(),
});

/** {@link SearchStore} in SQLite (FTS5). */
export class SqliteSearchStore implements SearchStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  search({ query, limit, cursor }: SearchQuery): Omit<SearchResult, 'pending'> {
    const match = matchExpression(query);
    if (match === null) return { hits: [], nextCursor: null };
    const rows = sqlite(() =>
      this.#db
        .prepare(
          `select rows.id as id, rows.job_id as jobId, jobs.name as name, rows.key as segment, rows.start as start,
           highlight(search, 0, char(1), char(2)) as marked
           from search join search_segments as rows on rows.id = search.rowid join jobs on jobs.id = rows.job_id
           where search match @match and search.rowid > @after order by search.rowid limit @limit`,
        )
        .all({ match, after: Number(cursor ?? Number.MIN_SAFE_INTEGER), limit: limit + 1 }),
    ).map((row) => parseRow('search_segments', hitRow, row));
    const page = rows.slice(0, limit);
    return {
      hits: page.map(({ id: _, marked, ...hit }) => ({ ...hit, ...snippetOf(marked) })),
      nextCursor: rows.length > limit ? String(page.at(-1)?.id) : null,
    };
  }

  pending(): number {
    return sqlite(() => pendingCount(this.#db));
  }

  takeIn(segments: number, passed: Set<string>, rowsOf: RowsOf): boolean {
    const turn = (): boolean => {
      let left = segments;
      let pending = nextPending(this.#db, [...passed]);
      while (pending !== null && left > 0) {
        const rows = rowsOf(pending.jobId, pending.taken);
        if (rows === null) passed.add(pending.jobId);
        // One without any counts too: it has cost a look.
        else left -= Math.max(1, takeIn(this.#db, pending, rows, left));
        pending = nextPending(this.#db, [...passed]);
      }
      return pending !== null;
    };
    return sqlite(() => this.#db.transaction(turn).immediate());
  }
}
