// Owns the German words of the search over all transcripts.

import { plural } from './de-counts.ts';
import type { searchTexts } from './en-search.ts';
import type { Words } from './texts.ts';

export const deSearch: Words<typeof searchTexts> = {
  find: {
    field: 'Alle Transkripte durchsuchen',
    hint: 'Wörter in einem Transkript',
    help: 'Alle Wörter in einem Abschnitt. „In Anführung“: in dieser Folge. Anfang*: der Anfang eines Wortes.',
    results: 'Fundstellen',
    recent: 'Fertige Transkripte',
    found: (hits, more) => `${plural(hits, 'Stelle', 'Stellen')}${more ? ' und mehr' : ''}`,
    foundIn: (count) => plural(count, 'Stelle', 'Stellen'),
    pending: (count) =>
      `${plural(count, 'neues Transkript ist', 'neue Transkripte sind')} noch nicht durchsuchbar. Suche gleich noch einmal.`,
    inRecording: (name) => `${name}, `,
    nothing: (query) => `In keinem Transkript steht „${query}“.`,
    nothingMore: 'Nimm weniger Wörter, oder den Anfang von einem mit Stern: hafen*.',
    none: 'Noch ist nichts transkribiert.',
    noneMore: 'Was fertig ist, lässt sich hier durchsuchen, mit jeder Berichtigung.',
    clear: 'Suche leeren',
    keys: 'öffnet und spielt ab dort',
    toQueue: 'Zur Warteschlange',
  },
};
