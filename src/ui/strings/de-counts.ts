// Owns how German counts.

export const plural = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('de')} ${count === 1 ? one : many}`;
export const recordings = (count: number): string => plural(count, 'Aufnahme', 'Aufnahmen');

const ORDINALS = ['erste', 'zweite', 'dritte', 'vierte', 'fünfte', 'sechste', 'siebte', 'achte', 'neunte', 'zehnte'];
/** `erste`, `zweite`, … `Nummer 14`. From 0. */
export const ordinal = (rank: number): string => ORDINALS[rank] ?? `Nummer ${(rank + 1).toLocaleString('de')}`;
