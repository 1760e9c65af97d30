// Owns the English words of the search over all transcripts.

import { plural } from './en-counts.ts';

/** Part of the catalogue. */
export const searchTexts = {
  find: {
    field: 'Search all transcripts',
    hint: 'Words in any transcript',
    help: 'All words in one segment. “In quotes”: exact phrase. Begin*: the beginning of a word.',
    results: 'Results',
    recent: 'Finished transcripts',
    found: (hits: number, more: boolean) => `${plural(hits, 'place', 'places')}${more ? ' and more' : ''}`,
    foundIn: (count: number) => plural(count, 'place', 'places'),
    pending: (count: number) =>
      `${plural(count, 'new transcript is', 'new transcripts are')} not searchable yet. Search again in a moment.`,
    inRecording: (name: string) => `${name}, `,
    nothing: (query: string) => `No transcript contains “${query}”.`,
    nothingMore: 'Try fewer words, or the beginning of one with an asterisk: harb*.',
    none: 'Nothing has been transcribed yet.',
    noneMore: 'Finished transcripts can be searched here, including your corrections.',
    clear: 'Clear the search',
    keys: 'opens and plays from there',
    toQueue: 'To the queue',
  },
} as const;
