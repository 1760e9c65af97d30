// Owns the search over all transcripts as the person left it: what was typed, what was found so far, and where they stand in it.

import type { ErrorAdvice } from '../../contract/error-advice.ts';
import type { SearchHit } from '../../contract/search.ts';

/** What is known of the answer to `query`. While it is `asking`, `hits` are those of the question before. */
export interface Finding {
  readonly query: string;
  readonly state: 'idle' | 'asking' | 'answered' | 'refused';
  readonly hits: readonly SearchHit[];
  readonly nextCursor: string | null;
  /** Transcripts that could not be found yet when it was answered. */
  readonly pending: number;
  readonly refusal: ErrorAdvice | null;
  /** Index of the entry that Enter opens. */
  readonly at: number;
}

/** The search's part of the state. */
export interface SearchFacts {
  readonly finding: Finding;
}

export const NO_SEARCH: SearchFacts = {
  finding: { query: '', state: 'idle', hits: [], nextCursor: null, pending: 0, refusal: null, at: 0 },
};
