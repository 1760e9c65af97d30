// Owns the English words of the search over all transcripts.

import { plural } from './en-counts.ts';

/** Part of the catalogue. */
export const searchTexts = {
  find: {
    field: 'Search all transcripts',
    hint: 'Words in any transcript',
    help: 'All words in one segment. “In quotes”: in this order. Begin*: the beginning of a word.',
    results: 'Results',
    recent: 'Finished transcripts',
    found: (hits: number, more: boolean) => `${plural(hits, 'place', 'places')}${more ? ' and more' : ''}`,
    foundIn: (count: number) => plural(count, 'place', 'places'),
    inRecording: (name: string) => `${name}, `,
    nothing: (query: string) => `No transcript has “${query}”.`,
    nothingMore: 'Try fewer words, or the beginning of one with a star: harb*.',
    none: 'Nothing is transcribed yet.',
    noneMore: 'What is done can be searched here, with every correction.',
    clear: 'Clear the search',
    keys: 'opens and plays from there',
    toQueue: 'To the queue',
  },
} as const;
