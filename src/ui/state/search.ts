// Owns asking the engine for words in all transcripts while a person types: one question under way at a time, then the latest one.

import { toAppError } from '../../contract/errors.ts';
import type { UiClient } from '../client/client.ts';
import { explain } from '../strings/texts.ts';
import { type Finding, NO_SEARCH } from './search-slice.ts';
import type { AppStore } from './store.ts';

/** Search as commands. */
export interface Search {
  /** Asks for `query`; what was asked before and is not answered yet is passed over. */
  search(query: string): void;
  /** Asks for the hits after those that are there, if there are more. */
  searchMore(): void;
}

const PAGE = 50;

/** The search of one client and one store. */
export function createSearch(client: UiClient, store: AppStore): Search {
  let busy = false;
  let wanted: string | null = null;
  const patch = (change: Partial<Finding>): void =>
    store.setState(({ finding }) => ({ finding: { ...finding, ...change } }));

  const ask = async (query: string, cursor: string | null): Promise<void> => {
    busy = true;
    try {
      const answer = await client.call('searchTranscripts', {
        query,
        limit: PAGE,
        ...(cursor === null ? {} : { cursor }),
      });
      if (store.getState().finding.query === query) {
        const before = cursor === null ? [] : store.getState().finding.hits;
        const hits = [...before, ...answer.hits];
        patch({ state: 'answered', hits, nextCursor: answer.nextCursor, pending: answer.pending, refusal: null });
      }
    } catch (thrown) {
      if (store.getState().finding.query === query)
        patch({ state: 'refused', refusal: explain(toAppError(thrown).report()) });
    } finally {
      busy = false;
    }
    const next = wanted;
    wanted = null;
    if (next !== null) await ask(next, null);
  };

  return {
    search(query) {
      if (query.trim() === '') {
        wanted = null;
        patch({ ...NO_SEARCH.finding, query });
        return;
      }
      patch({ query, state: 'asking', at: 0 });
      if (busy) wanted = query;
      else void ask(query, null);
    },
    searchMore() {
      const { query, state, nextCursor } = store.getState().finding;
      if (!busy && state === 'answered' && nextCursor !== null) void ask(query, nextCursor);
    },
  };
}
